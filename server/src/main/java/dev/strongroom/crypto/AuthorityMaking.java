package dev.strongroom.crypto;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.VaultException;
import dev.strongroom.model.X509Properties;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;

/**
 * What a certificate authority signs: certificates of authorities, of OCSP responders and of others,
 * and revocation lists (RFC 5280), by keys that stay where they are.
 */
public final class AuthorityMaking {
  private static final int SERIAL_BITS = 128;
  private static final Pattern HOST = Pattern.compile("(\\*\\.)?([\\w-]+\\.)+[\\w-]+\\.?");

  private AuthorityMaking() {}

  /** An authority's own certificate, and the key of it. */
  public record Signing(byte[] certificate, OpenKey key) {}

  /** From when to when. */
  public record Validity(Instant from, Instant until) {}

  /**
   * Where what belongs to an authority is published; any may be absent.
   *
   * @param certificate of the authority itself
   */
  public record Published(
      Optional<String> certificate, Optional<String> revocationList, Optional<String> ocsp) {
    public static final Published NOWHERE =
        new Published(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** One line of a revocation list. */
  public record Revoked(String serial, Instant at, int reason) {}

  /** Names below which an authority keeps: DNS names, and networks such as 10.0.0.0/8. */
  public record Permitted(List<String> dnsNames, List<String> networks) {
    public Permitted {
      dnsNames = List.copyOf(dnsNames);
      networks = List.copyOf(networks);
    }
  }

  /** A root, which its own key signs. */
  public static byte[] root(String subject, OpenKey key, Validity validity) {
    X500Name name = DistinguishedName.parse(subject);
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    add(extensions, Extension.basicConstraints, true, new BasicConstraints(true));
    add(
        extensions,
        Extension.keyUsage,
        true,
        new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    add(
        extensions,
        Extension.subjectKeyIdentifier,
        false,
        new SubjectKeyIdentifier(keyId(key.publicJwk())));
    return build(name, serialNumber(), validity, name, key.publicJwk(), extensions, key);
  }

  /** An authority below another, which may sign no further one. */
  public static byte[] intermediate(
      String subject,
      PublicJwk key,
      Signing issuer,
      Validity validity,
      Optional<Permitted> permitted,
      Published published) {
    return intermediate(
        subject,
        key,
        issuer,
        validity,
        published,
        extensions ->
            permitted.ifPresent(
                names ->
                    add(extensions, Extension.nameConstraints, true, constraints(names))));
  }

  /** One that takes another's place: what that may issue for it may, too, and nothing else. */
  public static byte[] intermediate(
      String subject,
      PublicJwk key,
      Signing issuer,
      Validity validity,
      byte[] before,
      Published published) {
    Extension permitted = holder(before).getExtension(Extension.nameConstraints);
    return intermediate(
        subject,
        key,
        issuer,
        validity,
        published,
        extensions -> {
          if (permitted != null) {
            add(extensions, Extension.nameConstraints, true, permitted.getParsedValue());
          }
        });
  }

  private static byte[] intermediate(
      String subject,
      PublicJwk key,
      Signing issuer,
      Validity validity,
      Published published,
      Consumer<ExtensionsGenerator> constraints) {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    add(extensions, Extension.basicConstraints, true, new BasicConstraints(0));
    add(
        extensions,
        Extension.keyUsage,
        true,
        new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    constraints.accept(extensions);
    return issued(
        DistinguishedName.parse(subject), serialNumber(), key, issuer, validity, extensions, published);
  }

  /** Of a key that signs OCSP answers for its issuer (RFC 6960 section 4.2.2.2). */
  public static byte[] responder(
      String subject, PublicJwk key, Signing issuer, Validity validity) {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    add(extensions, Extension.basicConstraints, false, new BasicConstraints(false));
    add(extensions, Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    add(
        extensions,
        Extension.extendedKeyUsage,
        false,
        new ExtendedKeyUsage(KeyPurposeId.id_kp_OCSPSigning));
    add(extensions, OCSPObjectIdentifiers.id_pkix_ocsp_nocheck, false, DERNull.INSTANCE);
    return issued(
        DistinguishedName.parse(subject),
        serialNumber(),
        key,
        issuer,
        validity,
        extensions,
        Published.NOWHERE);
  }

  /** A certificate that says what the properties say. */
  public static byte[] certificate(
      X509Properties wanted,
      String serial,
      PublicJwk key,
      Signing issuer,
      Validity validity,
      Published published) {
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    try {
      CertificateMaking.addTo(extensions, wanted);
    } catch (IOException e) {
      throw new IllegalStateException("encoding extensions", e);
    }
    return issued(
        DistinguishedName.parse(wanted.subject()),
        new BigInteger(serial, 16),
        key,
        issuer,
        validity,
        extensions,
        published);
  }

  /** The newest revocation list of an authority. */
  public static byte[] revocationList(
      Signing issuer, long number, Validity validity, List<Revoked> revoked) {
    X509CertificateHolder holder = holder(issuer.certificate());
    try {
      X509v2CRLBuilder list =
          new X509v2CRLBuilder(holder.getSubject(), Date.from(validity.from()))
              .setNextUpdate(Date.from(validity.until()))
              .addExtension(
                  Extension.authorityKeyIdentifier,
                  false,
                  new AuthorityKeyIdentifier(keyId(holder.getSubjectPublicKeyInfo())))
              .addExtension(
                  Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
      for (Revoked one : revoked) {
        BigInteger serial = new BigInteger(one.serial(), 16);
        // because an unspecified reason is left out (RFC 5280 section 5.3.1)
        if (one.reason() == 0) {
          list.addCRLEntry(serial, Date.from(one.at()), null);
        } else {
          list.addCRLEntry(serial, Date.from(one.at()), one.reason());
        }
      }
      return list.build(new CertificateMaking.Signer(issuer.key())).getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException("building a revocation list", e);
    }
  }

  /**
   * A name of the properties that the issuer's certificate does not permit; empty when a certificate
   * of them would be valid below it, and its other names are of permitted hosts too: mail addresses,
   * user principal names, URIs, and a common name that some take for a host.
   */
  public static Optional<String> forbidden(byte[] issuer, X509Properties wanted) {
    Extension extension = holder(issuer).getExtension(Extension.nameConstraints);
    if (extension == null) {
      return Optional.empty();
    }
    NameConstraints constraints = NameConstraints.getInstance(extension.getParsedValue());
    PKIXNameConstraintValidator validator = new PKIXNameConstraintValidator();
    validator.intersectPermittedSubtree(constraints.getPermittedSubtrees());
    return hosts(wanted)
        .filter(
            host -> {
              try {
                validator.checkPermitted(host(host));
                return false;
              } catch (NameConstraintValidatorException e) {
                return true;
              }
            })
        .findFirst();
  }

  /** What the names of a certificate are below, as far as it is a host's name or an address. */
  private static Stream<String> hosts(X509Properties wanted) {
    SubjectNames names = wanted.names();
    return Stream.of(
            names.dnsNames().stream(),
            names.ipAddresses().stream(),
            Stream.concat(names.emails().stream(), names.upns().stream())
                .map(name -> name.substring(name.lastIndexOf('@') + 1)),
            names.uris().stream().map(AuthorityMaking::hostOf),
            DistinguishedName.commonNames(wanted.subject()).stream()
                .filter(name -> HOST.matcher(name).matches() || SubjectNames.isAddress(name)))
        .flatMap(hosts -> hosts);
  }

  /** Empty, which is permitted to nobody, where a URI has none. */
  private static String hostOf(String uri) {
    try {
      String host = Optional.ofNullable(new URI(uri).getHost()).orElse("");
      return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    } catch (URISyntaxException e) {
      return "";
    }
  }

  private static GeneralName host(String host) {
    return new GeneralName(
        SubjectNames.isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host);
  }

  /** Positive, with 128 random bits behind a first one, in hexadecimal (RFC 5280 section 4.1.2.2). */
  public static String newSerial() {
    return serialNumber().toString(16);
  }

  /** The serial number of a certificate, in hexadecimal. */
  public static String serial(byte[] certificate) {
    return holder(certificate).getSerialNumber().toString(16);
  }

  private static BigInteger serialNumber() {
    return new BigInteger(1, Randoms.bytes(SERIAL_BITS / 8)).setBit(SERIAL_BITS);
  }

  private static byte[] issued(
      X500Name subject,
      BigInteger serial,
      PublicJwk key,
      Signing issuer,
      Validity validity,
      ExtensionsGenerator extensions,
      Published published) {
    X509CertificateHolder by = holder(issuer.certificate());
    add(
        extensions,
        Extension.authorityKeyIdentifier,
        false,
        new AuthorityKeyIdentifier(keyId(by.getSubjectPublicKeyInfo())));
    add(
        extensions,
        Extension.subjectKeyIdentifier,
        false,
        new SubjectKeyIdentifier(keyId(key)));
    published
        .revocationList()
        .ifPresent(
            url ->
                add(
                    extensions,
                    Extension.cRLDistributionPoints,
                    false,
                    new CRLDistPoint(
                        new DistributionPoint[] {
                          new DistributionPoint(
                              new DistributionPointName(new GeneralNames(url(url))), null, null)
                        })));
    List<AccessDescription> access = new ArrayList<>();
    published
        .ocsp()
        .ifPresent(
            url -> access.add(new AccessDescription(AccessDescription.id_ad_ocsp, url(url))));
    published
        .certificate()
        .ifPresent(
            url ->
                access.add(new AccessDescription(AccessDescription.id_ad_caIssuers, url(url))));
    if (!access.isEmpty()) {
      add(
          extensions,
          Extension.authorityInfoAccess,
          false,
          new AuthorityInformationAccess(access.toArray(AccessDescription[]::new)));
    }
    return build(by.getSubject(), serial, validity, subject, key, extensions, issuer.key());
  }

  private static byte[] build(
      X500Name issuer,
      BigInteger serial,
      Validity validity,
      X500Name subject,
      PublicJwk key,
      ExtensionsGenerator extensions,
      OpenKey signer) {
    X509v3CertificateBuilder certificate =
        new X509v3CertificateBuilder(
            issuer,
            serial,
            Date.from(validity.from()),
            Date.from(validity.until()),
            subject,
            Spki.of(key));
    try {
      var all = extensions.generate();
      for (ASN1ObjectIdentifier type : all.getExtensionOIDs()) {
        certificate.addExtension(all.getExtension(type));
      }
      return certificate.build(new CertificateMaking.Signer(signer)).getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException("building a certificate", e);
    }
  }

  private static NameConstraints constraints(Permitted permitted) {
    List<GeneralSubtree> subtrees = new ArrayList<>();
    for (String name : permitted.dnsNames()) {
      subtrees.add(new GeneralSubtree(new GeneralName(GeneralName.dNSName, name)));
    }
    for (String network : permitted.networks()) {
      try {
        subtrees.add(new GeneralSubtree(new GeneralName(GeneralName.iPAddress, network)));
      } catch (IllegalArgumentException e) {
        throw VaultException.of(
            ErrorCode.CERTIFICATE_POLICY_INVALID, "reason", network + " is not a network");
      }
    }
    return new NameConstraints(subtrees.toArray(GeneralSubtree[]::new), null);
  }

  private static GeneralName url(String url) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, url);
  }

  private static byte[] keyId(PublicJwk key) {
    return keyId(Spki.of(key));
  }

  /** The first method of RFC 5280 section 4.2.1.2. */
  static byte[] keyId(SubjectPublicKeyInfo key) {
    return Digests.sha1Thumbprint(key.getPublicKeyData().getBytes());
  }

  static X509CertificateHolder holder(byte[] der) {
    try {
      return new X509CertificateHolder(der);
    } catch (IOException e) {
      throw new IllegalStateException("a certificate of our own does not parse", e);
    }
  }

  private static void add(
      ExtensionsGenerator extensions,
      ASN1ObjectIdentifier type,
      boolean critical,
      org.bouncycastle.asn1.ASN1Encodable value) {
    try {
      extensions.addExtension(type, critical, value);
    } catch (IOException e) {
      throw new IllegalStateException("encoding an extension", e);
    }
  }
}
