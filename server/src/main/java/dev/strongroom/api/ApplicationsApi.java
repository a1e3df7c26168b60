package dev.strongroom.api;

import dev.strongroom.identity.Applications;
import dev.strongroom.model.Application;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Applications of the caller's own tenant, below {@code /strongroom/applications} on the management
 * host: an interface of ours, with the member names of Microsoft Graph's application resource.
 *
 * @see <a href="https://learn.microsoft.com/graph/api/resources/application">Microsoft Graph,
 *     application resource type</a>
 */
public final class ApplicationsApi {
  private static final int DEFAULT_SECRET_DAYS = 365;
  private static final String DEFAULT_AUDIENCE = "api://AzureADTokenExchange";

  private final Applications applications;

  public ApplicationsApi(Applications applications) {
    this.applications = applications;
  }

  /** {@code POST .../applications} with {@code displayName}. */
  public Answer create(Call call) {
    ObjectNode body = body(call, Set.of("displayName"));
    return answer(
        201, applications.create(tenant(call), required(body, "displayName"), call.origin()));
  }

  /** {@code GET .../applications}. */
  public Answer list(Call call) {
    List<Application> all = applications.list(tenant(call));
    return Answer.json(
        200,
        Json.write(
            json -> {
              json.writeStartObject();
              each(json, "value", all, ApplicationsApi::write);
              json.writeEndObject();
            }));
  }

  /** {@code GET .../{application}}, by object id or application id. */
  public Answer get(Call call) {
    return answer(200, applications.get(tenant(call), id(call, "application")));
  }

  /** {@code PATCH .../{application}} with {@code accountEnabled}. */
  public Answer update(Call call) {
    JsonNode enabled = body(call, Set.of("accountEnabled")).get("accountEnabled");
    if (enabled == null || !enabled.isBoolean()) {
      throw bad("accountEnabled must be true or false.");
    }
    return answer(
        200,
        applications.setEnabled(
            tenant(call), id(call, "application"), enabled.booleanValue(), call.origin()));
  }

  /**
   * {@code POST .../{application}/secrets} with {@code displayName} and {@code
   * lifetimeDays}, both optional. The answer is the only place where the secret is ever shown.
   */
  public Answer addSecret(Call call) {
    ObjectNode body = body(call, Set.of("displayName", "lifetimeDays"));
    JsonNode days = body.get("lifetimeDays");
    if (days != null && !days.isInt()) {
      throw bad("lifetimeDays must be a whole number.");
    }
    Applications.NewSecret made =
        applications.addSecret(
            tenant(call),
            id(call, "application"),
            optional(body, "displayName").orElse("secret"),
            Duration.ofDays(days == null ? DEFAULT_SECRET_DAYS : days.intValue()),
            call.origin());
    try (SecretBytes text = made.text()) {
      call.note("credentialId", made.entry().keyId().guid());
      byte[] answer =
          Json.write(
              json -> {
                json.writeStartObject();
                members(json, made.entry());
                json.writeStringProperty(
                    "secretText", new String(text.exposed(), StandardCharsets.US_ASCII));
                json.writeEndObject();
              });
      return Answer.json(201, answer).with("Cache-Control", "no-store");
    }
  }

  /** {@code DELETE .../{application}/secrets/{credential}}. */
  public Answer removeSecret(Call call) {
    applications.removeSecret(
        tenant(call), id(call, "application"), id(call, "credential"), call.origin());
    return Answer.empty(204);
  }

  /**
   * {@code POST .../{application}/certificates} with {@code certificate} (PEM, or DER in
   * base64) and, optional, {@code displayName}.
   */
  public Answer addCertificate(Call call) {
    ObjectNode body = body(call, Set.of("displayName", "certificate"));
    String text = required(body, "certificate");
    byte[] certificate;
    if (text.contains("-----BEGIN")) {
      certificate = text.getBytes(StandardCharsets.US_ASCII);
    } else {
      try {
        certificate = Base64.getDecoder().decode(text);
      } catch (IllegalArgumentException e) {
        throw bad("certificate must be PEM, or DER in base64.");
      }
    }
    Application changed =
        applications.addCertificate(
            tenant(call),
            id(call, "application"),
            optional(body, "displayName").orElse("certificate"),
            certificate,
            call.origin());
    return Answer.json(
        201, Json.write(json -> write(json, changed.certificates().getLast())));
  }

  /** {@code DELETE .../{application}/certificates/{credential}}. */
  public Answer removeCertificate(Call call) {
    applications.removeCertificate(
        tenant(call), id(call, "application"), id(call, "credential"), call.origin());
    return Answer.empty(204);
  }

