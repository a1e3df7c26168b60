package dev.strongroom.crypto;

import dev.strongroom.model.Curve;
import dev.strongroom.model.PublicJwk;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** Points and scalars of the curves, and ECDSA verification, which needs no secret. */
final class EcMath {
  private static final Map<Curve, ECDomainParameters> CURVES = new EnumMap<>(Curve.class);

  static {
    for (Curve curve : Curve.values()) {
      X9ECParameters parameters = CustomNamedCurves.getByName(curve.standard());
      CURVES.put(curve, new ECDomainParameters(parameters));
    }
  }

  private EcMath() {}

  static ECDomainParameters domain(Curve curve) {
    return CURVES.get(curve);
  }

  static BigInteger order(Curve curve) {
    return domain(curve).getN();
  }

  /** Empty when these are not the coordinates of a point of the curve. */
  static Optional<PublicJwk.Ec> point(Curve curve, BigInteger x, BigInteger y) {
    ECDomainParameters domain = domain(curve);
    BigInteger p = domain.getCurve().getField().getCharacteristic();
    if (x.signum() < 0 || y.signum() < 0 || x.compareTo(p) >= 0 || y.compareTo(p) >= 0) {
      return Optional.empty();
    }
    // all curves here have cofactor 1: a point on the curve is in the group
    return domain.getCurve().createPoint(x, y).isValid()
        ? Optional.of(new PublicJwk.Ec(curve, x, y))
        : Optional.empty();
  }

  /** Uniform between 1 and the order less one (FIPS 186-5 appendix A.2.2). */
  static BigInteger randomScalar(Curve curve) {
    BigInteger order = order(curve);
    while (true) {
      BigInteger drawn = new BigInteger(order.bitLength(), Randoms.source());
      if (drawn.signum() > 0 && drawn.compareTo(order) < 0) {
        return drawn;
      }
    }
  }

  /** The public key of a scalar; the scalar is between 1 and the order less one. */
  static PublicJwk.Ec publicKey(Curve curve, BigInteger scalar) {
    ECPoint point = new FixedPointCombMultiplier().multiply(domain(curve).getG(), scalar);
    ECPoint affine = point.normalize();
    return new PublicJwk.Ec(
        curve,
        affine.getAffineXCoord().toBigInteger(),
        affine.getAffineYCoord().toBigInteger());
  }

  static ECPublicKeyParameters parameters(PublicJwk.Ec key) {
    ECDomainParameters domain = domain(key.curve());
    return new ECPublicKeyParameters(domain.getCurve().createPoint(key.x(), key.y()), domain);
  }

  /** Whether both halves are numbers that a signature can have. */
  static Optional<BigInteger[]> signature(Curve curve, byte[] signature) {
    int half = curve.bytes();
    if (signature.length != 2 * half) {
      return Optional.empty();
    }
    BigInteger r = new BigInteger(1, signature, 0, half);
    BigInteger s = new BigInteger(1, signature, half, half);
    BigInteger n = order(curve);
    if (r.signum() == 0 || s.signum() == 0 || r.compareTo(n) >= 0 || s.compareTo(n) >= 0) {
      return Optional.empty();
    }
    return Optional.of(new BigInteger[] {r, s});
  }

  static boolean verify(ECPublicKeyParameters key, Curve curve, byte[] digest, byte[] signature) {
    return signature(curve, signature)
        .map(
            numbers -> {
              ECDSASigner signer = new ECDSASigner();
              signer.init(false, key);
              return signer.verifySignature(digest, numbers[0], numbers[1]);
            })
        .orElse(false);
  }

  static byte[] p1363(Curve curve, BigInteger r, BigInteger s) {
    int half = curve.bytes();
    byte[] signature = new byte[2 * half];
    System.arraycopy(PublicJwk.fixed(r, half), 0, signature, 0, half);
    System.arraycopy(PublicJwk.fixed(s, half), 0, signature, half, half);
    return signature;
  }
}
