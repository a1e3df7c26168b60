package dev.strongroom.conformance;

import com.azure.core.credential.TokenCredential;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.security.keyvault.keys.KeyClient;
import com.azure.security.keyvault.keys.KeyClientBuilder;
import com.azure.security.keyvault.keys.cryptography.KeyEncryptionKeyClientBuilder;
import com.azure.security.keyvault.keys.models.CreateOctKeyOptions;
import com.azure.security.keyvault.keys.models.CreateRsaKeyOptions;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClient;
import com.azure.storage.blob.specialized.cryptography.EncryptedBlobClientBuilder;
import com.azure.storage.blob.specialized.cryptography.EncryptionVersion;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.microsoft.sqlserver.jdbc.SQLServerColumnEncryptionAzureKeyVaultProvider;
import com.microsoft.sqlserver.jdbc.SQLServerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Java programs that keep their keys in the vault: SQL Server's driver, whose column encryption keys
 * are wrapped and signed by a column master key, and the storage library, which encrypts blobs under
 * a key that the vault wraps. Reports one line per case (TAP).
 *
 * @see <a href="https://learn.microsoft.com/sql/connect/jdbc/using-always-encrypted-with-the-jdbc-driver">Always
 *     Encrypted with the JDBC driver</a>
 * @see <a href="https://learn.microsoft.com/azure/storage/blobs/client-side-encryption">Client-side
 *     encryption for blobs</a>
 */
final class JavaKeyUsersCases {
  private static final String RSA_OAEP = "RSA_OAEP";
  private static final String ACCOUNT = "account";
  private static final String CONTAINER = "container";

  /** A case that may fail in any way. */
  private interface Case {
    void run() throws Exception;
  }

  private final JsonNode scene;
  private final KeyClient keys;
  private final BlobStore store;
  private final Random random = new Random(20);
  private final Map<String, Case> cases = new LinkedHashMap<>();

  private JavaKeyUsersCases(JsonNode scene, BlobStore store) {
    this.scene = scene;
    this.store = store;
    this.keys =
        new KeyClientBuilder()
            .vaultUrl(scene.path("vaultUrl").asString())
            .credential(credential())
            .buildClient();
    columns();
    blobs();
  }

