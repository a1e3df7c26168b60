package dev.strongroom.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A compact JWS (RFC 7515), taken apart strictly: three parts in the one base64url spelling that
 * their bytes have, JSON objects in UTF-8 without duplicate members. Nothing in it is believed
 * until {@link #isSignedBy} said so.
 */
final class Jws {
  static final int LONGEST = 16 << 10;

  private static final int DEPTH = 16;
  private static final BigDecimal LAST_SECOND =
      BigDecimal.valueOf(Instant.parse("9999-12-31T23:59:59Z").getEpochSecond());
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEPTH)
                          .maxNumberLength(40)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  /** Which part is not what it must be. */
  enum Fault {
    TOO_LONG,
    SHAPE,
    HEADER,
    CLAIMS
  }

  static final class Malformed extends Exception {
    private final Fault fault;

    private Malformed(Fault fault) {
      super(fault.name(), null, false, false);
      this.fault = fault;
    }

    Fault fault() {
      return fault;
    }
  }

  private final ObjectNode header;
  private final byte[] payload;
  private final byte[] signingInput;
  private final Base64URL signature;

  private Jws(ObjectNode header, byte[] payload, byte[] signingInput, Base64URL signature) {
    this.header = header;
    this.payload = payload;
    this.signingInput = signingInput;
    this.signature = signature;
  }

  static Jws read(String compact) throws Malformed {
    if (compact.length() > LONGEST) {
      throw new Malformed(Fault.TOO_LONG);
    }
    int first = compact.indexOf('.');
    int second = compact.indexOf('.', first + 1);
    if (first <= 0 || second <= first + 1 || second == compact.length() - 1) {
      throw new Malformed(Fault.SHAPE);
    }
    byte[] headerJson = decode(compact.substring(0, first));
    byte[] payload = decode(compact.substring(first + 1, second));
    String signature = compact.substring(second + 1);
    decode(signature);
    return new Jws(
        object(headerJson, Fault.HEADER),
        payload,
        compact.substring(0, second).getBytes(StandardCharsets.US_ASCII),
        new Base64URL(signature));
  }

  ObjectNode header() {
    return header;
  }

  ObjectNode claims() throws Malformed {
    return object(payload, Fault.CLAIMS);
  }

  /** The algorithm is the caller's decision, never the header's alone. */
  boolean isSignedBy(PublicKey key, JWSAlgorithm algorithm) {
    try {
      JWSVerifier verifier =
          switch (key) {
            case RSAPublicKey rsa -> new RSASSAVerifier(rsa);
            case ECPublicKey ec -> new ECDSAVerifier(ec);
            default -> throw new JOSEException("no algorithm uses this kind of key");
          };
      return verifier.supportedJWSAlgorithms().contains(algorithm)
          && verifier.verify(new JWSHeader(algorithm), signingInput, signature);
    } catch (JOSEException e) {
      // because a key or signature of the wrong kind did not make this signature
      return false;
    }
  }

  static Optional<String> text(ObjectNode node, String name) {
    JsonNode value = node.get(name);
    return value != null && value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
  }

  /** A NumericDate (RFC 7519 section 2), which may have a fraction; empty when it is not one. */
  static Optional<Instant> time(ObjectNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isNumber()) {
      return Optional.empty();
    }
    BigDecimal seconds = value.decimalValue();
    // compared before anything else is done with it, because 1e99999 must not be written out
    if (seconds.signum() < 0
        || seconds.compareTo(LAST_SECOND) > 0
        || seconds.scale() > 40
        || seconds.scale() < -40) {
      return Optional.empty();
    }
    BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
    long nanos = seconds.subtract(whole).movePointRight(9).longValue();
    return Optional.of(Instant.ofEpochSecond(whole.longValueExact(), nanos));
  }

  private static ObjectNode object(byte[] json, Fault fault) throws Malformed {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (CharacterCodingException | JacksonException e) {
      // without the cause, because its message may quote the token
      throw new Malformed(fault);
    }
    throw new Malformed(fault);
  }

  private static byte[] decode(String part) throws Malformed {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      // because decoders pass over padding and left-over bits: two spellings, one signature
      if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      throw new Malformed(Fault.SHAPE);
    }
    throw new Malformed(Fault.SHAPE);
  }
}
