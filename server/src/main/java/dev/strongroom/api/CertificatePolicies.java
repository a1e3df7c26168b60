package dev.strongroom.api;

import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.model.X509Properties;
import dev.strongroom.vault.Certificate;
import dev.strongroom.vault.CertificatePolicy;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/** Policies of certificates on the wire. */
final class CertificatePolicies {
  private static final int LONGEST_SUBJECT = 1_024;
  private static final int LONGEST_WORD = 127;

  private CertificatePolicies() {}

  /** What a request says of a policy; of none at all, nothing. */
  static CertificatePolicy.Wanted read(Call call, Optional<Members> policy) {
    Optional<Members> key = policy.flatMap(members -> members.object("key_props"));
    Optional<Members> secret = policy.flatMap(members -> members.object("secret_props"));
    Optional<Members> x509 = policy.flatMap(members -> members.object("x509_props"));
    Optional<Members> constraints = x509.flatMap(members -> members.object("basic_constraints"));
    return new CertificatePolicy.Wanted(
        key.flatMap(members -> word(members, "kty")).map(word -> type(call, key.get(), word)),
        key.flatMap(members -> members.number("key_size")),
        key.flatMap(members -> word(members, "crv"))
            .map(
                word ->
                    Curve.find(word)
                        .filter(known -> call.apiVersion().atLeast(known.first()))
                        .orElseThrow(() -> key.get().invalid("crv"))),
        key.filter(_ -> Since.AKP_ALG.isKnownTo(call.apiVersion()))
            .flatMap(members -> word(members, Since.AKP_ALG.member()))
            .map(
                word ->
                    KeyAlgorithm.find(word)
                        .orElseThrow(() -> key.get().invalid(Since.AKP_ALG.member()))),
        key.flatMap(members -> members.flag("exportable")),
        key.flatMap(members -> members.flag("reuse_key")),
        secret
            .flatMap(members -> word(members, "contentType"))
            .map(
                word ->
                    CertificatePolicy.SecretForm.find(word)
                        .orElseThrow(() -> secret.get().invalid("contentType"))),
        x509.flatMap(members -> members.text("subject", LONGEST_SUBJECT)),
        x509.flatMap(members -> members.texts("ekus")),
        x509.flatMap(members -> members.object("sans")).map(sans -> names(call, sans)),
        x509.flatMap(members -> members.texts("key_usage"))
            .map(words -> words.stream().map(word -> usage(x509.get(), word)).toList()),
        x509.flatMap(members -> members.number("validity_months")),
        constraints.flatMap(members -> members.flag("ca")),
        constraints.flatMap(members -> members.number("path_len_constraint")),
        policy.flatMap(members -> members.objects("lifetime_actions")).map(CertificatePolicies::actions),
        policy.flatMap(members -> members.object("issuer")).flatMap(CertificatePolicies::issuer));
  }

  private static Optional<String> word(Members members, String name) {
    return members.text(name, LONGEST_WORD);
  }

  private static KeyType type(Call call, Members key, String word) {
    KeyType type =
        KeyType.find(word)
            .filter(known -> call.apiVersion().atLeast(known.first()))
            .filter(known -> known.software() != KeyType.OCT)
            .orElseThrow(() -> key.invalid("kty"));
    if (type.isHardware()) {
      throw KeysApi.hardware(call.container());
    }
    return type;
  }

  private static SubjectNames names(Call call, Members sans) {
    return new SubjectNames(
        texts(sans, "emails"),
        texts(sans, "dns_names"),
        texts(sans, "upns"),
        since(call, sans, Since.URIS),
        since(call, sans, Since.IP_ADDRESSES));
  }

  private static List<String> since(Call call, Members sans, Since member) {
    return member.isKnownTo(call.apiVersion()) ? texts(sans, member.member()) : List.of();
  }

  private static List<String> texts(Members members, String name) {
    return members.texts(name).orElse(List.of());
  }

  private static CertificateKeyUsage usage(Members x509, String word) {
    return CertificateKeyUsage.find(word).orElseThrow(() -> x509.invalid("key_usage"));
  }

  private static List<CertificatePolicy.LifetimeAction> actions(List<Members> all) {
    return all.stream()
        .map(
            one -> {
              Members action = one.object("action").orElseThrow(() -> one.invalid("action"));
              Members trigger = one.object("trigger").orElseThrow(() -> one.invalid("trigger"));
              return new CertificatePolicy.LifetimeAction(
                  CertificatePolicy.Action.find(action.required("action_type"))
                      .orElseThrow(() -> action.invalid("action_type")),
                  trigger.number("lifetime_percentage"),
                  trigger.number("days_before_expiry"));
            })
        .toList();
  }

