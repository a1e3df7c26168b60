package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.control.Refused;
import dev.strongroom.model.Assurance;
import dev.strongroom.model.Attributes;
import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.Collection;
import dev.strongroom.model.Container;
import dev.strongroom.model.Curve;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.KeySpec;
import dev.strongroom.model.KeyType;
import dev.strongroom.model.NoWaiting;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.JournalRow;
import dev.strongroom.store.VersionRow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeysTest {
  private static final ObjectName NAME = new ObjectName("Signing-Key");
  private static final Instant SECOND = OpenVault.START.truncatedTo(ChronoUnit.SECONDS);
  private static final KeySpec EC = new KeySpec.Ec(Curve.P_256);
  private static final KeySpec RSA = new KeySpec.Rsa(2048);
  private static final KeySpec OCT = new KeySpec.Oct(256);
  private static final KeySpec ML_DSA = new KeySpec.Akp(KeyAlgorithm.ML_DSA_44);
  private static final ToSign DIGEST = new ToSign.Digest(new byte[32]);
  private static final byte[] SIXTEEN = new byte[16];

  private final OpenVault vault = new OpenVault();
  private final Keys keys = vault.keys;
  private final Container container = vault.container;

  private static KeyChange enabled(boolean enabled) {
    return new KeyChange(
        Optional.of(enabled),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static KeyChange valid(Instant notBefore, Instant expires) {
    return new KeyChange(
        Optional.empty(),
        Optional.ofNullable(notBefore),
        Optional.ofNullable(expires),
        Optional.empty(),
        Optional.empty());
  }

  private static KeyChange operations(KeyOperation... operations) {
    return new KeyChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(List.of(operations)));
  }

  private Key create(KeySpec spec) {
    return vault.create(NAME.text(), spec);
  }

  private Key get() {
    return keys.get(container, NAME, Optional.empty());
  }

  private Key update(Optional<Id> version, KeyChange wanted) {
    return keys.update(container, NAME, version, wanted, vault.origin());
  }

  private KeyUse use(KeyAlgorithm algorithm) {
    return use(Optional.empty(), Optional.of(algorithm));
  }

  private KeyUse use(Optional<Id> version, Optional<KeyAlgorithm> algorithm) {
    return new KeyUse(
        container,
        NAME,
        version,
        algorithm,
        key -> "https://v/keys/" + key.name() + "/" + key.version().hex(),
        vault.origin());
  }

  private byte[] sign(KeyAlgorithm algorithm) {
    return keys.sign(use(algorithm), DIGEST).result();
  }

  private boolean verify(KeyAlgorithm algorithm, byte[] signature) {
    return keys.verify(use(algorithm), DIGEST, signature).result();
  }

  private static SecretBytes secret() {
    return SecretBytes.taking(SIXTEEN.clone());
  }

  private static byte[] exposed(SecretBytes secret) {
    try (secret) {
      return secret.exposed().clone();
    }
  }

  private JournalRow lastRecord() {
    return vault.store.journal(vault.store.journalHead() - 1, 1).getFirst();
  }

  // create and import

  @Test
  void keyCreate_ec_hasDefaultsAndWholeSeconds() {
    Key made = create(EC);
    assertThat(made.object().attributes())
        .isEqualTo(new Attributes(true, Optional.empty(), Optional.empty(), SECOND, SECOND));
    assertThat(made.object().tags()).isEmpty();
    assertThat(made.object().name()).isEqualTo("Signing-Key");
    assertThat(made.operations()).containsExactly(KeyOperation.SIGN, KeyOperation.VERIFY);
    assertThat(made.assurance()).isEqualTo(Assurance.SOFTWARE);
    assertThat(made.jwk()).isInstanceOf(PublicJwk.Ec.class);
    assertThat(get()).isEqualTo(made);
    assertThat(lastRecord().note())
        .isEqualTo(
            JournalNote.object(
                container.id(),
                Collection.KEYS,
                made.object().object(),
                Optional.of(made.object().version())));
  }

  @Test
  void keyCreate_eachType_hasTheOperationsThatItsTypeHas() {
    assertThat(vault.create("r", RSA).operations())
        .containsExactlyElementsOf(KeyType.RSA.defaultOperations());
    assertThat(vault.create("o", OCT).operations())
        .containsExactlyElementsOf(KeyType.OCT.defaultOperations());
    assertThat(vault.create("a", ML_DSA).operations())
        .containsExactlyElementsOf(KeyType.AKP.defaultOperations());
  }

  @Test
  void keyCreate_everyMember_isKept() {
    KeyChange wanted =
        new KeyChange(
            Optional.of(false),
            Optional.of(SECOND.plusSeconds(1)),
            Optional.of(SECOND.plusSeconds(9)),
            Optional.of(Map.of("a", "1")),
            Optional.of(List.of(KeyOperation.SIGN)));
    Key made = vault.create("k", EC, wanted);
    assertThat(made.object().attributes())
        .isEqualTo(
            new Attributes(
                false,
                Optional.of(SECOND.plusSeconds(1)),
                Optional.of(SECOND.plusSeconds(9)),
                SECOND,
                SECOND));
    assertThat(made.object().tags()).isEqualTo(Map.of("a", "1"));
    assertThat(made.operations()).containsExactly(KeyOperation.SIGN);
  }

  @Test
  void keyCreate_again_isANewVersionThatInheritsNothing() {
    Key first =
        vault.create(
            NAME.text(), EC, operations(KeyOperation.SIGN));
    Key second = vault.create("signing-KEY", OCT);
    assertThat(second.object().object()).isEqualTo(first.object().object());
    assertThat(second.object().name()).isEqualTo("Signing-Key");
    assertThat(second.object().number()).isEqualTo(2);
    assertThat(second.jwk().type()).isEqualTo(KeyType.OCT);
    assertThat(keys.get(container, NAME, Optional.of(first.object().version()))).isEqualTo(first);
    assertThat(keys.listVersions(container, NAME, 0, 25)).hasSize(2);
    assertThat(keys.list(container, "", 25, vault.now)).containsExactly(second);
  }

  @Test
  void keyCreate_operationThatNoAlgorithmServes_isRefused() {
    for (KeyOperation operation : EnumSet.complementOf(EnumSet.of(KeyOperation.SIGN, KeyOperation.VERIFY))) {
      Refused.with(
          ErrorCode.PROPERTY_INVALID, () -> vault.create("k", EC, operations(operation)));
    }
    Refused.with(
        ErrorCode.PROPERTY_INVALID,
        () -> vault.create("k", EC, operations(KeyOperation.SIGN, KeyOperation.SIGN)));
    assertThat(keys.list(container, "", 25, vault.now)).isEmpty();
  }

  @Test
  void keyCreate_noOperations_isAKeyThatMayDoNothing() {
    vault.create(NAME.text(), EC, operations());
    Refused.with(ErrorCode.KEY_OPERATION_FORBIDDEN, () -> sign(KeyAlgorithm.ES256));
  }

  @Test
  void keyCreate_underADeletedName_isRefused() {
    create(EC);
    keys.delete(container, NAME, vault.origin());
    assertThat(
            Refused.with(ErrorCode.OBJECT_DELETED_BUT_RECOVERABLE, () -> create(EC)).getMessage())
        .startsWith("Key Signing-Key is currently in a deleted but recoverable state");
  }

  @Test
  void keyImport_rfc7515Key_signsAndVerifies() {
    // RFC 7515 appendix A.3
    Map<String, SecretBytes> members =
        Map.of(
            "x", base64("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            "y", base64("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            "d", base64("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"));
    try (PrivateJwk jwk =
        new PrivateJwk(KeyType.EC, Optional.of(Curve.P_256), Optional.empty(), members)) {
      Key made = keys.importJwk(container, NAME, jwk, KeyChange.none(), vault.origin());
      assertThat(made.jwk().members())
          .containsEntry("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    }
    assertThat(verify(KeyAlgorithm.ES256, sign(KeyAlgorithm.ES256))).isTrue();
    // RFC 7515 appendix A.3.1: the digest of the signing input, and the signature over it
    byte[] digest =
        HexFormat.of()
            .parseHex("21c67368f436577f447f805162ca13b80d046a3fe467247e65ea477aa750fa2e");
    byte[] signature =
        Base64.getUrlDecoder()
            .decode(
                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
                    + "pmWQxfKTUJqPP3-Kg6NU1Q");
    assertThat(keys.verify(use(KeyAlgorithm.ES256), new ToSign.Digest(digest), signature).result())
        .isTrue();
  }

  private static SecretBytes base64(String text) {
    return SecretBytes.taking(Base64.getUrlDecoder().decode(text));
  }

  @Test
  void keyImport_membersThatDoNotBelongTogether_areRefusedAndNothingIsMade() {
    Map<String, SecretBytes> members =
        Map.of(
            "x", base64("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            "y", base64("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            "d", base64("AAAAnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"));
    try (PrivateJwk jwk =
        new PrivateJwk(KeyType.EC, Optional.of(Curve.P_256), Optional.empty(), members)) {
      Refused.with(
          ErrorCode.PROPERTY_INVALID,
          () -> keys.importJwk(container, NAME, jwk, KeyChange.none(), vault.origin()));
    }
    Refused.with(ErrorCode.KEY_NOT_FOUND, this::get);
  }

  // use

  @Test
  void keySign_rsa_verifiesWithItsVersionOnly() {
    Key first = create(RSA);
    byte[] signature = sign(KeyAlgorithm.RS256);
    assertThat(verify(KeyAlgorithm.RS256, signature)).isTrue();
    assertThat(verify(KeyAlgorithm.PS256, signature)).isFalse();
    Keys.Used<byte[]> used = keys.sign(use(KeyAlgorithm.PS256), DIGEST);
    assertThat(used.key().version()).isEqualTo(first.object().version());
    create(RSA);
    assertThat(verify(KeyAlgorithm.RS256, signature)).isFalse();
    assertThat(
            keys.verify(
                    use(Optional.of(first.object().version()), Optional.of(KeyAlgorithm.RS256)),
                    DIGEST,
                    signature)
                .result())
        .isTrue();
  }

  @Test
  void keyDecrypt_whatEncryptMade_isThePlaintext() {
    create(RSA);
    Ciphertext made =
        keys.encrypt(
                use(KeyAlgorithm.RSA_OAEP_256), secret(), Optional.empty(), Optional.empty())
            .result();
    assertThat(exposed(keys.decrypt(use(KeyAlgorithm.RSA_OAEP_256), made).result()))
        .isEqualTo(SIXTEEN);
    byte[] wrapped = keys.wrapKey(use(KeyAlgorithm.RSA_OAEP), secret()).result();
    assertThat(exposed(keys.unwrapKey(use(KeyAlgorithm.RSA_OAEP), wrapped).result()))
        .isEqualTo(SIXTEEN);
    Refused.with(
        ErrorCode.DECRYPTION_FAILED,
        () -> keys.unwrapKey(use(KeyAlgorithm.RSA_OAEP_256), wrapped));
  }

  @Test
  void keySign_akpWithoutAlgorithm_usesTheOneOfTheKey() {
    create(ML_DSA);
    ToSign message = new ToSign.Message(SIXTEEN, new byte[] {1});
    KeyUse use = use(Optional.empty(), Optional.empty());
    byte[] signature = keys.sign(use, message).result();
    assertThat(keys.verify(use, message, signature).result()).isTrue();
    assertThat(
            keys.verify(use, new ToSign.Message(SIXTEEN, new byte[0]), signature).result())
        .isFalse();
    vault.create("ec", EC);
    Refused.with(
        ErrorCode.PROPERTY_INVALID,
        () ->
            keys.sign(
                new KeyUse(
                    container,
                    new ObjectName("ec"),
                    Optional.empty(),
                    Optional.empty(),
                    key -> "",
                    vault.origin()),
                message));
  }

  @Test
  void keySign_algorithmOfAnotherCurve_isRefusedWithTheKeysUrl() {
    Key made = create(EC);
    assertThat(
            Refused.with(ErrorCode.KEY_CURVE_INCOMPATIBLE, () -> sign(KeyAlgorithm.ES256K)))
        .hasMessage(
            "Key and signing algorithm are incompatible. Key https://v/keys/Signing-Key/"
                + made.object().version().hex()
                + " uses curve 'P-256', and algorithm 'ES256K' can only be used with curve"
                + " 'P-256K'.");
    Refused.with(ErrorCode.KEY_TYPE_INCOMPATIBLE, () -> sign(KeyAlgorithm.RS256));
  }

  /** Each use of a key of type oct or RSA with something that it would take. */
  private void use(KeyOperation operation) {
    switch (operation) {
      case ENCRYPT ->
          keys.encrypt(
              use(KeyAlgorithm.RSA1_5), secret(), Optional.empty(), Optional.empty());
      case DECRYPT -> keys.decrypt(use(KeyAlgorithm.RSA1_5), Ciphertext.of(new byte[256]));
      case SIGN -> keys.sign(use(KeyAlgorithm.RS256), DIGEST);
      case VERIFY -> keys.verify(use(KeyAlgorithm.RS256), DIGEST, new byte[256]);
      case WRAP_KEY -> keys.wrapKey(use(KeyAlgorithm.RSA1_5), secret());
      case UNWRAP_KEY -> keys.unwrapKey(use(KeyAlgorithm.RSA1_5), new byte[256]);
      default -> throw new IllegalArgumentException(operation.wire());
    }
  }

  private static final Set<KeyOperation> SIX =
      EnumSet.range(KeyOperation.ENCRYPT, KeyOperation.UNWRAP_KEY);
  private static final Set<KeyOperation> AT_ANY_TIME =
      EnumSet.of(KeyOperation.DECRYPT, KeyOperation.VERIFY, KeyOperation.UNWRAP_KEY);

  @Test
  void use_disabled_isRefusedForAllSixAndForgetsTheKey() {
    Key made = create(RSA);
    use(KeyOperation.SIGN);
    assertThat(vault.opened.size()).isEqualTo(1);
    update(Optional.empty(), enabled(false));
    assertThat(vault.opened.size()).isZero();
    for (KeyOperation operation : SIX) {
      assertThat(Refused.with(ErrorCode.KEY_DISABLED, () -> use(operation)))
          .hasMessage("Operation " + operation.wire() + " is not allowed on a disabled key.");
    }
    assertThat(get().jwk()).as("its public part is still known").isEqualTo(made.jwk());
    update(Optional.of(made.object().version()), enabled(true));
    use(KeyOperation.SIGN);
  }

  @Test
  void use_notYetValid_isRefusedButForWhatWasMadeInTime() {
    create(RSA);
    update(Optional.empty(), valid(SECOND.plusSeconds(60), null));
    outside(ErrorCode.KEY_NOT_YET_VALID, "not yet valid");
    vault.pass(Duration.ofSeconds(60));
    SIX.stream().filter(operation -> !AT_ANY_TIME.contains(operation)).forEach(this::use);
  }

  @Test
  void use_expired_isRefusedButForWhatWasMadeInTime() {
    create(RSA);
    update(Optional.empty(), valid(null, SECOND.plusSeconds(60)));
    SIX.stream().filter(operation -> !AT_ANY_TIME.contains(operation)).forEach(this::use);
    vault.pass(Duration.ofSeconds(60));
    outside(ErrorCode.KEY_EXPIRED, "expired");
  }

  private void outside(ErrorCode code, String word) {
    for (KeyOperation operation : SIX) {
      switch (operation) {
        case VERIFY -> use(operation);
        case DECRYPT, UNWRAP_KEY ->
            Refused.with(ErrorCode.DECRYPTION_FAILED, () -> use(operation));
        default ->
            assertThat(Refused.with(code, () -> use(operation)).getMessage())
                .startsWith("Operation " + operation.wire() + " is not allowed on a")
                .endsWith(word + " key.");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyOperation.class,
      names = {"ENCRYPT", "DECRYPT", "SIGN", "VERIFY", "WRAP_KEY", "UNWRAP_KEY"})
  void use_operationNotPermitted_isRefused(KeyOperation operation) {
    create(RSA);
    update(
        Optional.empty(),
        operations(SIX.stream().filter(other -> other != operation).toArray(KeyOperation[]::new)));
    assertThat(Refused.with(ErrorCode.KEY_OPERATION_FORBIDDEN, () -> use(operation)))
        .hasMessage("Operation " + operation.wire() + " is not permitted on this key.");
    update(Optional.empty(), operations(operation));
    if (EnumSet.of(KeyOperation.DECRYPT, KeyOperation.UNWRAP_KEY).contains(operation)) {
      Refused.with(ErrorCode.DECRYPTION_FAILED, () -> use(operation));
    } else {
      use(operation);
    }
  }

  @Test
  void use_unknownKeyOrVersion_isNotFound() {
    Refused.with(ErrorCode.KEY_NOT_FOUND, () -> sign(KeyAlgorithm.ES256));
    create(EC);
    Refused.with(
        ErrorCode.KEY_NOT_FOUND,
        () ->
            keys.sign(
                use(Optional.of(new Id(1, 2)), Optional.of(KeyAlgorithm.ES256)), DIGEST));
  }

  @Test
  void use_whereNothingMayWait_asksForAnotherThread() {
    create(RSA);
    use(KeyOperation.SIGN);
    assertThatThrownBy(
            () -> NoWaiting.run(() -> keys.sign(use(KeyAlgorithm.RS256), DIGEST)))
        .isInstanceOf(NoWaiting.WouldWait.class);
  }

  @Test
  void use_ofAnOpenedQuickKey_doesNotWait() {
    create(EC);
    assertThatThrownBy(() -> NoWaiting.run(() -> keys.sign(use(KeyAlgorithm.ES256), DIGEST)))
        .isInstanceOf(NoWaiting.WouldWait.class);
    byte[] signature = sign(KeyAlgorithm.ES256);
    assertThat(
            NoWaiting.run(() -> keys.verify(use(KeyAlgorithm.ES256), DIGEST, signature).result()))
        .isTrue();
  }

  @Test
  void use_whileSealed_isRefusedAndTheKeysAreForgotten() {
    create(EC);
    sign(KeyAlgorithm.ES256);
    assertThat(vault.opened.size()).isEqualTo(1);
    vault.seal.seal();
    assertThat(vault.opened.size()).isZero();
    Refused.with(ErrorCode.SERVER_SEALED, () -> sign(KeyAlgorithm.ES256));
  }

  // the count of encryptions

  private Ciphertext encryptGcm(Keys by) {
    return by.encrypt(
            use(KeyAlgorithm.A256GCM), secret(), Optional.empty(), Optional.of(new byte[] {7}))
        .result();
  }

  private long counted() {
    return KeyCodec.version(
            vault
                .store
                .findHead(container.id(), Collection.KEYS, NAME.folded())
                .orElseThrow()
                .version())
        .encryptions();
  }

  private void count(long encryptions) {
    vault.store.change(
        vault.origin(),
        JournalNote.none(),
        tx -> {
          VersionRow row =
              tx.findHead(container.id(), Collection.KEYS, NAME.folded()).orElseThrow().version();
          tx.update(
              row.withDetails(KeyCodec.write(KeyCodec.version(row).counting(encryptions))));
          return null;
        });
  }

  @Test
  void keyEncrypt_gcm_hasItsOwnIvEachTimeAndIsCountedInBlocks() {
    create(OCT);
    Ciphertext first = encryptGcm(keys);
    Ciphertext second = encryptGcm(keys);
    assertThat(Arrays.equals(first.iv().orElseThrow(), second.iv().orElseThrow())).isFalse();
    assertThat(exposed(keys.decrypt(use(KeyAlgorithm.A256GCM), first).result()))
        .isEqualTo(SIXTEEN);
    assertThat(counted()).isEqualTo(Encryptions.BLOCK);
    long head = vault.store.journalHead();
    encryptGcm(keys);
    assertThat(vault.store.journalHead()).as("no change within a block").isEqualTo(head);
    encryptGcm(vault.keysOf(vault.store));
    assertThat(counted()).as("another node takes its own block").isEqualTo(2 * Encryptions.BLOCK);
    assertThat(get().object().attributes().updated()).isEqualTo(SECOND);
  }

  @Test
  void keyEncrypt_gcmAsOftenAsIsSafe_isRefusedOnEveryNode() {
    create(OCT);
    count(Encryptions.MOST - Encryptions.BLOCK);
    encryptGcm(keys);
    assertThat(counted()).isEqualTo(Encryptions.MOST);
    for (long i = 1; i < Encryptions.BLOCK; i++) {
      vault.keys.encrypt(
          use(KeyAlgorithm.A256GCM), SecretBytes.taking(new byte[0]), Optional.empty(), Optional.empty());
    }
    Refused.with(ErrorCode.KEY_EXHAUSTED, () -> encryptGcm(keys));
    Refused.with(ErrorCode.KEY_EXHAUSTED, () -> encryptGcm(vault.keysOf(vault.store)));
    assertThat(counted()).isEqualTo(Encryptions.MOST);
    keys.rotate(container, NAME, vault.origin());
    encryptGcm(keys);
  }

  @Test
  void keyEncrypt_restoredKeyOnTheSameNode_takesItsOwnNumbers() {
    create(OCT);
    byte[] blob = keys.backup(container, NAME);
    encryptGcm(keys);
    keys.delete(container, NAME, vault.origin());
    keys.purge(container, NAME, vault.origin());
    keys.restore(container, blob, vault.origin());
    assertThat(counted()).isZero();
    encryptGcm(keys);
    assertThat(counted()).isEqualTo(Encryptions.BLOCK);
  }

  @Test
  void keyEncrypt_othersThanGcm_areNotCounted() {
    create(OCT);
    keys.encrypt(
        use(KeyAlgorithm.A256CBC), secret(), Optional.of(new byte[16]), Optional.empty());
    assertThat(counted()).isZero();
  }

  // update, rotate, policy

  @Test
  void keyUpdate_members_changeAloneAndWithoutTouchingTheKey() {
    Key made = create(EC);
    byte[] signature = sign(KeyAlgorithm.ES256);
    vault.pass(Duration.ofSeconds(3));
    Key changed = update(Optional.empty(), operations(KeyOperation.VERIFY));
    assertThat(changed.jwk()).isEqualTo(made.jwk());
    assertThat(changed.operations()).containsExactly(KeyOperation.VERIFY);
    assertThat(changed.object().attributes().updated()).isEqualTo(SECOND.plusSeconds(3));
    assertThat(changed.object().attributes().created()).isEqualTo(SECOND);
    assertThat(verify(KeyAlgorithm.ES256, signature)).isTrue();
    Refused.with(
        ErrorCode.PROPERTY_INVALID,
        () -> update(Optional.empty(), operations(KeyOperation.ENCRYPT)));
    assertThat(get()).isEqualTo(changed);
  }

  @Test
  void keyRotate_keepsUsesAndTags_andDropsTimes() {
    KeyChange wanted =
        new KeyChange(
            Optional.empty(),
            Optional.of(SECOND.minusSeconds(9)),
            Optional.of(SECOND.plusSeconds(9)),
            Optional.of(Map.of("a", "1")),
            Optional.of(List.of(KeyOperation.SIGN)));
    Key first = vault.create(NAME.text(), new KeySpec.Ec(Curve.P_384), wanted);
    Key second = keys.rotate(container, NAME, vault.origin());
    assertThat(second.jwk()).isInstanceOf(PublicJwk.Ec.class).isNotEqualTo(first.jwk());
    assertThat(((PublicJwk.Ec) second.jwk()).curve()).isEqualTo(Curve.P_384);
    assertThat(second.operations()).containsExactly(KeyOperation.SIGN);
    assertThat(second.object().tags()).isEqualTo(Map.of("a", "1"));
    assertThat(second.object().attributes().notBefore()).isEmpty();
    assertThat(second.object().attributes().expires()).isEmpty();
    assertThat(second.object().number()).isEqualTo(2);
  }

  @Test
  void keyRotate_underAPolicy_expiresWhenThePolicySays() {
    create(EC);
    keys.setRotationPolicy(
        container,
        NAME,
        new RotationPolicy(
            Optional.empty(), RotationPolicy.DEFAULT_NOTICE, Span.find("P1Y2M")),
        vault.origin());
    assertThat(get().object().attributes().expires()).as("not of what is there").isEmpty();
    assertThat(keys.rotate(container, NAME, vault.origin()).object().attributes().expires())
        .contains(Instant.parse("2027-05-01T12:00:00Z"));
  }

  @Test
  void keyRotate_disabledOrAbsent_isRefused() {
    Refused.with(
        ErrorCode.KEY_NOT_FOUND, () -> keys.rotate(container, NAME, vault.origin()));
    create(EC);
    update(Optional.empty(), enabled(false));
    Refused.with(ErrorCode.KEY_DISABLED, () -> keys.rotate(container, NAME, vault.origin()));
  }

  @Test
  void keyRotate_changedBetween_beginsAnew() {
    create(EC);
    BetweenStore between = new BetweenStore(vault.store);
    between.beforeChange(() -> vault.create(NAME.text(), OCT));
    Key made = vault.keysOf(between).rotate(container, NAME, vault.origin());
    assertThat(made.object().number()).isEqualTo(3);
    assertThat(made.jwk().type()).as("as the newest version is").isEqualTo(KeyType.OCT);
  }

  @Test
  void keyRotationPolicy_beforeOneIsSet_isTheNoticeAlone() {
    create(EC);
    KeyPolicy policy = keys.rotationPolicy(container, NAME);
    assertThat(policy.policy()).isEqualTo(RotationPolicy.NONE);
    assertThat(policy.created()).isEmpty();
    assertThat(policy.updated()).isEmpty();
  }

  @Test
  void keyRotationPolicySet_again_keepsWhenItWasCreated() {
    create(EC);
    RotationPolicy wanted =
        new RotationPolicy(
            Optional.of(new RotationPolicy.BeforeExpiry(Span.ofDays(20))),
            Span.ofDays(10),
            Optional.of(Span.ofDays(90)));
    keys.setRotationPolicy(container, NAME, RotationPolicy.NONE, vault.origin());
    vault.pass(Duration.ofSeconds(7));
    keys.setRotationPolicy(container, NAME, wanted, vault.origin());
    KeyPolicy policy = keys.rotationPolicy(container, NAME);
    assertThat(policy.policy()).isEqualTo(wanted);
    assertThat(policy.created()).contains(SECOND);
    assertThat(policy.updated()).contains(SECOND.plusSeconds(7));
    Refused.with(
        ErrorCode.KEY_NOT_FOUND,
        () ->
            keys.setRotationPolicy(container, new ObjectName("x"), wanted, vault.origin()));
  }

  // deletion and backup

  @Test
  void keyDelete_deleted_isOfNoUseUntilRecovered() {
    create(EC);
    byte[] signature = sign(KeyAlgorithm.ES256);
    create(EC);
    sign(KeyAlgorithm.ES256);
    // the older one was let go when its key got a new version
    assertThat(vault.opened.size()).isEqualTo(1);
    Key deleted = keys.delete(container, NAME, vault.origin());
    assertThat(vault.opened.size()).isZero();
    assertThat(deleted.object().scheduledPurge()).contains(SECOND.plus(Duration.ofDays(90)));
    Refused.with(ErrorCode.KEY_NOT_FOUND, () -> sign(KeyAlgorithm.ES256));
    Refused.with(ErrorCode.KEY_NOT_FOUND, this::get);
    assertThat(keys.getDeleted(container, NAME, vault.now)).isEqualTo(deleted);
    assertThat(keys.listDeleted(container, "", 25, vault.now)).containsExactly(deleted);
    Key live = keys.recover(container, NAME, vault.origin());
    assertThat(live.object().isDeleted()).isFalse();
    assertThat(
            keys.verify(
                    use(
                        keys.listVersions(container, NAME, 0, 1).stream()
                            .map(key -> key.object().version())
                            .findFirst(),
                        Optional.of(KeyAlgorithm.ES256)),
                    DIGEST,
                    signature)
                .result())
        .isTrue();
  }

  @Test
  void keyPurge_deleted_leavesTheNameFree() {
    create(EC);
    keys.delete(container, NAME, vault.origin());
    keys.purge(container, NAME, vault.origin());
    Refused.with(
        ErrorCode.DELETED_KEY_NOT_FOUND, () -> keys.getDeleted(container, NAME, vault.now));
    assertThat(create(EC).object().number()).isEqualTo(1);
  }

  @Test
  void keyRestore_afterPurge_isTheSameKeyWithItsPolicy() {
    Key first = create(EC);
    byte[] signature = sign(KeyAlgorithm.ES256);
    update(Optional.empty(), operations(KeyOperation.VERIFY));
    RotationPolicy policy =
        new RotationPolicy(
            Optional.of(new RotationPolicy.AfterCreate(Span.ofDays(30))),
            Span.ofDays(9),
            Optional.empty());
    keys.setRotationPolicy(container, NAME, policy, vault.origin());
    byte[] blob = keys.backup(container, NAME);
    Refused.with(
        ErrorCode.OBJECT_EXISTS, () -> keys.restore(container, blob, vault.origin()));
    keys.delete(container, NAME, vault.origin());
    keys.purge(container, NAME, vault.origin());
    Key restored = keys.restore(container, blob, vault.origin());
    assertThat(restored.jwk()).isEqualTo(first.jwk());
    assertThat(restored.object().version()).isEqualTo(first.object().version());
    assertThat(restored.operations()).containsExactly(KeyOperation.VERIFY);
    assertThat(verify(KeyAlgorithm.ES256, signature)).isTrue();
    assertThat(keys.rotationPolicy(container, NAME).policy()).isEqualTo(policy);
    assertThat(vault.store.due(Instant.MAX, 10))
        .extracting(row -> row.kind())
        .containsExactly(KeyRotation.ROTATE);
  }

  @Test
  void keyRestore_backupOfASecret_isRefused() {
    vault.set("s", "x");
    byte[] blob = vault.secrets.backup(container, new ObjectName("s"));
    Refused.with(
        ErrorCode.BACKUP_INVALID, () -> keys.restore(container, blob, vault.origin()));
  }

  @Test
  void toString_ofWhatIsHandedOut_hasNoPrivateMember() {
    Key made = create(new KeySpec.Oct(128));
    assertThat(made.toString()).doesNotContain("SecretBytes[").contains("Oct");
  }
}
