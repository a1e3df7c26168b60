package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.pkcs.PKCS12PfxPduBuilder;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.PKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.bc.BcPKCS12MacCalculatorBuilder;
import org.bouncycastle.pkcs.bc.BcPKCS12PBEOutputEncryptorBuilder;

/**
 * Writes the PFX (RFC 7292) that is the secret of a certificate: without a password, in the one form
 * that OpenSSL, Java's key stores, the Key Vault JCA provider, Python and Go all open. That is the
 * password of no bytes at all, with 3DES and HMAC-SHA-1; newer ciphers are refused by the provider.
 * The encryption protects nothing, as nobody has to know a password: the secret's access does.
 */
final class Pkcs12 {
  private static final char[] NO_PASSWORD = {};
  // few, because there is no password to guess; not 1, because DER leaves the default out
  private static final int ITERATIONS = 16;

  private Pkcs12() {}

  /**
   * @param key PKCS#8; an empty one where the key must not leave
   * @param chain DER, the key's own certificate first
   */
  static SecretBytes write(SecretBytes key, byte[] leaf, List<byte[]> chain) {
    DEROctetString localKeyId = new DEROctetString(Digests.sha1Thumbprint(leaf));
    try {
      PKCS12PfxPduBuilder pfx = new PKCS12PfxPduBuilder();
      PKCS12SafeBag[] certificates = new PKCS12SafeBag[chain.size()];
      for (int i = 0; i < certificates.length; i++) {
        PKCS12SafeBagBuilder bag =
            new PKCS12SafeBagBuilder(new X509CertificateHolder(chain.get(i)));
        if (Arrays.equals(chain.get(i), leaf)) {
          bag.addBagAttribute(PKCSObjectIdentifiers.pkcs_9_at_localKeyId, localKeyId);
        }
        certificates[i] = bag.build();
      }
      pfx.addEncryptedData(encryptor(), certificates);
      if (key.length() > 0) {
        pfx.addData(
            new PKCS12SafeBagBuilder(PrivateKeyInfo.getInstance(key.exposed()), encryptor())
                .addBagAttribute(PKCSObjectIdentifiers.pkcs_9_at_localKeyId, localKeyId)
                .build());
      }
      return SecretBytes.taking(
          pfx.build(
                  new BcPKCS12MacCalculatorBuilder().setIterationCount(ITERATIONS), NO_PASSWORD)
              .getEncoded(ASN1Encoding.DER));
    } catch (IOException | PKCSException e) {
      throw new IllegalStateException("writing a PFX");
    }
  }

  private static OutputEncryptor encryptor() {
    return new BcPKCS12PBEOutputEncryptorBuilder(
            PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC,
            CBCBlockCipher.newInstance(new DESedeEngine()))
        .setIterationCount(ITERATIONS)
        .build(NO_PASSWORD);
  }
}
