package dev.strongroom.conformance;

import com.azure.core.credential.TokenCredential;
import com.azure.core.cryptography.KeyEncryptionKey;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.core.http.rest.PagedResponse;
import com.azure.core.util.polling.LongRunningOperationStatus;
import com.azure.core.util.polling.SyncPoller;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.CryptographyClient;
import com.azure.security.keyvault.keys.cryptography.CryptographyClientBuilder;

import com.azure.security.keyvault.keys.cryptography.KeyEncryptionKeyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.models.DecryptParameters;
import com.azure.security.keyvault.keys.cryptography.models.EncryptParameters;
import com.azure.security.keyvault.keys.cryptography.models.EncryptResult;
import com.azure.security.keyvault.keys.cryptography.models.EncryptionAlgorithm;
import com.azure.security.keyvault.keys.cryptography.models.KeyWrapAlgorithm;
import com.azure.security.keyvault.keys.cryptography.models.SignResult;
import com.azure.security.keyvault.keys.cryptography.models.SignatureAlgorithm;
import com.azure.security.keyvault.keys.models.CreateEcKeyOptions;
import com.azure.security.keyvault.keys.models.CreateOctKeyOptions;
import com.azure.security.keyvault.keys.models.CreateRsaKeyOptions;
import com.azure.security.keyvault.keys.models.DeletedKey;
import com.azure.security.keyvault.keys.models.JsonWebKey;
import com.azure.security.keyvault.keys.models.KeyCurveName;
import com.azure.security.keyvault.keys.models.KeyOperation;
import com.azure.security.keyvault.keys.models.KeyProperties;
import com.azure.security.keyvault.keys.models.KeyRotationLifetimeAction;
import com.azure.security.keyvault.keys.models.KeyRotationPolicy;
import com.azure.security.keyvault.keys.models.KeyRotationPolicyAction;
import com.azure.security.keyvault.keys.models.KeyType;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program that runs the shared list of key cases with the Azure SDK for Java and reports one line
 * per case (TAP). What the server computes is checked with the JDK, and the other way round; but
 * P-256K, which the JDK does not know, is checked by the server itself.
 */
