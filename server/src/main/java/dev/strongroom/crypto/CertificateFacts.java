package dev.strongroom.crypto;

import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.model.X509Properties;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.cert.X509CertificateHolder;

/**
 * What a certificate says, as far as a policy can say it. Reading checks its form, never who issued
 * it.
 *
 * @param properties names that a policy cannot hold are left out
 */
public record CertificateFacts(
    byte[] der,
    PublicJwk key,
    Instant notBefore,
    Instant notAfter,
    X509Properties properties) {
  /** Of a user principal name in alternative names, from Microsoft's registry. */
  static final ASN1ObjectIdentifier UPN = new ASN1ObjectIdentifier("1.3.6.1.4.1.311.20.2.3");

  /** The end of a certificate with no end (RFC 5280 section 4.1.2.5). */
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  /** Refuses what is no certificate, and keys of a kind that Key Vault does not have. */
  public static CertificateFacts read(byte[] der) {
    X509CertificateHolder parsed = parse(der);
    PublicJwk key =
        Spki.read(parsed.getSubjectPublicKeyInfo())
            .orElseThrow(() -> invalid("the key of its certificate is of an unknown type"));
    try {
      Instant from = parsed.getNotBefore().toInstant();
      Instant until = parsed.getNotAfter().toInstant();
      if (from.isBefore(Instant.EPOCH) || until.isBefore(from) || until.isAfter(LAST)) {
        throw invalid("its certificate is valid at no time that Key Vault can say");
      }
      return new CertificateFacts(der.clone(), key, from, until, properties(parsed, from, until));
    } catch (IllegalArgumentException | IllegalStateException | ClassCastException e) {
      throw invalid("an extension of its certificate does not parse");
    }
  }

  /** The certificates of one file with the one of this key found among them. */
  public record Chain(CertificateFacts leaf, List<byte[]> certificates) {
    public Chain {
      certificates = List.copyOf(certificates);
    }
  }

  /**
   * Finds the certificate of a key among others.
   *
   * @param keepOrder whether they stay in the order given; else that of the key comes first, and the
   *     others follow by who issued whom, as far as that is known
   */
  public static Chain chain(List<byte[]> certificates, PublicJwk key, boolean keepOrder) {
    List<X509CertificateHolder> parsed =
        new ArrayList<>(certificates.stream().map(CertificateFacts::parse).toList());
    X509CertificateHolder leaf =
        parsed.stream()
            .filter(
                one -> Spki.read(one.getSubjectPublicKeyInfo()).filter(key::equals).isPresent())
            .findFirst()
            .orElseThrow(() -> VaultException.of(ErrorCode.CERTIFICATE_KEY_MISMATCH));
    CertificateFacts facts = read(encoded(leaf));
    if (keepOrder) {
      return new Chain(facts, certificates);
    }
    List<byte[]> ordered = new ArrayList<>();
    X509CertificateHolder next = leaf;
    while (next != null) {
      ordered.add(encoded(next));
      parsed.remove(next);
      X509CertificateHolder last = next;
      next =
          parsed.stream()
              .filter(one -> one.getSubject().equals(last.getIssuer()))
              .findFirst()
              .orElse(null);
    }
    parsed.forEach(one -> ordered.add(encoded(one)));
    return new Chain(facts, ordered);
  }

  /** SHA-1 of the certificate as base64url, as the member x5t has it. */
  public static String x5t(byte[] der) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Digests.sha1Thumbprint(der));
  }

  private static X509Properties properties(
      X509CertificateHolder parsed, Instant from, Instant until) {
    Optional<BasicConstraints> constraints =
        extension(parsed, Extension.basicConstraints).map(BasicConstraints::getInstance);
    boolean authority = constraints.map(BasicConstraints::isCA).orElse(false);
    return new X509Properties(
        DistinguishedName.text(parsed.getSubject()),
        ekus(parsed),
        names(parsed),
        usages(parsed),
        (int) Math.max(1, months(from, until)),
        authority,
        constraints
            .filter(_ -> authority)
            .map(BasicConstraints::getPathLenConstraint)
            .map(length -> length.min(BigInteger.TEN).intValue()));
  }

  private static long months(Instant from, Instant until) {
    return ChronoUnit.MONTHS.between(from.atOffset(ZoneOffset.UTC), until.atOffset(ZoneOffset.UTC));
  }

  private static List<String> ekus(X509CertificateHolder parsed) {
    return extension(parsed, Extension.extendedKeyUsage)
        .map(ExtendedKeyUsage::getInstance)
        .map(all -> Arrays.stream(all.getUsages()).map(KeyPurposeId::getId).toList())
        .orElse(List.of());
  }

  private static List<CertificateKeyUsage> usages(X509CertificateHolder parsed) {
    Optional<KeyUsage> usage =
        extension(parsed, Extension.keyUsage).map(KeyUsage::getInstance);
    return Arrays.stream(CertificateKeyUsage.values())
        .filter(one -> usage.filter(set -> set.hasUsages(bit(one))).isPresent())
        .toList();
  }

  /** The bit in the numbering of Bouncy Castle: the first of each byte is its highest. */
  static int bit(CertificateKeyUsage usage) {
    int place = usage.ordinal();
    return place < 8 ? 1 << (7 - place) : 1 << 15;
  }

  private static SubjectNames names(X509CertificateHolder parsed) {
    List<String> emails = new ArrayList<>();
    List<String> dns = new ArrayList<>();
    List<String> upns = new ArrayList<>();
    List<String> uris = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    extension(parsed, Extension.subjectAlternativeName)
        .map(GeneralNames::getInstance)
        .map(GeneralNames::getNames)
        .stream()
        .flatMap(Arrays::stream)
        .forEach(
            name -> {
              ASN1Encodable value = name.getName();
              switch (name.getTagNo()) {
                case GeneralName.rfc822Name -> emails.add(((ASN1String) value).getString());
                case GeneralName.dNSName -> dns.add(((ASN1String) value).getString());
                case GeneralName.uniformResourceIdentifier ->
                    uris.add(((ASN1String) value).getString());
                case GeneralName.iPAddress -> addresses.add(address(value));
                case GeneralName.otherName -> upn(OtherName.getInstance(value), upns);
                default -> {}
              }
            });
    return new SubjectNames(emails, dns, upns, uris, addresses);
  }

  private static void upn(OtherName name, List<String> upns) {
    if (name.getTypeID().equals(UPN) && name.getValue() instanceof ASN1String text) {
      upns.add(text.getString());
    }
  }

  private static String address(ASN1Encodable value) {
    try {
      return InetAddress.getByAddress(ASN1OctetString.getInstance(value).getOctets())
          .getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of the wrong length", e);
    }
  }

  private static Optional<ASN1Encodable> extension(
      X509CertificateHolder parsed, ASN1ObjectIdentifier type) {
    return Optional.ofNullable(parsed.getExtension(type)).map(Extension::getParsedValue);
  }

  private static X509CertificateHolder parse(byte[] der) {
    try {
      ASN1Primitive whole = ASN1Primitive.fromByteArray(der);
      return new X509CertificateHolder(
          Certificate.getInstance(whole));
    } catch (IOException
        | IllegalArgumentException
        | IllegalStateException
        | ClassCastException
        | NullPointerException e) {
      throw invalid("one of its certificates does not parse");
    } catch (StackOverflowError e) {
      // because structures may be nested as deep as the body is long
      throw invalid("one of its certificates is nested too deep");
    }
  }

  private static byte[] encoded(X509CertificateHolder certificate) {
    try {
      return certificate.getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException("encoding into an array", e);
    }
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.CERTIFICATE_CONTENT_INVALID, "reason", reason);
  }

  @Override
  public String toString() {
    return "CertificateFacts[" + x5t(der) + ']';
  }
}
