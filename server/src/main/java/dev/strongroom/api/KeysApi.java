package dev.strongroom.api;

import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.Operation;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import dev.strongroom.model.VaultException;
import dev.strongroom.vault.Key;
import dev.strongroom.vault.KeyChange;
import dev.strongroom.vault.KeyPolicy;
import dev.strongroom.vault.KeyUse;
import dev.strongroom.vault.Keys;
import dev.strongroom.vault.PageTokens;
import dev.strongroom.vault.RotationPolicy;
import dev.strongroom.vault.Span;
import dev.strongroom.vault.VaultObject;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.JsonGenerator;

/**
 * Keys on the wire.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/keys/operation-groups">Key Vault REST
 *     API, keys</a>
 */
public final class KeysApi {
  private static final int LONGEST_TAG = 256;
  private static final int LONGEST_WORD = 64;
  private static final String STANDARD = "standard";
  private static final byte[] NOTHING = new byte[0];

  private final Keys keys;
  private final boolean symmetric;
  private final ObjectWire wire;

  /**
   * @param symmetric whether vaults take keys of type oct, which Azure's do not
   */
  public KeysApi(Keys keys, PageTokens pageTokens, boolean symmetric) {
    this.keys = keys;
    this.symmetric = symmetric;
    this.wire = new ObjectWire(Collection.KEYS, pageTokens);
  }