  /**
   * {@code POST .../{application}/federatedCredentials} with {@code issuer}, {@code subject} and,
   * optional, {@code audience} and {@code name}.
   */
  public Answer federate(Call call) {
    ObjectNode body = body(call, Set.of("name", "issuer", "subject", "audience"));
    Application changed =
        applications.federate(
            tenant(call),
            id(call, "application"),
            optional(body, "name").orElse("federation"),
            required(body, "issuer"),
            required(body, "subject"),
            optional(body, "audience").orElse(DEFAULT_AUDIENCE),
            call.origin());
    return Answer.json(201, Json.write(json -> write(json, changed.federations().getLast())));
  }

  /** {@code DELETE .../{application}/federatedCredentials/{credential}}. */
  public Answer removeFederation(Call call) {
    applications.removeFederation(
        tenant(call), id(call, "application"), id(call, "credential"), call.origin());
    return Answer.empty(204);
  }

  private static Answer answer(int status, Application application) {
    return Answer.json(status, Json.write(json -> write(json, application)));
  }

  private static void write(JsonGenerator json, Application application) {
    json.writeStartObject();
    json.writeStringProperty("id", application.objectId().guid());
    json.writeStringProperty("appId", application.appId().guid());
    json.writeStringProperty("tenantId", application.tenant().guid());
    json.writeStringProperty("displayName", application.displayName());
    json.writeBooleanProperty("accountEnabled", application.enabled());
    time(json, "createdDateTime", application.created());
    each(
        json,
        "passwordCredentials",
        application.secrets(),
        (out, secret) -> {
          out.writeStartObject();
          members(out, secret);
          out.writeEndObject();
        });
    each(json, "keyCredentials", application.certificates(), ApplicationsApi::write);
    each(
        json,
        "federatedIdentityCredentials",
        application.federations(),
        ApplicationsApi::write);
    json.writeEndObject();
  }

  private static void members(JsonGenerator json, Application.Secret secret) {
    json.writeStringProperty("keyId", secret.keyId().guid());
    json.writeStringProperty("displayName", secret.displayName());
    json.writeStringProperty("hint", secret.hint());
    time(json, "startDateTime", secret.start());
    time(json, "endDateTime", secret.end());
  }

  private static void write(JsonGenerator json, Application.Certificate certificate) {
    json.writeStartObject();
    json.writeStringProperty("keyId", certificate.keyId().guid());
    json.writeStringProperty("displayName", certificate.displayName());
    json.writeStringProperty("customKeyIdentifier", certificate.sha1());
    json.writeStringProperty("sha256", certificate.sha256());
    time(json, "startDateTime", certificate.notBefore());
    time(json, "endDateTime", certificate.notAfter());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Application.Federation federation) {
    json.writeStartObject();
    json.writeStringProperty("id", federation.id().guid());
    json.writeStringProperty("name", federation.name());
    json.writeStringProperty("issuer", federation.issuer());
    json.writeStringProperty("subject", federation.subject());
    each(json, "audiences", List.of(federation.audience()), JsonGenerator::writeString);
    json.writeEndObject();
  }

  private static void time(JsonGenerator json, String name, Instant time) {
    json.writeStringProperty(name, time.toString());
  }

  private static <T> void each(
      JsonGenerator json, String name, List<T> list, BiConsumer<JsonGenerator, T> write) {
    json.writeArrayPropertyStart(name);
    list.forEach(entry -> write.accept(json, entry));
    json.writeEndArray();
  }

  private static Id tenant(Call call) {
    return call.principal().tenant();
  }

  private static Id id(Call call, String variable) {
    String text = call.variable(variable).orElse("");
    return Id.findGuid(text)
        .orElseThrow(() -> bad("The " + variable + " in the path must be a GUID."));
  }

  private static ObjectNode body(Call call, Set<String> known) {
    ObjectNode body =
        Json.object(call.body(), ErrorCode.ARM_BODY_INVALID, ErrorCode.ARM_BODY_INVALID);
    for (String name : body.propertyNames()) {
      if (!known.contains(name)) {
        throw VaultException.of(
            ErrorCode.ARM_BODY_INVALID, "reason", "a member is not known here");
      }
    }
    return body;
  }

  private static String required(ObjectNode body, String name) {
    return optional(body, name).orElseThrow(() -> bad(name + " is missing."));
  }

  private static Optional<String> optional(ObjectNode body, String name) {
    JsonNode value = body.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw bad(name + " must be a string.");
    }
    return Optional.of(value.stringValue());
  }

  private static VaultException bad(String reason) {
    return VaultException.of(ErrorCode.ARM_BAD_REQUEST, "reason", reason);
  }
}
