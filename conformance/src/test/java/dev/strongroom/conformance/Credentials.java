package dev.strongroom.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Keys, certificates and signed tokens of the tests' own making. */
final class Credentials {
  /** Of the key stores that are made here. */
  static final String STORE_PASSWORD = "unimportant";

  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private Credentials() {}

  static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  /** A JWK set with the public half of one key. */
  static String jwks(KeyPair pair, String keyId) {
    RSAPublicKey key = (RSAPublicKey) pair.getPublic();
    Map<String, String> jwk =
        Map.of(
            "kty",
            "RSA",
            "use",
            "sig",
            "alg",
            "RS256",
            "kid",
            keyId,
            "n",
            URL.encodeToString(unsigned(key.getModulus().toByteArray())),
            "e",
            URL.encodeToString(unsigned(key.getPublicExponent().toByteArray())));
    return JsonMapper.shared().writeValueAsString(Map.of("keys", List.of(jwk)));
  }

  private static byte[] unsigned(byte[] number) {
    return number[0] == 0 ? Arrays.copyOfRange(number, 1, number.length) : number;
  }

  /** A JWT (RFC 7519) signed with RS256. */
  static String signedToken(Map<String, ?> header, Map<String, ?> claims, KeyPair pair)
      throws GeneralSecurityException {
    String content = part(header) + "." + part(claims);
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(content.getBytes(StandardCharsets.US_ASCII));
    return content + "." + URL.encodeToString(signature.sign());
  }

  private static String part(Map<String, ?> json) {
    return URL.encodeToString(
        JsonMapper.shared().writeValueAsString(json).getBytes(StandardCharsets.UTF_8));
  }

  /** Header (0) or claims (1) of a JWT. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> decoded(String token, int part) {
    byte[] json = Base64.getUrlDecoder().decode(token.split("\\.")[part]);
    return JsonMapper.shared().readValue(json, Map.class);
  }

  /**
   * Makes a self-signed certificate with the JDK's keytool: {@code NAME.cer} with the certificate
   * alone, {@code NAME.pem} with its private key as well, {@code NAME.p12} with both.
   *
   * @param more further options of keytool
   */
  static void newCertificate(Path directory, String name, String... more)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = directory.resolve(name + ".p12");
    String password = STORE_PASSWORD;
    Files.deleteIfExists(store);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=" + name,
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                password));
    command.addAll(List.of(more));
    Output.of(command, directory, Map.of(), 60).mustSucceed();
    KeyStore keys = KeyStore.getInstance(store.toFile(), password.toCharArray());
    Key key = keys.getKey("key", password.toCharArray());
    String certificate = pem("CERTIFICATE", keys.getCertificate("key").getEncoded());
    Files.writeString(directory.resolve(name + ".cer"), certificate);
    Files.writeString(
        directory.resolve(name + ".pem"), pem("PRIVATE KEY", key.getEncoded()) + certificate);
  }

  /** The SHA-256 thumbprint of a certificate in plain base64. */
  static String sha256(Path certificate) throws IOException, GeneralSecurityException {
    try (InputStream pem = Files.newInputStream(certificate)) {
      byte[] der = CertificateFactory.getInstance("X.509").generateCertificate(pem).getEncoded();
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(der));
    }
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /** A trust store with the authorities of a PEM file, and the context that trusts only them. */
  static SSLContext trusting(Path caFile, Path trustStore, String password)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(caFile)) {
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("ca" + number++, each);
      }
    }
    try (var out = Files.newOutputStream(trustStore)) {
      store.store(out, password.toCharArray());
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