  private static Optional<CertificatePolicy.Issuer> issuer(Members issuer) {
    return word(issuer, "name")
        .filter(name -> !name.isEmpty())
        .map(
            name ->
                new CertificatePolicy.Issuer(
                    name, word(issuer, "cty"), issuer.flag("cert_transparency")));
  }

  /** The members of a policy, its id first. */
  static void write(JsonGenerator out, ApiVersion version, String id, Certificate certificate) {
    CertificatePolicy policy = certificate.policy();
    out.writeStringProperty("id", id);
    key(out, policy.key());
    out.writeObjectPropertyStart("secret_props");
    out.writeStringProperty("contentType", policy.form().wire());
    out.writeEndObject();
    x509(out, version, policy.x509());
    out.writeArrayPropertyStart("lifetime_actions");
    policy.actions().forEach(action -> action(out, action));
    out.writeEndArray();
    out.writeObjectPropertyStart("issuer");
    out.writeStringProperty("name", policy.issuer().name());
    policy.issuer().certificateType().ifPresent(type -> out.writeStringProperty("cty", type));
    policy
        .issuer()
        .transparency()
        .ifPresent(logged -> out.writeBooleanProperty("cert_transparency", logged));
    out.writeEndObject();
    out.writeObjectPropertyStart("attributes");
    out.writeBooleanProperty("enabled", true);
    ObjectWire.seconds(out, "created", certificate.policyCreated());
    ObjectWire.seconds(out, "updated", certificate.policyUpdated());
    out.writeEndObject();
  }

  private static void key(JsonGenerator out, CertificatePolicy.KeyProperties key) {
    out.writeObjectPropertyStart("key_props");
    out.writeBooleanProperty("exportable", key.exportable());
    out.writeStringProperty("kty", key.type().wire());
    if (key.type() != KeyType.AKP) {
      out.writeNumberProperty("key_size", key.bits());
    }
    key.algorithm()
        .ifPresent(
            algorithm -> out.writeStringProperty(Since.AKP_ALG.member(), algorithm.wire()));
    out.writeBooleanProperty("reuse_key", key.reuse());
    key.curve().ifPresent(curve -> out.writeStringProperty("crv", curve.wire()));
    out.writeEndObject();
  }

  private static void x509(JsonGenerator out, ApiVersion version, X509Properties x509) {
    out.writeObjectPropertyStart("x509_props");
    out.writeStringProperty("subject", x509.subject());
    out.writeObjectPropertyStart("sans");
    names(out, "emails", x509.names().emails());
    names(out, "dns_names", x509.names().dnsNames());
    names(out, "upns", x509.names().upns());
    if (Since.URIS.isKnownTo(version)) {
      names(out, Since.URIS.member(), x509.names().uris());
      names(out, Since.IP_ADDRESSES.member(), x509.names().ipAddresses());
    }
    out.writeEndObject();
    texts(out, "ekus", x509.ekus());
    texts(out, "key_usage", x509.keyUsage().stream().map(CertificateKeyUsage::wire).toList());
    out.writeNumberProperty("validity_months", x509.validityMonths());
    out.writeObjectPropertyStart("basic_constraints");
    out.writeBooleanProperty("ca", x509.authority());
    x509.pathLength().ifPresent(length -> out.writeNumberProperty("path_len_constraint", length));
    out.writeEndObject();
    out.writeEndObject();
  }

  private static void names(JsonGenerator out, String member, List<String> names) {
    if (!names.isEmpty()) {
      texts(out, member, names);
    }
  }

  private static void texts(JsonGenerator out, String member, List<String> texts) {
    out.writeArrayPropertyStart(member);
    texts.forEach(out::writeString);
    out.writeEndArray();
  }

  private static void action(JsonGenerator out, CertificatePolicy.LifetimeAction action) {
    out.writeStartObject();
    out.writeObjectPropertyStart("trigger");
    action
        .percentage()
        .ifPresent(part -> out.writeNumberProperty("lifetime_percentage", part));
    action
        .daysBeforeExpiry()
        .ifPresent(days -> out.writeNumberProperty("days_before_expiry", days));
    out.writeEndObject();
    out.writeObjectPropertyStart("action");
    out.writeStringProperty("action_type", action.action().wire());
    out.writeEndObject();
    out.writeEndObject();
  }

  static VaultException invalid(String property) {
    return VaultException.of(ErrorCode.PROPERTY_INVALID, "property", property);
  }
}
