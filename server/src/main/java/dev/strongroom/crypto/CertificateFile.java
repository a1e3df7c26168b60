package dev.strongroom.crypto;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.PrivateJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.pkcs.AuthenticatedSafe;
import org.bouncycastle.asn1.pkcs.CertBag;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.EncryptedData;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Pfx;
import org.bouncycastle.asn1.pkcs.SafeBag;

/**
 * A private key and certificates that a caller brings, as PFX (RFC 7292) or as PEM: taken apart, but
 * not yet checked to belong together.
 *
 * @param form the form that it came in
 * @param certificates DER, in the order in which they stood
 */
public record CertificateFile(Form form, PrivateJwk key, List<byte[]> certificates)
    implements AutoCloseable {
  private static final int MOST_CERTIFICATES = 32;
  private static final byte[] PEM = "-----BEGIN ".getBytes(StandardCharsets.US_ASCII);

  /** How a file is written. */
  public enum Form {
    PFX,
    PEM
  }

  /** Reads either, told apart by the content. */
  public static CertificateFile read(byte[] content, String password) {
    return isPem(content) ? readPem(content, password) : readPfx(content, password);
  }

  public static boolean isPem(byte[] content) {
    for (int at = 0; at + PEM.length <= content.length; at++) {
      if (content[at] == PEM[0] && Arrays.equals(content, at, at + PEM.length, PEM, 0, PEM.length)) {
        return true;
      }
    }
    return false;
  }

  private static CertificateFile readPem(byte[] content, String password) {
    List<Pem.Block> blocks;
    try {
      blocks = Pem.read(content);
    } catch (IllegalArgumentException e) {
      throw invalid("it is not PEM");
    }
    Contents found = new Contents();
    for (Pem.Block block : blocks) {
      switch (block.label()) {
        case Pem.CERTIFICATE -> found.certificate(block.der());
        case Pem.PRIVATE_KEY -> found.key(Pkcs8.read(block.der()));
        case "RSA PRIVATE KEY" -> found.key(Pkcs8.readPkcs1(block.der()));
        case "EC PRIVATE KEY" -> found.key(Pkcs8.readSec1(block.der()));
        case "ENCRYPTED PRIVATE KEY" ->
            found.encryptedKey(block.der(), password);
        // what OpenSSL writes before a key on a curve says nothing that the key does not
        case "EC PARAMETERS" -> {}
        default -> throw invalid("it has a PEM block " + block.label());
      }
    }
    return found.file(Form.PEM);
  }

  private static byte[] decrypted(byte[] der, PasswordEncryption encryption) {
    try {
      EncryptedPrivateKeyInfo info = EncryptedPrivateKeyInfo.getInstance(der);
      return encryption
          .decrypt(info.getEncryptionAlgorithm(), info.getEncryptedData())
          .orElseThrow(CertificateFile::wrongPassword);
    } catch (IllegalArgumentException | IllegalStateException | ClassCastException e) {
      throw invalid("its encrypted private key does not parse");
    }
  }

  /** A PFX that {@link CertificateMaking#pfx} has made, as {@link CertificateMaking#pem} makes it. */
  public static SecretBytes pfxToPem(SecretBytes base64) {
    try (SecretBytes pfx = SecretBytes.taking(Base64.getDecoder().decode(base64.exposed()))) {
      Contents found = pfx(pfx.exposed(), "");
      try (SecretBytes key = SecretBytes.taking(found.pkcs8)) {
        return CertificateMaking.pem(key, found.certificates);
      }
    }
  }

  private static CertificateFile readPfx(byte[] content, String password) {
    Contents found = pfx(content, password);
    try (SecretBytes key = SecretBytes.taking(found.pkcs8)) {
      if (key.length() > 0) {
        found.key(Pkcs8.read(key.exposed()));
      }
      return found.file(Form.PFX);
    }
  }

  private static Contents pfx(byte[] content, String password) {
    PasswordEncryption encryption = new PasswordEncryption(password);
    Contents found = new Contents();
    try {
      Pfx pfx = Pfx.getInstance(ASN1Primitive.fromByteArray(content));
      byte[] safes = data(pfx.getAuthSafe());
      if (pfx.getMacData() != null && !encryption.matches(pfx.getMacData(), safes)) {
        throw wrongPassword();
      }
      for (ContentInfo safe : AuthenticatedSafe.getInstance(safes).getContentInfo()) {
        bags(safe, encryption, found);
      }
    } catch (IOException
        | IllegalArgumentException
        | IllegalStateException
        | ClassCastException
        | NullPointerException
        | ArithmeticException e) {
      // without the cause: what a parser of hostile input throws is no error of ours
      throw invalid("it is neither a PFX nor PEM");
    } catch (StackOverflowError e) {
      // because structures may be nested as deep as the body is long
      throw invalid("it is nested too deep");
    }
    return found;
  }

  private static void bags(ContentInfo safe, PasswordEncryption encryption, Contents found) {
    byte[] plain;
    if (safe.getContentType().equals(PKCSObjectIdentifiers.encryptedData)) {
      EncryptedData data = EncryptedData.getInstance(safe.getContent());
      plain =
          encryption
              .decrypt(data.getEncryptionAlgorithm(), data.getContent().getOctets())
              .orElseThrow(CertificateFile::wrongPassword);
    } else {
      plain = data(safe);
    }
    try {
      ASN1Sequence all = ASN1Sequence.getInstance(plain);
      for (int i = 0; i < all.size(); i++) {
        SafeBag bag = SafeBag.getInstance(all.getObjectAt(i));
        ASN1ObjectIdentifier type = bag.getBagId();
        if (type.equals(PKCSObjectIdentifiers.certBag)) {
          CertBag certificate = CertBag.getInstance(bag.getBagValue());
          if (certificate.getCertId().equals(PKCSObjectIdentifiers.x509Certificate)) {
            found.certificate(
                ASN1OctetString.getInstance(certificate.getCertValue()).getOctets());
          }
        } else if (type.equals(PKCSObjectIdentifiers.keyBag)) {
          found.pkcs8(encoded(bag));
        } else if (type.equals(PKCSObjectIdentifiers.pkcs8ShroudedKeyBag)) {
          found.pkcs8(decrypted(encoded(bag), encryption));
        }
      }
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }

  private static byte[] encoded(SafeBag bag) {
    try {
      return bag.getBagValue().toASN1Primitive().getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException("encoding into an array", e);
    }
  }

  private static byte[] data(ContentInfo info) {
    if (!info.getContentType().equals(PKCSObjectIdentifiers.data)) {
      throw invalid("a part of it is for a public key, and not supported");
    }
    return ASN1OctetString.getInstance(info.getContent()).getOctets();
  }

  private static final class Contents {
    private final List<byte[]> certificates = new ArrayList<>();
    private byte[] pkcs8 = {};
    private PrivateJwk key;

    void certificate(byte[] der) {
      if (certificates.size() == MOST_CERTIFICATES) {
        throw invalid("it has more than " + MOST_CERTIFICATES + " certificates");
      }
      certificates.add(der);
    }

    /** Of a PFX; what it says is read when all is known to be there. */
    void pkcs8(byte[] der) {
      if (pkcs8.length > 0) {
        throw invalid("it has more than one private key");
      }
      pkcs8 = der;
    }

    void encryptedKey(byte[] der, String password) {
      byte[] plain = decrypted(der, new PasswordEncryption(password));
      try {
        key(Pkcs8.read(plain));
      } finally {
        Arrays.fill(plain, (byte) 0);
      }
    }

    void key(Optional<PrivateJwk> read) {
      if (key != null) {
        throw invalid("it has more than one private key");
      }
      key =
          read.orElseThrow(
              () -> invalid("its private key is not of a type that Key Vault has"));
    }

    CertificateFile file(Form form) {
      if (key == null) {
        throw invalid("it has no private key");
      }
      if (certificates.isEmpty()) {
        throw invalid("it has no certificate");
      }
      return new CertificateFile(form, key, List.copyOf(certificates));
    }
  }

  /** Whether a password was given that was not needed makes no difference. */
  private static VaultException wrongPassword() {
    return VaultException.of(ErrorCode.CERTIFICATE_PASSWORD);
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.CERTIFICATE_CONTENT_INVALID, "reason", reason);
  }

  /** Private members are wiped. */
  @Override
  public void close() {
    key.close();
  }

  @Override
  public String toString() {
    return "CertificateFile[" + form + ", redacted]";
  }
}