  public Map<Operation, Handler> handlers() {
    Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);
    handlers.put(Operation.KEY_CREATE, this::create);
    handlers.put(Operation.KEY_IMPORT, this::importKey);
    handlers.put(Operation.KEY_GET, this::get);
    handlers.put(Operation.KEY_UPDATE, this::update);
    handlers.put(Operation.KEY_DELETE, this::delete);
    handlers.put(Operation.KEY_LIST, this::list);
    handlers.put(Operation.KEY_LIST_VERSIONS, this::listVersions);
    handlers.put(Operation.KEY_LIST_DELETED, this::listDeleted);
    handlers.put(Operation.KEY_GET_DELETED, this::getDeleted);
    handlers.put(Operation.KEY_RECOVER, this::recover);
    handlers.put(Operation.KEY_PURGE, this::purge);
    handlers.put(Operation.KEY_BACKUP, this::backup);
    handlers.put(Operation.KEY_RESTORE, this::restore);
    handlers.put(Operation.KEY_ENCRYPT, this::encrypt);
    handlers.put(Operation.KEY_DECRYPT, this::decrypt);
    handlers.put(Operation.KEY_WRAP, this::wrapKey);
    handlers.put(Operation.KEY_UNWRAP, this::unwrapKey);
    handlers.put(Operation.KEY_SIGN, this::sign);
    handlers.put(Operation.KEY_VERIFY, this::verify);
    handlers.put(Operation.KEY_ROTATE, this::rotate);
    handlers.put(Operation.KEY_ROTATION_POLICY_GET, this::rotationPolicy);
    handlers.put(Operation.KEY_ROTATION_POLICY_SET, this::setRotationPolicy);
    handlers.put(Operation.KEY_RELEASE, call -> notPermitted(call, "release"));
    handlers.put(Operation.KEY_GET_ATTESTATION, this::attestation);
    handlers.put(
        Operation.KEY_SECURE_WRAP,
        call -> notPermitted(call, KeyOperation.SECURE_WRAP_KEY.wire()));
    handlers.put(
        Operation.KEY_SECURE_UNWRAP,
        call -> notPermitted(call, KeyOperation.SECURE_UNWRAP_KEY.wire()));
    return handlers;
  }

  Answer create(Call call) {
    Members body = Members.of(call.body());
    KeyType type = type(call, body, "kty");
    KeyChange wanted = change(call, body, body.texts("key_ops"));
    KeySpec spec = spec(call, body, type);
    return bundle(
        call,
        keys.create(call.container(), call.objectName(), spec, wanted, call.origin()));
  }

  Answer importKey(Call call) {
    Members body = Members.of(call.body());
    Members jwk = body.object("key").orElseThrow(() -> invalid("key"));
    if (body.flag("Hsm").or(() -> body.flag("hsm")).orElse(false)
        || jwk.text("key_hsm", Integer.MAX_VALUE).isPresent()) {
      throw hardware(call.container());
    }
    KeyType type = type(call, jwk, "kty");
    KeyChange wanted = change(call, body, jwk.texts("key_ops"));
    try (PrivateJwk brought = privateJwk(call, jwk, type)) {
      return bundle(
          call,
          keys.importJwk(call.container(), call.objectName(), brought, wanted, call.origin()));
    }
  }

  Answer get(Call call) {
    return bundle(call, keys.get(call.container(), call.objectName(), wire.version(call)));
  }

  Answer update(Call call) {
    Members body = Members.of(call.body());
    KeyChange wanted = change(call, body, body.texts("key_ops"));
    return bundle(
        call,
        keys.update(
            call.container(), call.objectName(), wire.version(call), wanted, call.origin()));
  }

  Answer delete(Call call) {
    return deletedBundle(call, keys.delete(call.container(), call.objectName(), call.origin()));
  }

  Answer list(Call call) {
    return wire.names(
        call,
        false,
        (after, limit) -> keys.list(call.container(), after, limit, call.now()),
        Key::object,
        (out, key) -> item(out, call, key, wire.nameUrl(call, key.object())));
  }

  Answer listVersions(Call call) {
    return wire.versions(
        call,
        (after, limit) -> keys.listVersions(call.container(), call.objectName(), after, limit),
        Key::object,
        (out, key) -> item(out, call, key, wire.versionUrl(call, key.object())));
  }

  Answer listDeleted(Call call) {
    return wire.names(
        call,
        true,
        (after, limit) -> keys.listDeleted(call.container(), after, limit, call.now()),
        Key::object,
        (out, key) -> {
          out.writeStartObject();
          wire.deletion(out, call, key.object());
          itemMembers(out, call, key, wire.nameUrl(call, key.object()));
          out.writeEndObject();
        });
  }

  Answer getDeleted(Call call) {
    return deletedBundle(
        call, keys.getDeleted(call.container(), call.objectName(), call.now()));
  }

  Answer recover(Call call) {
    return bundle(call, keys.recover(call.container(), call.objectName(), call.origin()));
  }

  Answer purge(Call call) {
    keys.purge(call.container(), call.objectName(), call.origin());
    return Answer.empty(204);
  }

  Answer backup(Call call) {
    return ObjectWire.blob(keys.backup(call.container(), call.objectName()));
  }

  Answer restore(Call call) {
    return bundle(
        call, keys.restore(call.container(), ObjectWire.blob(call), call.origin()));
  }

  Answer encrypt(Call call) {
    Members body = Members.of(call.body());
    KeyUse use = use(call, algorithm(call, body));
    Optional<byte[]> iv = ifKnown(call, Since.IV).flatMap(body::bytes);
    Optional<byte[]> aad = ifKnown(call, Since.AAD).flatMap(body::bytes);
    try (SecretBytes plain = SecretBytes.taking(body.requiredBytes("value"))) {
      Keys.Used<Ciphertext> used = keys.encrypt(use, plain, iv, aad);
      Ciphertext made = used.result();
      return result(
          call,
          used.key(),
          out -> {
            bytes(out, "value", made.value());
            made.iv().ifPresent(bytes -> bytes(out, Since.IV.member(), bytes));
            made.tag().ifPresent(bytes -> bytes(out, Since.TAG.member(), bytes));
            made.aad().ifPresent(bytes -> bytes(out, Since.AAD.member(), bytes));
          });
    }
  }

  Answer decrypt(Call call) {
    Members body = Members.of(call.body());
    KeyUse use = use(call, algorithm(call, body));
    Ciphertext ciphertext =
        new Ciphertext(
            body.requiredBytes("value"),
            ifKnown(call, Since.IV).flatMap(body::bytes),
            ifKnown(call, Since.TAG).flatMap(body::bytes),
            ifKnown(call, Since.AAD).flatMap(body::bytes));
    return secret(call, keys.decrypt(use, ciphertext));
  }

  Answer wrapKey(Call call) {
    Members body = Members.of(call.body());
    KeyUse use = use(call, algorithm(call, body));
    refuseForWrapping(call, body);
    try (SecretBytes key = SecretBytes.taking(body.requiredBytes("value"))) {
      return value(call, keys.wrapKey(use, key));
    }
  }

  Answer unwrapKey(Call call) {
    Members body = Members.of(call.body());
    KeyUse use = use(call, algorithm(call, body));
    refuseForWrapping(call, body);
    return secret(call, keys.unwrapKey(use, body.requiredBytes("value")));
  }

  Answer sign(Call call) {
    Members body = Members.of(call.body());
    Optional<KeyAlgorithm> algorithm = signatureAlgorithm(call, body);
    return value(
        call, keys.sign(use(call, algorithm), toSign(call, body, algorithm, "value")));
  }

  Answer verify(Call call) {
    Members body = Members.of(call.body());
    Optional<KeyAlgorithm> algorithm = signatureAlgorithm(call, body);
    Keys.Used<Boolean> used =
        keys.verify(
            use(call, algorithm),
            toSign(call, body, algorithm, "digest"),
            body.requiredBytes("value"));
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeBooleanProperty("value", used.result());
              out.writeEndObject();
            }),
        wire.versionUrl(call, used.key()));
  }

  Answer rotate(Call call) {
    return bundle(call, keys.rotate(call.container(), call.objectName(), call.origin()));
  }

  Answer rotationPolicy(Call call) {
    return policy(call, keys.rotationPolicy(call.container(), call.objectName()));
  }

  Answer setRotationPolicy(Call call) {
    RotationPolicy wanted = policy(Members.of(call.body()));
    return policy(
        call,
        keys.setRotationPolicy(call.container(), call.objectName(), wanted, call.origin()));
  }

  /** What needs an exportable or hardware key: there is none, and so no key permits it. */
  private Answer notPermitted(Call call, String operation) {
    keys.get(call.container(), call.objectName(), wire.version(call));
    throw VaultException.of(ErrorCode.KEY_OPERATION_FORBIDDEN, "operation", operation);
  }

  private Answer attestation(Call call) {
    keys.get(call.container(), call.objectName(), wire.version(call));
    throw VaultException.of(ErrorCode.OPERATION_NOT_ENABLED, "operation", "attestation");
  }

  // requests

  private KeyType type(Call call, Members body, String member) {
    KeyType type =
        KeyType.find(body.required(member))
            .filter(known -> call.apiVersion().atLeast(known.first()))
            .orElseThrow(() -> body.invalid(member));
    if (type.isHardware()) {
      throw hardware(call.container());
    }
    if (type == KeyType.OCT && !symmetric) {
      throw body.invalid(member);
    }
    return type;
  }

  static VaultException hardware(Container container) {
    return VaultException.of(
        container.sku().equalsIgnoreCase(STANDARD)
            ? ErrorCode.HARDWARE_NOT_STANDARD
            : ErrorCode.HARDWARE_NOT_THERE);
  }

  private static KeySpec spec(Call call, Members body, KeyType type) {
    Optional<Integer> size = body.number("key_size");
    Optional<Curve> curve = body.text("crv", LONGEST_WORD).map(name -> curve(call, body, name));
    // because the Java client sends 0 when none was asked for
    Optional<Integer> exponent = body.number("public_exponent").filter(asked -> asked != 0);
    Optional<String> algorithm = ifKnown(call, Since.AKP_ALG).flatMap(name -> body.text(name, LONGEST_WORD));
    refuse(body, "crv", curve.isPresent() && type != KeyType.EC);
    refuse(body, "public_exponent", exponent.isPresent() && type != KeyType.RSA);
    refuse(body, "alg", algorithm.isPresent() && type != KeyType.AKP);
    return switch (type) {
      case RSA ->
          new KeySpec.Rsa(
              size.orElse(KeySpec.DEFAULT_RSA_BITS), exponent.orElse(KeySpec.DEFAULT_EXPONENT));
      case EC -> {
        Curve wanted = curve.orElse(KeySpec.DEFAULT_CURVE);
        refuse(body, "key_size", size.isPresent() && size.get() != wanted.bits());
        yield new KeySpec.Ec(wanted);
      }
      case OCT -> new KeySpec.Oct(size.orElse(KeySpec.DEFAULT_OCT_BITS));
      case AKP -> {
        refuse(body, "key_size", size.isPresent());
        yield new KeySpec.Akp(
            algorithm.flatMap(KeyAlgorithm::find).orElseThrow(() -> body.invalid("alg")));
      }
      default -> throw new IllegalStateException("not made here: " + type);
    };
  }

  private static void refuse(Members body, String member, boolean isWrong) {
    if (isWrong) {
      throw body.invalid(member);
    }
  }

  private static Curve curve(Call call, Members body, String name) {
    return Curve.find(name)
        .filter(known -> call.apiVersion().atLeast(known.first()))
        .orElseThrow(() -> body.invalid("crv"));
  }

  private static PrivateJwk privateJwk(Call call, Members jwk, KeyType type) {
    Optional<Curve> curve = jwk.text("crv", LONGEST_WORD).map(name -> curve(call, jwk, name));
    Optional<KeyAlgorithm> algorithm =
        type == KeyType.AKP
            ? jwk.text("alg", LONGEST_WORD).flatMap(KeyAlgorithm::find)
            : Optional.empty();
    Map<String, SecretBytes> members = new HashMap<>();
    try {
      for (String member : PrivateJwk.BINARY) {
        jwk.bytes(member).ifPresent(bytes -> members.put(member, SecretBytes.taking(bytes)));
      }
    } catch (VaultException e) {
      members.values().forEach(SecretBytes::close);
      throw e;
    }
    return new PrivateJwk(type, curve, algorithm, members);
  }

  private static KeyChange change(Call call, Members body, Optional<List<String>> operations) {
    Optional<Members> attributes = body.object("attributes");
    if (Since.EXPORTABLE.isKnownTo(call.apiVersion())) {
      // because only keys of hardware modules can be released
      attributes.ifPresent(
          given ->
              refuse(
                  given,
                  Since.EXPORTABLE.member(),
                  given.flag(Since.EXPORTABLE.member()).orElse(false)));
      refuse(
          body,
          Since.RELEASE_POLICY.member(),
          body.object(Since.RELEASE_POLICY.member()).isPresent());
    }
    if (Since.EXTERNAL_KEY.isKnownTo(call.apiVersion())) {
      // because only pools have external key managers
      attributes.ifPresent(
          given ->
              refuse(
                  given,
                  Since.EXTERNAL_KEY.member(),
                  !given.isAbsent(Since.EXTERNAL_KEY.member())));
    }
    return new KeyChange(
        attributes.flatMap(members -> members.flag("enabled")),
        attributes.flatMap(members -> members.time("nbf")),
        attributes.flatMap(members -> members.time("exp")),
        body.tags("tags", LONGEST_TAG),
        // because clients send an empty list when none was asked for, and then mean the default
        operations
            .filter(words -> !words.isEmpty())
            .map(words -> words.stream().map(word -> operation(call, word)).toList()));
  }

  private static KeyOperation operation(Call call, String word) {
    return KeyOperation.find(word)
        .filter(known -> call.apiVersion().atLeast(known.first()))
        .orElseThrow(() -> invalid("key_ops"));
  }

  /** Members that wrapping shares with encryption, and no algorithm for it has a use for. */
  private static void refuseForWrapping(Call call, Members body) {
    for (Since member : List.of(Since.IV, Since.AAD, Since.TAG)) {
      refuse(
          body,
          member.member(),
          member.isKnownTo(call.apiVersion()) && !body.isAbsent(member.member()));
    }
  }

  private static Optional<KeyAlgorithm> algorithm(Call call, Members body) {
    return Optional.of(
        KeyAlgorithm.find(body.required("alg"))
            .filter(known -> call.apiVersion().atLeast(known.first()))
            .orElseThrow(() -> body.invalid("alg")));
  }

  /** Since keys of type AKP have one algorithm each, they need not say it. */
  private static Optional<KeyAlgorithm> signatureAlgorithm(Call call, Members body) {
    return Since.CONTEXT.isKnownTo(call.apiVersion()) && body.isAbsent("alg")
        ? Optional.empty()
        : algorithm(call, body);
  }

  private static ToSign toSign(
      Call call, Members body, Optional<KeyAlgorithm> algorithm, String member) {
    Optional<byte[]> context = ifKnown(call, Since.CONTEXT).flatMap(body::bytes);
    Optional<byte[]> mu = ifKnown(call, Since.EXTERNAL_MU).flatMap(body::bytes);
    boolean isWhole =
        algorithm.isEmpty() || algorithm.get().family() == KeyAlgorithm.Family.ML_DSA;
    if (mu.isPresent()) {
      boolean isAlone = algorithm.isEmpty() && context.isEmpty() && body.isAbsent(member);
      refuse(body, Since.EXTERNAL_MU.member(), !isAlone);
      return new ToSign.ExternalMu(mu.get());
    }
    refuse(body, Since.CONTEXT.member(), context.isPresent() && !isWhole);
    byte[] bytes = body.requiredBytes(member);
    return isWhole
        ? new ToSign.Message(bytes, context.orElse(NOTHING))
        : new ToSign.Digest(bytes);
  }

  private KeyUse use(Call call, Optional<KeyAlgorithm> algorithm) {
    return new KeyUse(
        call.container(),
        call.objectName(),
        wire.version(call),
        algorithm,
        key -> wire.versionUrl(call, key),
        call.origin());
  }

  private static RotationPolicy policy(Members body) {
    Optional<RotationPolicy.Trigger> rotate = Optional.empty();
    Optional<Span> notice = Optional.empty();
    for (Members action : body.objects("lifetimeActions").orElse(List.of())) {
      Members trigger =
          action.object("trigger").orElseThrow(() -> action.invalid("trigger"));
      Optional<Span> after = span(trigger, "timeAfterCreate");
      Optional<Span> before = span(trigger, "timeBeforeExpiry");
      if (after.isPresent() == before.isPresent()) {
        throw RotationPolicy.invalid(
            "a trigger has either timeAfterCreate or timeBeforeExpiry");
      }
      Members what = action.object("action").orElseThrow(() -> action.invalid("action"));
      switch (what.required("type").toLowerCase(Locale.ROOT)) {
        case "rotate" -> {
          if (rotate.isPresent()) {
            throw RotationPolicy.invalid("it has more than one action of type Rotate");
          }
          rotate =
              after
                  .<RotationPolicy.Trigger>map(RotationPolicy.AfterCreate::new)
                  .or(() -> before.map(RotationPolicy.BeforeExpiry::new));
        }
        case "notify" -> {
          if (notice.isPresent()) {
            throw RotationPolicy.invalid("it has more than one action of type Notify");
          }
          if (before.isEmpty()) {
            throw RotationPolicy.invalid("a notice is triggered by timeBeforeExpiry");
          }
          notice = before;
        }
        default -> throw what.invalid("type");
      }
    }
    return new RotationPolicy(
        rotate,
        notice.orElse(RotationPolicy.DEFAULT_NOTICE),
        body.object("attributes").flatMap(given -> span(given, "expiryTime")));
  }

  private static Optional<Span> span(Members members, String member) {
    return members
        .text(member, LONGEST_WORD)
        .map(text -> Span.find(text).orElseThrow(() -> members.invalid(member)));
  }

  private static Optional<String> ifKnown(Call call, Since member) {
    return member.isKnownTo(call.apiVersion()) ? Optional.of(member.member()) : Optional.empty();
  }

  private static VaultException invalid(String property) {
    return VaultException.of(ErrorCode.PROPERTY_INVALID, "property", property);
  }

  // answers

  private Answer bundle(Call call, Key key) {
    String kid = wire.versionUrl(call, key.object());
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              bundleMembers(out, call, key, kid);
              out.writeEndObject();
            }),
        kid);
  }

  private Answer deletedBundle(Call call, Key key) {
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              wire.deletion(out, call, key.object());
              bundleMembers(out, call, key, wire.versionUrl(call, key.object()));
              out.writeEndObject();
            }),
        wire.deletedUrl(call, key.object()));
  }

  private static void bundleMembers(JsonGenerator out, Call call, Key key, String kid) {
    out.writeObjectPropertyStart("key");
    out.writeStringProperty("kid", kid);
    out.writeStringProperty("kty", key.jwk().type().wire());
    out.writeArrayPropertyStart("key_ops");
    key.operations().forEach(operation -> out.writeString(operation.wire()));
    out.writeEndArray();
    key.jwk().members().forEach(out::writeStringProperty);
    out.writeEndObject();
    rest(out, call, key);
  }

  private static void item(JsonGenerator out, Call call, Key key, String kid) {
    out.writeStartObject();
    itemMembers(out, call, key, kid);
    out.writeEndObject();
  }

  private static void itemMembers(JsonGenerator out, Call call, Key key, String kid) {
    out.writeStringProperty("kid", kid);
    rest(out, call, key);
  }

  private static void rest(JsonGenerator out, Call call, Key key) {
    ObjectWire.managed(out, key.object());
    ObjectWire.attributes(
        out,
        call,
        key.object(),
        () -> {
          if (Since.EXPORTABLE.isKnownTo(call.apiVersion())) {
            out.writeBooleanProperty(Since.EXPORTABLE.member(), false);
          }
          if (Since.HSM_PLATFORM.isKnownTo(call.apiVersion())) {
            out.writeStringProperty(
                Since.HSM_PLATFORM.member(), key.assurance().hsmPlatform());
          }
          if (Since.KEY_SIZE.isKnownTo(call.apiVersion())
              && key.jwk() instanceof PublicJwk.Oct symmetricKey) {
            out.writeNumberProperty(Since.KEY_SIZE.member(), symmetricKey.bits());
          }
        });
    ObjectWire.tags(out, key.object());
  }

  private Answer value(Call call, Keys.Used<byte[]> used) {
    return result(call, used.key(), out -> bytes(out, "value", used.result()));
  }

  private Answer secret(Call call, Keys.Used<SecretBytes> used) {
    try (SecretBytes plain = used.result()) {
      return result(call, used.key(), out -> bytes(out, "value", plain.exposed()));
    }
  }

  private Answer result(Call call, VaultObject key, Consumer<JsonGenerator> members) {
    String kid = wire.versionUrl(call, key);
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeStringProperty("kid", kid);
              members.accept(out);
              out.writeEndObject();
            }),
        kid);
  }

  private static void bytes(JsonGenerator out, String member, byte[] bytes) {
    out.writeName(member);
    out.writeBinary(Base64Variants.MODIFIED_FOR_URL, bytes, 0, bytes.length);
  }

  private Answer policy(Call call, KeyPolicy key) {
    RotationPolicy policy = key.policy();
    String id = wire.nameUrl(call, key.key()) + "/rotationpolicy";
    return Answer.json(
        200,
        Json.write(
            out -> {
              out.writeStartObject();
              out.writeStringProperty("id", id);
              out.writeArrayPropertyStart("lifetimeActions");
              policy.rotate().ifPresent(trigger -> action(out, "Rotate", trigger));
              action(out, "Notify", new RotationPolicy.BeforeExpiry(policy.notice()));
              out.writeEndArray();
              out.writeObjectPropertyStart("attributes");
              policy
                  .expiry()
                  .ifPresent(expiry -> out.writeStringProperty("expiryTime", expiry.text()));
              key.created().ifPresent(time -> ObjectWire.seconds(out, "created", time));
              key.updated().ifPresent(time -> ObjectWire.seconds(out, "updated", time));
              out.writeEndObject();
              out.writeEndObject();
            }),
        id);
  }

  private static void action(JsonGenerator out, String type, RotationPolicy.Trigger trigger) {
    out.writeStartObject();
    out.writeObjectPropertyStart("trigger");
    switch (trigger) {
      case RotationPolicy.AfterCreate(Span span) ->
          out.writeStringProperty("timeAfterCreate", span.text());
      case RotationPolicy.BeforeExpiry(Span span) ->
          out.writeStringProperty("timeBeforeExpiry", span.text());
    }
    out.writeEndObject();
    out.writeObjectPropertyStart("action");
    out.writeStringProperty("type", type);
    out.writeEndObject();
    out.writeEndObject();
  }
}