  public static void main(String[] arguments) throws Exception {
    JsonNode scene = JsonMapper.shared().readTree(Path.of(System.getenv("STRONGROOM_SCENE")));
    try (BlobStore store = new BlobStore()) {
      System.exit(new JavaKeyUsersCases(scene, store).run() ? 0 : 1);
    }
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

  private void columns() {
    cases.put(
        "columnKey_encrypted_decryptsToTheSame",
        () -> {
          String master = rsaKey("master").getId();
          byte[] columnKey = bytes(32);
          byte[] encrypted = provider().encryptColumnEncryptionKey(master, RSA_OAEP, columnKey);
          // by another provider, which has seen nothing
          check(
              Arrays.equals(
                  provider().decryptColumnEncryptionKey(master, RSA_OAEP, encrypted), columnKey),
              "the column key");
        });
    cases.put(
        "columnKey_oneBitChanged_isRefused",
        () -> {
          String master = rsaKey("signing").getId();
          byte[] encrypted = provider().encryptColumnEncryptionKey(master, RSA_OAEP, bytes(32));
          // the wrapped key and behind it the signature, 256 bytes each
          for (int place : new int[] {encrypted.length - 300, encrypted.length - 1}) {
            byte[] changed = encrypted.clone();
            changed[place] ^= 1;
            refused(() -> provider().decryptColumnEncryptionKey(master, RSA_OAEP, changed));
          }
        });
    cases.put(
        "columnKey_masterKeyRotated_decryptsWithTheOldVersion",
        () -> {
          String master = rsaKey("rotated").getId();
          byte[] columnKey = bytes(32);
          byte[] encrypted = provider().encryptColumnEncryptionKey(master, RSA_OAEP, columnKey);
          String next = keys.rotateKey("rotated").getId();
          check(!next.equals(master), "there is a new version");
          check(
              Arrays.equals(
                  provider().decryptColumnEncryptionKey(master, RSA_OAEP, encrypted), columnKey),
              "the column key");
          refused(() -> provider().decryptColumnEncryptionKey(next, RSA_OAEP, encrypted));
        });
    cases.put(
        "columnKey_masterKeyDisabled_isForbidden",
        () -> {
          KeyVaultKey master = rsaKey("disabled");
          byte[] encrypted =
              provider().encryptColumnEncryptionKey(master.getId(), RSA_OAEP, bytes(32));
          keys.updateKeyProperties(master.getProperties().setEnabled(false));
          HttpResponseException answer =
              refusal(
                  () ->
                      provider()
                          .decryptColumnEncryptionKey(master.getId(), RSA_OAEP, encrypted));
          check(answer.getResponse().getStatusCode() == 403, "status of " + answer);
        });
    cases.put(
        "columnMasterKeyMetadata_signed_isVerified",
        () -> {
          String master = rsaKey("metadata").getId();
          byte[] signature = provider().signColumnMasterKeyMetadata(master, true);
          check(provider().verifyColumnMasterKeyMetadata(master, true, signature), "signature");
        });
    cases.put(
        "columnMasterKeyMetadata_changed_isNotVerified",
        () -> {
          String master = rsaKey("metadata").getId();
          byte[] signature = provider().signColumnMasterKeyMetadata(master, true);
          check(
              !provider().verifyColumnMasterKeyMetadata(master, false, signature),
              "signature of other metadata");
        });
  }

  private void blobs() {
    cases.put(
        "blob_encryptedUnderRsaKey_comesBack",
        () -> comesBack(rsaKey("blobs"), "RSA-OAEP-256", EncryptionVersion.V2));
    cases.put(
        "blob_encryptedUnderSymmetricKey_comesBack",
        () ->
            comesBack(
                keys.createOctKey(
                    new CreateOctKeyOptions("blobs-oct")
                        .setKeySize(256)
                        .setHardwareProtected(false)),
                "A256KW",
                EncryptionVersion.V2_1));
    cases.put(
        "blob_ofTheOldProtocol_comesBack", () -> comesBack(rsaKey("old"), "RSA-OAEP", oldProtocol()));
    cases.put(
        "blob_keyDisabled_cannotBeRead",
        () -> {
          KeyVaultKey key = rsaKey("blobs-off");
          client("off", key, "RSA-OAEP-256", EncryptionVersion.V2)
              .upload(BinaryData.fromBytes(bytes(1000)));
          keys.updateKeyProperties(key.getProperties().setEnabled(false));
          HttpResponseException answer =
              refusal(
                  () ->
                      client("off", key, "RSA-OAEP-256", EncryptionVersion.V2)
                          .downloadContentWithResponse(
                              new DownloadRetryOptions().setMaxRetryRequests(0),
                              null,
                              null,
                              Context.NONE));
          check(answer.getResponse().getStatusCode() == 403, "status of " + answer);
        });
  }

  /** Its CBC mode is deprecated and still there to be read. */
  @SuppressWarnings("deprecation")
  private static EncryptionVersion oldProtocol() {
    return EncryptionVersion.V1;
  }

  private void comesBack(KeyVaultKey key, String algorithm, EncryptionVersion version) {
    String name = key.getName();
    byte[] content = bytes(100_000);
    client(name, key, algorithm, version).upload(BinaryData.fromBytes(content));
    byte[] stored = store.stored("/" + ACCOUNT + "/" + CONTAINER + "/" + name);
    check(
        stored.length >= content.length && !Arrays.equals(stored, content),
        "the store has the blob encrypted");
    check(
        Arrays.equals(
            client(name, key, algorithm, version).downloadContent().toBytes(), content),
        "the blob");
  }

  private EncryptedBlobClient client(
      String name, KeyVaultKey key, String algorithm, EncryptionVersion version) {
    return new EncryptedBlobClientBuilder(version)
        .endpoint(store.endpoint(ACCOUNT))
        .credential(
            new StorageSharedKeyCredential(
                ACCOUNT, Base64.getEncoder().encodeToString(new byte[32])))
        .containerName(CONTAINER)
        .blobName(name)
        .key(
            new KeyEncryptionKeyClientBuilder()
                .credential(credential())
                .buildAsyncKeyEncryptionKey(key.getId())
                .block(Duration.ofMinutes(1)),
            algorithm)
        .buildEncryptedBlobClient();
  }

  private SQLServerColumnEncryptionAzureKeyVaultProvider provider() throws SQLServerException {
    return new SQLServerColumnEncryptionAzureKeyVaultProvider(credential());
  }

  private TokenCredential credential() {
    return new ClientSecretCredentialBuilder()
        .authorityHost(scene.path("authorityHost").asString())
        .disableInstanceDiscovery()
        .tenantId(scene.path("tenantId").asString())
        .clientId(scene.path("admin").path("clientId").asString())
        .clientSecret(scene.path("admin").path("clientSecret").asString())
        .build();
  }

  private KeyVaultKey rsaKey(String name) {
    return keys.createRsaKey(new CreateRsaKeyOptions(name).setKeySize(2048));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void refused(Case action) {
    try {
      action.run();
    } catch (Exception e) {
      return;
    }
    throw new AssertionError("was not refused");
  }

  /** The answer of the vault within what an action throws. */
  private static HttpResponseException refusal(Case action) {
    try {
      action.run();
    } catch (Exception e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof HttpResponseException answer) {
          return answer;
        }
      }
      throw new AssertionError("not an answer of the service: " + e, e);
    }
    throw new AssertionError("was not refused");
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
