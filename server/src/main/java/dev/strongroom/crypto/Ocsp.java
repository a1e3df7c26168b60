package dev.strongroom.crypto;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.Req;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;

/**
 * Questions and answers about the status of certificates (RFC 6960). Answers carry no nonce, so that
 * one may be made once and given to many (RFC 5019).
 */
public final class Ocsp {
  private static final int MOST_QUESTIONS = 8;

  private Ocsp() {}

  /** One question: which serial number of an issuer that is named by hashes. */
  public static final class Question {
    private final CertID id;

    private Question(CertID id) {
      this.id = id;
    }

    /** In hexadecimal, in lower case; a negative one is of no certificate and keeps its sign. */
    public String serial() {
      return id.getSerialNumber().getValue().toString(16);
    }

    /** Whether the certificate asked about would be one of this issuer. */
    public boolean isOf(byte[] issuer) {
      Optional<String> hash = hash(id.getHashAlgorithm().getAlgorithm());
      if (hash.isEmpty()) {
        return false;
      }
      X509CertificateHolder holder = AuthorityMaking.holder(issuer);
      try {
        return Arrays.equals(
                Digests.instance(hash.get()).digest(holder.getSubject().getEncoded()),
                id.getIssuerNameHash().getOctets())
            && Arrays.equals(
                Digests.instance(hash.get())
                    .digest(holder.getSubjectPublicKeyInfo().getPublicKeyData().getBytes()),
                id.getIssuerKeyHash().getOctets());
      } catch (IOException e) {
        throw new IllegalStateException("encoding a name", e);
      }
    }

    /** What tells two questions apart. */
    public String key() {
      return id.getHashAlgorithm().getAlgorithm().getId() + ' ' + serial();
    }
  }

  /** What is known of a certificate. */
  public sealed interface Status {}

  public record Good() implements Status {}

  public record Revoked(Instant at, int reason) implements Status {}

  public record Unknown() implements Status {}

  /** The questions of a request; empty when it is none, or asks more than is answered. */
  public static List<Question> questions(byte[] request) {
    try {
      Req[] all = new OCSPReq(request).getRequestList();
      if (all.length > MOST_QUESTIONS) {
        return List.of();
      }
      List<Question> questions = new ArrayList<>();
      for (Req one : all) {
        CertID id = one.getCertID().toASN1Primitive();
        if (id.getSerialNumber().getValue().bitLength() > 8 * 64) {
          return List.of();
        }
        questions.add(new Question(id));
      }
      return questions;
    } catch (IOException | RuntimeException e) {
      // because a parser of what anybody may send throws whatever it stumbles over
      return List.of();
    } catch (StackOverflowError e) {
      // because structures may be nested as deep as the body is long
      return List.of();
    }
  }

  /**
   * @param statuses of the questions, in their order
   */
  public static byte[] answer(
      AuthorityMaking.Signing responder,
      List<Question> questions,
      List<Status> statuses,
      AuthorityMaking.Validity validity) {
    X509CertificateHolder holder = AuthorityMaking.holder(responder.certificate());
    BasicOCSPRespBuilder answer = new BasicOCSPRespBuilder(new RespID(holder.getSubject()));
    for (int i = 0; i < questions.size(); i++) {
      answer.addResponse(
          new CertificateID(questions.get(i).id),
          status(statuses.get(i)),
          Date.from(validity.from()),
          Date.from(validity.until()),
          null);
    }
    try {
      return new OCSPRespBuilder()
          .build(
              OCSPRespBuilder.SUCCESSFUL,
              answer.build(
                  new CertificateMaking.Signer(responder.key()),
                  new X509CertificateHolder[] {holder},
                  Date.from(validity.from())))
          .getEncoded();
    } catch (OCSPException | IOException e) {
      throw new IllegalStateException("building an answer about certificates", e);
    }
  }

  /** What is no request, or asks too much at once. */
  public static byte[] malformed() {
    return unsigned(OCSPRespBuilder.MALFORMED_REQUEST);
  }

  /** Nobody here speaks for that issuer. */
  public static byte[] unauthorized() {
    return unsigned(OCSPRespBuilder.UNAUTHORIZED);
  }

  /** Not now. */
  public static byte[] tryLater() {
    return unsigned(OCSPRespBuilder.TRY_LATER);
  }

  private static byte[] unsigned(int status) {
    try {
      return new OCSPRespBuilder().build(status, null).getEncoded();
    } catch (OCSPException | IOException e) {
      throw new IllegalStateException("building an answer about certificates", e);
    }
  }

  private static CertificateStatus status(Status status) {
    return switch (status) {
      case Good() -> CertificateStatus.GOOD;
      case Revoked(Instant at, int reason) ->
          reason == 0
              ? new RevokedStatus(
                  new org.bouncycastle.asn1.ocsp.RevokedInfo(
                      new org.bouncycastle.asn1.ASN1GeneralizedTime(Date.from(at)), null))
              : new RevokedStatus(Date.from(at), reason);
      case Unknown() -> new UnknownStatus();
    };
  }

  private static Optional<String> hash(ASN1ObjectIdentifier algorithm) {
    if (algorithm.equals(OIWObjectIdentifiers.idSHA1)) {
      return Optional.of("SHA-1");
    }
    if (algorithm.equals(NISTObjectIdentifiers.id_sha256)) {
      return Optional.of("SHA-256");
    }
    if (algorithm.equals(NISTObjectIdentifiers.id_sha384)) {
      return Optional.of("SHA-384");
    }
    return algorithm.equals(NISTObjectIdentifiers.id_sha512)
        ? Optional.of("SHA-512")
        : Optional.empty();
  }
}
