package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** TLS contexts for connections that the server makes itself. */
public final class TrustedAuthorities {
  private TrustedAuthorities() {}

  /** Trusts the authorities of the JDK. */
  public static SSLContext ofTheSystem() {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no TLS", e);
    }
  }

  /** Trusts the authorities of a PEM file, at least one, and nobody else. */
  public static SSLContext only(byte[] pem) {
    try {
      return context(null, trust(pem));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("it holds no certificates in PEM", e);
    }
  }

  /**
   * The same, and shows a certificate of ours to whoever asks for one.
   *
   * @param authorities PEM; without it those of the JDK
   * @param certificates PEM, ours first
   * @param key PEM, PKCS#8
   */
  public static SSLContext with(
      Optional<byte[]> authorities, byte[] certificates, SecretBytes key) {
    try {
      Certificate[] chain = read(certificates).toArray(Certificate[]::new);
      List<Pem.Block> keys = Pem.read(key.exposed());
      if (chain.length == 0 || keys.size() != 1 || !keys.getFirst().label().equals(Pem.PRIVATE_KEY)) {
        throw new IllegalArgumentException(
            "there must be a certificate in PEM, and one key in PEM as PKCS#8 without a passphrase");
      }
      PrivateKey ours =
          KeyFactory.getInstance(chain[0].getPublicKey().getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(keys.getFirst().der()));
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("client", ours, new char[0], chain);
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(store, new char[0]);
      return context(
          managers.getKeyManagers(), authorities.isEmpty() ? null : trust(authorities.get()));
    } catch (GeneralSecurityException | IOException e) {
      // without the cause, because it may quote what it could not read of the key
      throw new IllegalArgumentException("the certificate and the key cannot be used together");
    }
  }

  private static SSLContext context(KeyManager[] ours, TrustManager[] trusted)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(ours, trusted, null);
    return context;
  }

  private static Collection<? extends Certificate> read(byte[] pem)
      throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(pem));
  }

  private static TrustManager[] trust(byte[] pem) throws GeneralSecurityException, IOException {
    Collection<? extends Certificate> authorities = read(pem);
    if (authorities.isEmpty()) {
      throw new IllegalArgumentException("there is no certificate in it");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int count = 0;
    for (Certificate authority : authorities) {
      store.setCertificateEntry("authority" + count++, authority);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust.getTrustManagers();
  }
}