final class JavaKeysCases {
  private static final Duration SETTLES = Duration.ofMinutes(1);
  private static final byte[] MESSAGE =
      "what is signed here is verified there".getBytes(StandardCharsets.UTF_8);
  private static final byte[] AAD = {'a', 'a', 'd'};
  private static final OffsetDateTime PAST =
      OffsetDateTime.of(2020, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final OffsetDateTime FUTURE =
      OffsetDateTime.of(2037, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final Map<String, String> CURVES =
      Map.of("ES256", "P-256", "ES384", "P-384", "ES512", "P-521", "ES256K", "P-256K");
  private static final List<String> RSA_SIGNATURES =
      List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512");
  private static final List<String> RSA_ENCRYPTIONS =
      List.of("RSA1_5", "RSA-OAEP", "RSA-OAEP-256");

  /** A case that may fail in any way. */
  private interface Case {
    void run() throws Exception;
  }

  private final JsonNode scene;
  private final KeyClient admin;
  private final Map<String, Case> cases = new LinkedHashMap<>();

  private JavaKeysCases(JsonNode scene) {
    this.scene = scene;
    this.admin = client("admin");
    creation();
    lists();
    rsa();
    curves();
    symmetric();
    life();
    roles();
    states();
    months();
  }

  public static void main(String[] arguments) {
    JsonNode scene = JsonMapper.shared().readTree(Path.of(System.getenv("STRONGROOM_SCENE")));
    System.exit(new JavaKeysCases(scene).run() ? 0 : 1);
  }

  private boolean run() {
    System.out.println("1.." + cases.size());
    boolean passed = true;
    for (Map.Entry<String, Case> each : cases.entrySet()) {
      try {
        each.getValue().run();
        System.out.println("ok " + each.getKey());
      } catch (Exception | AssertionError e) {
        passed = false;
        System.out.println(
            "not ok " + each.getKey() + " - " + e.toString().replaceAll("\\s+", " "));
      }
    }
    return passed;
  }

  private void creation() {
    cases.put(
        "keyCreate_rsaSizes_haveTheirSizeAndOperations",
        () -> {
          for (int size : new int[] {2048, 3072, 4096}) {
            KeyVaultKey key = rsaKey("rsa-" + size, size);
            equal(modulus(key).bitLength(), size, "bits");
            equal(
                key.getKeyOperations().stream().map(KeyOperation::toString).toList(),
                List.of("encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"),
                "operations");
            equal(key.getProperties().getHsmPlatform(), "0", "platform");
            equal(key.getProperties().isExportable(), false, "exportable");
          }
        });
    cases.put(
        "keyCreate_curves_haveTheirCurveAndOperations",
        () -> {
          for (String curve : CURVES.values()) {
            KeyVaultKey key = ecKey("ec-" + curve, curve);
            equal(key.getKey().getCurveName().toString(), curve, "curve");
            equal(
                key.getKeyOperations(), List.of(KeyOperation.SIGN, KeyOperation.VERIFY), "operations");
          }
        });
    cases.put(
        "keyCreate_symmetricSizes_showNoKeyMaterial",
        () -> {
          for (int size : new int[] {128, 192, 256}) {
            KeyVaultKey key =
                admin.createOctKey(
                    new CreateOctKeyOptions("oct-" + size)
                        .setKeySize(size)
                        .setHardwareProtected(false));
            equal(key.getKeyType().toString(), "oct", "type");
            equal(key.getKey().getK(), null, "key material");
          }
        });
    cases.put(
        "keyCreate_everyProperty_isKept",
        () -> {
          admin.createEcKey(
              new CreateEcKeyOptions("whole")
                  .setCurveName(KeyCurveName.P_384)
                  .setKeyOperations(KeyOperation.VERIFY)
                  .setEnabled(false)
                  .setNotBefore(PAST)
                  .setExpiresOn(FUTURE)
                  .setTags(Map.of("a", "1")));
          KeyVaultKey key = admin.getKey("whole");
          KeyProperties properties = key.getProperties();
          equal(key.getKeyOperations(), List.of(KeyOperation.VERIFY), "operations");
          equal(properties.isEnabled(), false, "enabled");
          equal(properties.getNotBefore(), PAST, "nbf");
          equal(properties.getExpiresOn(), FUTURE, "exp");
          equal(properties.getTags(), Map.of("a", "1"), "tags");
          equal(properties.getRecoveryLevel(), "Recoverable+Purgeable", "recovery level");
        });
    cases.put(
        "keyCreate_forHardware_isForbidden",
        () -> {
          refused(
              403,
              "Forbidden",
              () -> admin.createRsaKey(new CreateRsaKeyOptions("hsm").setHardwareProtected(true)));
          refused(
              403,
              "Forbidden",
              () -> admin.createEcKey(new CreateEcKeyOptions("hsm").setHardwareProtected(true)));
          refused(404, "KeyNotFound", () -> admin.getKey("hsm"));
        });
    cases.put(
        "keyImport_pem_isTheSameKey",
        () -> {
          String pem =
              Base64.getMimeEncoder().encodeToString(newRsa().getPrivate().getEncoded());
          KeyFactory factory = KeyFactory.getInstance("RSA");
          RSAPrivateCrtKey read =
              (RSAPrivateCrtKey)
                  factory.generatePrivate(
                      new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
          KeyPair pair =
              new KeyPair(
                  factory.generatePublic(
                      new RSAPublicKeySpec(read.getModulus(), read.getPublicExponent())),
                  read);
          KeyVaultKey key = admin.importKey("from-pem", JsonWebKey.fromRsa(pair));
          equal(modulus(key), read.getModulus(), "modulus");
          equal(key.getKey().getD(), null, "private exponent");
          byte[] signature = signed(key, "RS256");
          check(verifies("RS256", pair.getPublic(), signature), "signature");
        });
  }

  private void lists() {
    cases.put(
        "keyGet_olderVersion_isThatKey",
        () -> {
          KeyVaultKey first = ecKey("versions", "P-256");
          KeyVaultKey second = ecKey("versions", "P-256");
          equal(admin.getKey("versions").getId(), second.getId(), "newest");
          KeyVaultKey older = admin.getKey("versions", first.getProperties().getVersion());
          equal(older.getId(), first.getId(), "id");
          check(Arrays.equals(older.getKey().getX(), first.getKey().getX()), "x");
        });
    cases.put(
        "keyList_severalPages_listsEachOnce",
        () -> {
          List<String> wanted = IntStream.range(0, 30).mapToObj(n -> "page-" + n).toList();
          wanted.forEach(name -> ecKey(name, "P-256"));
          List<String> listed = new ArrayList<>();
          int pages = 0;
          for (PagedResponse<KeyProperties> page : admin.listPropertiesOfKeys().iterableByPage()) {
            pages++;
            page.getValue().forEach(key -> listed.add(key.getName()));
          }
          check(pages > 1, "there is more than one page");
          equal(new HashSet<>(listed).size(), listed.size(), "number of different names");
          check(listed.containsAll(wanted), "not all are listed: " + listed);
        });
    cases.put(
        "keyListVersions_severalVersions_listsEachOnce",
        () -> {
          List<String> made =
              IntStream.range(0, 5)
                  .mapToObj(n -> ecKey("many", "P-256").getProperties().getVersion())
                  .toList();
          equal(versions(admin, "many").size(), 5, "count");
          equal(Set.copyOf(versions(admin, "many")), Set.copyOf(made), "versions");
        });
    cases.put(
        "keyUpdate_operationsTimesAndTags_areKept",
        () -> {
          KeyVaultKey key = rsaKey("changing", 2048);
          KeyProperties properties =
              key.getProperties().setExpiresOn(FUTURE).setTags(Map.of("b", "2"));
          KeyVaultKey changed = admin.updateKeyProperties(properties, KeyOperation.SIGN);
          equal(changed.getKeyOperations(), List.of(KeyOperation.SIGN), "operations");
          equal(changed.getProperties().getExpiresOn(), FUTURE, "exp");
          equal(changed.getProperties().getTags(), Map.of("b", "2"), "tags");
          check(Arrays.equals(changed.getKey().getN(), key.getKey().getN()), "modulus");
          KeyVaultKey again = admin.updateKeyProperties(properties.setEnabled(false));
          equal(again.getProperties().isEnabled(), false, "enabled");
          equal(again.getKeyOperations(), List.of(KeyOperation.SIGN), "operations stay");
        });
  }

  private void rsa() {
    cases.put(
        "keySign_rsaAlgorithms_verifyElsewhere",
        () -> {
          KeyVaultKey key = rsaKey("signing", 2048);
          for (String name : RSA_SIGNATURES) {
            SignResult signed =
                cryptography(key, "admin").sign(SignatureAlgorithm.fromString(name), digest(name));
            equal(signed.getKeyId(), key.getId(), "key id");
            check(
                verifies(name, key.getKey().toRsa().getPublic(), signed.getSignature()), name);
          }
        });
    cases.put(
        "keyVerify_rsaSignaturesMadeElsewhere_areValid",
        () -> {
          KeyPair pair = newRsa();
          KeyVaultKey key = admin.importKey("signed-elsewhere", JsonWebKey.fromRsa(pair));
          for (String name : RSA_SIGNATURES) {
            Signature signer = signature(name);
            signer.initSign(pair.getPrivate());
            signer.update(MESSAGE);
            byte[] made = signer.sign();
            check(valid(key, name, digest(name), made), name);
            check(!valid(key, name, new byte[digest(name).length], made), name + " of another");
          }
        });
    cases.put(
        "keyDecrypt_rsaEncryptedElsewhere_isThePlaintext",
        () -> {
          KeyVaultKey key = rsaKey("decrypting", 2048);
          for (String name : RSA_ENCRYPTIONS) {
            Cipher cipher = cipher(name);
            initialise(cipher, name, Cipher.ENCRYPT_MODE, key.getKey().toRsa().getPublic());
            equalBytes(decrypted(key, name, cipher.doFinal(MESSAGE)), MESSAGE, name);
          }
        });
    cases.put(
        "keyUnwrap_rsaWrappedElsewhere_isTheKey",
        () -> {
          KeyVaultKey key = rsaKey("unwrapping", 3072);
          byte[] secret = random(32);
          for (String name : RSA_ENCRYPTIONS) {
            Cipher cipher = cipher(name);
            initialise(cipher, name, Cipher.ENCRYPT_MODE, key.getKey().toRsa().getPublic());
            byte[] wrapped = cipher.doFinal(secret);
            equalBytes(
                cryptography(key, "admin")
                    .unwrapKey(KeyWrapAlgorithm.fromString(name), wrapped)
                    .getKey(),
                secret,
                name);
          }
        });
    cases.put(
        "keyEncrypt_rsa_decryptsElsewhere",
        () -> {
          KeyPair pair = newRsa();
          KeyVaultKey key = admin.importKey("encrypting", JsonWebKey.fromRsa(pair));
          CryptographyClient remote = cryptography(key, "admin");
          for (String name : RSA_ENCRYPTIONS) {
            Cipher cipher = cipher(name);
            initialise(cipher, name, Cipher.DECRYPT_MODE, pair.getPrivate());
            byte[] made =
                remote.encrypt(EncryptionAlgorithm.fromString(name), MESSAGE).getCipherText();
            equalBytes(cipher.doFinal(made), MESSAGE, name);
            byte[] wrapped =
                remote.wrapKey(KeyWrapAlgorithm.fromString(name), MESSAGE).getEncryptedKey();
            equalBytes(cipher.doFinal(wrapped), MESSAGE, name);
          }
        });
  }

  private void curves() {
    cases.put(
        "keySign_curveAlgorithms_verifyElsewhere",
        () -> {
          for (Map.Entry<String, String> each : CURVES.entrySet()) {
            String name = each.getKey();
            KeyVaultKey key = ecKey("signing-" + each.getValue(), each.getValue());
            byte[] made = signed(key, name);
            equal(made.length, 2 * key.getKey().getX().length, "length");
            check(
                name.equals("ES256K")
                    ? valid(key, name, digest(name), made)
                    : verifies(name, publicKey(key), made),
                name);
          }
        });
    cases.put(
        "keyVerify_curveSignaturesMadeElsewhere_areValid",
        () -> {
          for (Map.Entry<String, String> each : CURVES.entrySet()) {
            String name = each.getKey();
            if (name.equals("ES256K")) {
              continue;
            }
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(standard(each.getValue())));
            KeyPair pair = generator.generateKeyPair();
            KeyVaultKey key =
                admin.importKey(
                    "curve-elsewhere-" + each.getValue(),
                    JsonWebKey.fromEc(pair, Security.getProvider("SunEC")));
            Signature signer = signature(name);
            signer.initSign(pair.getPrivate());
            signer.update(MESSAGE);
            byte[] made = signer.sign();
            check(valid(key, name, digest(name), made), name);
            made[made.length - 1] ^= 1;
            check(!valid(key, name, digest(name), made), name + " changed");
          }
        });
  }

  private void symmetric() {
    cases.put(
        "keySign_hmacAlgorithms_equalElsewhere",
        () -> {
          byte[] secret = random(32);
          KeyVaultKey key = octKey("hmac", secret, KeyOperation.SIGN, KeyOperation.VERIFY);
          for (String name : List.of("HS256", "HS384", "HS512")) {
            Mac mac = Mac.getInstance("HmacSHA" + name.substring(2));
            mac.init(new SecretKeySpec(secret, "HMAC"));
            byte[] made = signed(key, name);
            equalBytes(made, mac.doFinal(digest(name)), name);
            check(valid(key, name, digest(name), made), name);
          }
        });
    cases.put(
        "keyEncrypt_aesGcm_decryptsElsewhere",
        () -> {
          for (int size : new int[] {128, 192, 256}) {
            byte[] secret = random(size / 8);
            KeyVaultKey key =
                octKey("gcm-" + size, secret, KeyOperation.ENCRYPT, KeyOperation.DECRYPT);
            EncryptResult first = encryptedGcm(key, size);
            EncryptResult second = encryptedGcm(key, size);
            check(
                !Arrays.equals(first.getIv(), second.getIv()),
                "each has its own initialization vector");
            Cipher aes = gcm(Cipher.DECRYPT_MODE, secret, first.getIv());
            aes.update(first.getCipherText());
            equalBytes(aes.doFinal(first.getAuthenticationTag()), MESSAGE, "plaintext");
          }
        });
    cases.put(
        "keyDecrypt_aesGcmEncryptedElsewhere_isThePlaintext",
        () -> {
          byte[] secret = random(32);
          byte[] iv = random(12);
          byte[] sealed = gcm(Cipher.ENCRYPT_MODE, secret, iv).doFinal(MESSAGE);
          byte[] ciphertext = Arrays.copyOf(sealed, MESSAGE.length);
          byte[] tag = Arrays.copyOfRange(sealed, MESSAGE.length, sealed.length);
          CryptographyClient remote =
              cryptography(octKey("gcm-elsewhere", secret, KeyOperation.DECRYPT), "admin");
          equalBytes(
              remote
                  .decrypt(
                      DecryptParameters.createA256GcmParameters(ciphertext, iv, tag, AAD), null)
                  .getPlainText(),
              MESSAGE,
              "plaintext");
          refused(
              400,
              "BadParameter",
              () ->
                  remote.decrypt(
                      DecryptParameters.createA256GcmParameters(ciphertext, iv, tag, MESSAGE),
                      null));
        });
    cases.put(
        "keyEncrypt_aesCbc_decryptsElsewhere",
        () -> {
          byte[] secret = random(32);
          byte[] iv = random(16);
          byte[] blocks = random(48);
          CryptographyClient remote =
              cryptography(
                  octKey("cbc", secret, KeyOperation.ENCRYPT, KeyOperation.DECRYPT), "admin");
          Cipher aes = Cipher.getInstance("AES/CBC/NoPadding");
          aes.init(
              Cipher.DECRYPT_MODE, new SecretKeySpec(secret, "AES"), new IvParameterSpec(iv));
          equalBytes(
              aes.doFinal(
                  remote
                      .encrypt(EncryptParameters.createA256CbcParameters(blocks, iv), null)
                      .getCipherText()),
              blocks,
              "CBC");
          byte[] padded =
              remote
                  .encrypt(EncryptParameters.createA256CbcPadParameters(MESSAGE, iv), null)
                  .getCipherText();
          Cipher padding = Cipher.getInstance("AES/CBC/PKCS5Padding");
          padding.init(
              Cipher.DECRYPT_MODE, new SecretKeySpec(secret, "AES"), new IvParameterSpec(iv));
          equalBytes(padding.doFinal(padded), MESSAGE, "CBCPAD");
          equalBytes(
              remote
                  .decrypt(DecryptParameters.createA256CbcPadParameters(padded, iv), null)
                  .getPlainText(),
              MESSAGE,
              "CBCPAD back");
        });
    cases.put(
        "keyWrap_aesKw_unwrapsElsewhere",
        () -> {
          for (int size : new int[] {128, 192, 256}) {
            byte[] secret = random(size / 8);
            byte[] wanted = random(32);
            KeyVaultKey key =
                octKey("kw-" + size, secret, KeyOperation.WRAP_KEY, KeyOperation.UNWRAP_KEY);
            CryptographyClient remote = cryptography(key, "admin");
            KeyWrapAlgorithm name = KeyWrapAlgorithm.fromString("A" + size + "KW");
            byte[] wrapped = remote.wrapKey(name, wanted).getEncryptedKey();
            Cipher aes = Cipher.getInstance("AES/KW/NoPadding");
            aes.init(Cipher.UNWRAP_MODE, new SecretKeySpec(secret, "AES"));
            equalBytes(
                aes.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded(), wanted, "elsewhere");
            equalBytes(remote.unwrapKey(name, wrapped).getKey(), wanted, "here");
          }
        });
  }

  private void life() {
    cases.put(
        "keyRotate_live_isANewVersionLikeTheOld",
        () -> {
          KeyVaultKey first =
              admin.createEcKey(
                  new CreateEcKeyOptions("rotating")
                      .setCurveName(KeyCurveName.P_384)
                      .setKeyOperations(KeyOperation.SIGN)
                      .setTags(Map.of("a", "1")));
          KeyVaultKey second = admin.rotateKey("rotating");
          check(!second.getId().equals(first.getId()), "it is another version");
          check(!Arrays.equals(second.getKey().getX(), first.getKey().getX()), "another key");
          equal(second.getKey().getCurveName(), KeyCurveName.P_384, "curve");
          equal(second.getKeyOperations(), List.of(KeyOperation.SIGN), "operations");
          equal(second.getProperties().getTags(), Map.of("a", "1"), "tags");
        });
    cases.put(
        "keyRotationPolicy_set_comesBackWithItsNotice",
        () -> {
          ecKey("policy", "P-256");
          equal(
              admin.getKeyRotationPolicy("policy").getLifetimeActions().stream()
                  .map(KeyRotationLifetimeAction::getAction)
                  .toList(),
              List.of(KeyRotationPolicyAction.NOTIFY),
              "before");
          admin.updateKeyRotationPolicy(
              "policy",
              new KeyRotationPolicy()
                  .setExpiresIn("P2Y")
                  .setLifetimeActions(
                      List.of(
                          new KeyRotationLifetimeAction(KeyRotationPolicyAction.ROTATE)
                              .setTimeBeforeExpiry("P30D"))));
          KeyRotationPolicy policy = admin.getKeyRotationPolicy("policy");
          equal(policy.getExpiresIn(), "P2Y", "expires in");
          equal(
              policy.getLifetimeActions().stream()
                  .map(one -> one.getAction() + " " + one.getTimeBeforeExpiry())
                  .toList(),
              List.of(
                  KeyRotationPolicyAction.ROTATE + " P30D",
                  KeyRotationPolicyAction.NOTIFY + " P30D"),
              "actions");
          refused(
              400,
              "BadParameter",
              () ->
                  admin.updateKeyRotationPolicy(
                      "policy", new KeyRotationPolicy().setExpiresIn("P20D")));
        });
    cases.put(
        "keyDelete_live_endsInDeletedStateAndRecovers",
        () -> {
          KeyVaultKey key = ecKey("doomed", "P-256");
          delete("doomed");
          DeletedKey deleted = admin.getDeletedKey("doomed");
          check(deleted.getRecoveryId().endsWith("/deletedkeys/doomed"), deleted.getRecoveryId());
          equal(
              Duration.between(deleted.getDeletedOn(), deleted.getScheduledPurgeDate()),
              Duration.ofDays(90),
              "retention");
          check(
              admin.listDeletedKeys().stream().anyMatch(one -> one.getName().equals("doomed")),
              "it is listed");
          refused(404, "KeyNotFound", () -> admin.getKey("doomed"));
          settle(admin.beginRecoverDeletedKey("doomed"));
          equal(admin.getKey("doomed").getId(), key.getId(), "recovered");
        });
    cases.put(
        "keyPurge_deleted_leavesNothing",
        () -> {
          ecKey("purged", "P-256");
          delete("purged");
          admin.purgeDeletedKey("purged");
          refused(404, "KeyNotFound", () -> admin.getDeletedKey("purged"));
        });
    cases.put(
        "keyRestore_afterPurge_isTheSameKey",
        () -> {
          KeyVaultKey key = ecKey("restored", "P-256");
          byte[] made = signed(key, "ES256");
          byte[] backup = admin.backupKey("restored");
          delete("restored");
          admin.purgeDeletedKey("restored");
          KeyVaultKey again = admin.restoreKeyBackup(backup);
          equal(again.getId(), key.getId(), "id");
          check(valid(again, "ES256", digest("ES256"), made), "the signature from before");
        });
  }

  private void roles() {
    cases.put(
        "keySign_withCryptoUserRole_works",
        () -> {
          KeyVaultKey key = ecKey("for-user", "P-256");
          CryptographyClient remote = cryptography(key, "cryptoUser");
          byte[] made = remote.sign(SignatureAlgorithm.ES256, digest("ES256")).getSignature();
          check(
              remote.verify(SignatureAlgorithm.ES256, digest("ES256"), made).isValid(), "valid");
          KeyEncryptionKey keyEncryption =
              new KeyEncryptionKeyClientBuilder()
                  .credential(credential("cryptoUser"))
                  .buildKeyEncryptionKey(rsaKey("key-encryption", 2048).getId());
          byte[] secret = random(32);
          byte[] wrapped = keyEncryption.wrapKey("RSA-OAEP-256", secret);
          equalBytes(keyEncryption.unwrapKey("RSA-OAEP-256", wrapped), secret, "key encryption");
        });
    cases.put(
        "keyCreate_withCryptoUserRole_isForbiddenByRbac",
        () -> {
          refused(
              403,
              "ForbiddenByRbac",
              () -> client("cryptoUser").createKey("by-user", KeyType.EC));
          refused(404, "KeyNotFound", () -> admin.getKey("by-user"));
        });
    cases.put(
        "keyGet_withoutRole_isForbiddenByRbac",
        () -> {
          ecKey("for-nobody", "P-256");
          refused(403, "ForbiddenByRbac", () -> client("roleless").getKey("for-nobody"));
        });
  }

  private void states() {
    cases.put(
        "keySign_disabled_isKeyDisabled",
        () ->
            signingRefused("KeyDisabled", new CreateEcKeyOptions("disabled").setEnabled(false)));
    cases.put(
        "keySign_expired_isKeyExpired",
        () ->
            signingRefused("KeyExpired", new CreateEcKeyOptions("expired").setExpiresOn(PAST)));
    cases.put(
        "keySign_notYetValid_isKeyNotYetValid",
        () ->
            signingRefused(
                "KeyNotYetValid", new CreateEcKeyOptions("too-early").setNotBefore(FUTURE)));
    cases.put(
        "keyDecrypt_expired_isThePlaintext",
        () -> {
          KeyVaultKey key =
              admin.createRsaKey(
                  new CreateRsaKeyOptions("expired-rsa").setKeySize(2048).setExpiresOn(PAST));
          Cipher cipher = cipher("RSA-OAEP-256");
          initialise(
              cipher, "RSA-OAEP-256", Cipher.ENCRYPT_MODE, key.getKey().toRsa().getPublic());
          equalBytes(
              decrypted(key, "RSA-OAEP-256", cipher.doFinal(MESSAGE)), MESSAGE, "plaintext");
        });
    cases.put(
        "keySign_operationNotPermitted_isKeyOperationForbidden",
        () ->
            signingRefused(
                "KeyOperationForbidden",
                new CreateEcKeyOptions("verify-only").setKeyOperations(KeyOperation.VERIFY)));
    cases.put(
        "keySign_algorithmOfAnotherType_isBadParameter",
        () -> {
          KeyVaultKey key = ecKey("mismatch", "P-256");
          HttpResponseException error =
              refused(400, "BadParameter", () -> signed(key, "ES256K"));
          check(error.getMessage().contains(key.getId()), "the refusal names the key");
        });
    cases.put(
        "keyDecrypt_garbage_isBadParameter",
        () -> {
          KeyVaultKey key = rsaKey("garbage", 2048);
          byte[] garbage = new byte[256];
          Arrays.fill(garbage, (byte) 1);
          for (String name : RSA_ENCRYPTIONS) {
            refused(400, "BadParameter", () -> decrypted(key, name, garbage));
          }
        });
    cases.put(
        "keyGet_unknown_isKeyNotFound",
        () ->
            check(
                refused(404, "KeyNotFound", () -> admin.getKey("does-not-exist"))
                    instanceof ResourceNotFoundException,
                "is a ResourceNotFoundException"));
    cases.put(
        "keyCreate_nameInDeletedState_isObjectIsDeletedButRecoverable",
        () -> {
          ecKey("taken", "P-256");
          delete("taken");
          refused(409, "ObjectIsDeletedButRecoverable", () -> ecKey("taken", "P-256"));
        });
  }

  /** The last one, since tokens from before are months old after it. */
  private void months() {
    cases.put(
        "keyRotation_elevenMonthsPass_isRotatedOnceByItsPolicy",
        () -> {
          KeyVaultKey first =
              admin.createEcKey(
                  new CreateEcKeyOptions("monthly").setKeyOperations(KeyOperation.SIGN));
          admin.updateKeyRotationPolicy(
              "monthly",
              new KeyRotationPolicy()
                  .setExpiresIn("P2Y")
                  .setLifetimeActions(
                      List.of(
                          new KeyRotationLifetimeAction(KeyRotationPolicyAction.ROTATE)
                              .setTimeAfterCreate("P11M"))));
          pass();
          KeyClient later = client("admin");
          for (int i = 0; i < 100 && versions(later, "monthly").size() < 2; i++) {
            Thread.sleep(100);
          }
          equal(versions(later, "monthly").size(), 2, "versions");
          KeyVaultKey newest = later.getKey("monthly");
          KeyProperties properties = newest.getProperties();
          check(!newest.getId().equals(first.getId()), "the newest is another");
          check(
              Duration.between(first.getProperties().getCreatedOn(), properties.getCreatedOn())
                      .toDays()
                  >= 330,
              "months on");
          check(
              Duration.between(properties.getCreatedOn(), properties.getExpiresOn()).toDays()
                  >= 730,
              "two years");
          equal(newest.getKeyOperations(), List.of(KeyOperation.SIGN), "operations");
        });
  }

  private void pass() throws IOException, InterruptedException {
    List<String> command =
        scene.path("elevenMonthsPass").valueStream().map(JsonNode::asString).toList();
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    equal(process.waitFor(), 0, "exit code of the clock");
  }

  // clients

  private KeyClient client(String application) {
    return new KeyClientBuilder()
        .vaultUrl(scene.path("vaultUrl").asString())
        .credential(credential(application))
        .retryOptions(new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1))))
        .buildClient();
  }

  /** One that asks the server for everything, as for a caller who may not read the key. */
  private CryptographyClient cryptography(KeyVaultKey key, String application) {
    return new CryptographyClientBuilder()
        .keyIdentifier(key.getId())
        .credential(credential(application))
        .disableKeyCaching()
        .retryOptions(new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1))))
        .buildClient();
  }

  private TokenCredential credential(String application) {
    return new ClientSecretCredentialBuilder()
        .authorityHost(scene.path("authorityHost").asString())
        .disableInstanceDiscovery()
        .tenantId(scene.path("tenantId").asString())
        .clientId(scene.path(application).path("clientId").asString())
        .clientSecret(scene.path(application).path("clientSecret").asString())
        .build();
  }

  private KeyVaultKey rsaKey(String name, int size) {
    return admin.createRsaKey(new CreateRsaKeyOptions(name).setKeySize(size));
  }

  private KeyVaultKey ecKey(String name, String curve) {
    return admin.createEcKey(
        new CreateEcKeyOptions(name).setCurveName(KeyCurveName.fromString(curve)));
  }

  private KeyVaultKey octKey(String name, byte[] secret, KeyOperation... operations) {
    return admin.importKey(
        name,
        JsonWebKey.fromAes(new SecretKeySpec(secret, "AES"), List.of(operations))
            .setKeyType(KeyType.OCT));
  }

  private byte[] signed(KeyVaultKey key, String name) throws GeneralSecurityException {
    return cryptography(key, "admin")
        .sign(SignatureAlgorithm.fromString(name), digest(name))
        .getSignature();
  }

  private boolean valid(KeyVaultKey key, String name, byte[] digest, byte[] signature) {
    return cryptography(key, "admin")
        .verify(SignatureAlgorithm.fromString(name), digest, signature)
        .isValid();
  }

  private byte[] decrypted(KeyVaultKey key, String name, byte[] ciphertext) {
    return cryptography(key, "admin")
        .decrypt(EncryptionAlgorithm.fromString(name), ciphertext)
        .getPlainText();
  }

  private EncryptResult encryptedGcm(KeyVaultKey key, int size) {
    EncryptParameters parameters =
        switch (size) {
          case 128 -> EncryptParameters.createA128GcmParameters(MESSAGE, AAD);
          case 192 -> EncryptParameters.createA192GcmParameters(MESSAGE, AAD);
          default -> EncryptParameters.createA256GcmParameters(MESSAGE, AAD);
        };
    return cryptography(key, "admin").encrypt(parameters, null);
  }

  private void signingRefused(String code, CreateEcKeyOptions options) {
    KeyVaultKey key = admin.createEcKey(options);
    refused(403, code, () -> signed(key, "ES256"));
  }

  private void delete(String name) {
    settle(admin.beginDeleteKey(name));
  }

  private static BigInteger modulus(KeyVaultKey key) {
    return ((RSAPublicKey) key.getKey().toRsa().getPublic()).getModulus();
  }

  private static List<String> versions(KeyClient client, String name) {
    return client.listPropertiesOfKeyVersions(name).stream()
        .map(KeyProperties::getVersion)
        .toList();
  }

  private static void settle(SyncPoller<?, ?> poller) {
    LongRunningOperationStatus status =
        poller.setPollInterval(Duration.ofMillis(200)).waitForCompletion(SETTLES).getStatus();
    equal(status, LongRunningOperationStatus.SUCCESSFULLY_COMPLETED, "end of the operation");
  }

  private static HttpResponseException refused(int status, String code, Case action) {
    try {
      action.run();
    } catch (HttpResponseException e) {
      equal(e.getResponse().getStatusCode(), status, "status of " + e.getMessage());
      check(e.getMessage().contains(code), "expected " + code + " in " + e.getMessage());
      return e;
    } catch (Exception e) {
      throw new AssertionError("not an answer of the service: " + e, e);
    }
    throw new AssertionError("was not refused with " + status + " " + code);
  }

  // the other implementation

  private static byte[] digest(String algorithm) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-" + bits(algorithm)).digest(MESSAGE);
  }

  private static String bits(String algorithm) {
    return algorithm.substring(2, 5);
  }

  private static Signature signature(String algorithm) throws GeneralSecurityException {
    String bits = bits(algorithm);
    if (algorithm.startsWith("ES")) {
      return Signature.getInstance("SHA" + bits + "withECDSAinP1363Format");
    }
    if (algorithm.startsWith("RS")) {
      return Signature.getInstance("SHA" + bits + "withRSA");
    }
    Signature pss = Signature.getInstance("RSASSA-PSS");
    String hash = "SHA-" + bits;
    pss.setParameter(
        new PSSParameterSpec(
            hash, "MGF1", new MGF1ParameterSpec(hash), Integer.parseInt(bits) / 8, 1));
    return pss;
  }

  private static boolean verifies(String algorithm, PublicKey key, byte[] made)
      throws GeneralSecurityException {
    Signature verifier = signature(algorithm);
    verifier.initVerify(key);
    verifier.update(MESSAGE);
    return verifier.verify(made);
  }

  private static String standard(String curve) {
    return "secp" + curve.substring(2) + "r1";
  }

  private static PublicKey publicKey(KeyVaultKey key) throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(standard(key.getKey().getCurveName().toString())));
    ECPoint point =
        new ECPoint(
            new BigInteger(1, key.getKey().getX()), new BigInteger(1, key.getKey().getY()));
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new ECPublicKeySpec(point, parameters.getParameterSpec(ECParameterSpec.class)));
  }

  private static Cipher cipher(String algorithm) throws GeneralSecurityException {
    return Cipher.getInstance(
        algorithm.equals("RSA1_5") ? "RSA/ECB/PKCS1Padding" : "RSA/ECB/OAEPPadding");
  }

  private static void initialise(
      Cipher cipher, String algorithm, int mode, Key key)
      throws GeneralSecurityException {
    switch (algorithm) {
      case "RSA1_5" -> cipher.init(mode, key);
      case "RSA-OAEP" -> cipher.init(mode, key, oaep("SHA-1"));
      default -> cipher.init(mode, key, oaep("SHA-256"));
    }
  }

  private static OAEPParameterSpec oaep(String hash) {
    return new OAEPParameterSpec(
        hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT);
  }

  private static Cipher gcm(int mode, byte[] secret, byte[] iv) throws GeneralSecurityException {
    Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
    aes.init(mode, new SecretKeySpec(secret, "AES"), new GCMParameterSpec(128, iv));
    aes.updateAAD(AAD);
    return aes;
  }

  private static KeyPair newRsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }

  private static void equal(Object actual, Object expected, String what) {
    check(
        Objects.equals(actual, expected),
        what + ": expected " + expected + ", got " + actual);
  }

  private static void equalBytes(byte[] actual, byte[] expected, String what) {
    check(Arrays.equals(actual, expected), what + ": other bytes than expected");
  }
}
