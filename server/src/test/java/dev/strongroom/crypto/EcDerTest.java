package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.Curve;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EcDerTest {
  @Test
  void of_edgeNumbersOfEveryCurve_comeBackFixedInLength() {
    for (Curve curve : Curve.values()) {
      BigInteger most = EcMath.order(curve).subtract(BigInteger.ONE);
      for (BigInteger r : List.of(BigInteger.ONE, BigInteger.valueOf(128), most)) {
        for (BigInteger s : List.of(BigInteger.ONE, BigInteger.valueOf(255), most)) {
          byte[] der = EcDer.of(r, s);
          assertThat(der.length).isLessThanOrEqualTo(EcDer.longest(curve));
          assertThat(EcDer.toP1363(curve, der)).isEqualTo(EcMath.p1363(curve, r, s));
        }
      }
    }
  }

  @Test
  void toP1363_anythingElse_isAFault() {
    byte[] good = EcDer.of(BigInteger.TEN, BigInteger.TWO);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> EcDer.toP1363(Curve.P_256, cut))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThatThrownBy(() -> EcDer.toP1363(Curve.P_256, Arrays.copyOf(good, good.length + 1)))
        .isInstanceOf(IllegalStateException.class);
    byte[] large = EcDer.of(BigInteger.ONE.shiftLeft(256), BigInteger.TWO);
    assertThatThrownBy(() -> EcDer.toP1363(Curve.P_256, large))
        .isInstanceOf(IllegalStateException.class);
  }
}
