{{- define "strongroom.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- define "strongroom.selector" -}}
app.kubernetes.io/name: strongroom
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "strongroom.labels" -}}
{{ include "strongroom.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
{{- define "strongroom.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}
{{- define "strongroom.container" -}}
env:
  - name: STRONGROOM_NODE
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- toYaml .Values.resources | nindent 2 }}
volumeMounts:
  - name: config
    mountPath: /etc/strongroom
    readOnly: true
  - name: slot
    mountPath: /run/secrets/strongroom/slot
    readOnly: true
  - name: tls
    mountPath: /run/secrets/strongroom/tls
    readOnly: true
  {{- if .Values.postgres.url }}
  - name: postgres
    mountPath: /run/secrets/strongroom/postgres
    readOnly: true
  {{- end }}
  - name: data
    mountPath: /var/lib/strongroom
  - name: tmp
    mountPath: /tmp
{{- end }}
