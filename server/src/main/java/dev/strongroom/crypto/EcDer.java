package dev.strongroom.crypto;

import dev.strongroom.model.Curve;
import java.math.BigInteger;

/**
 * ECDSA signatures as DER, a SEQUENCE of two INTEGERs (RFC 3279 section 2.2.3), into and out of the
 * two numbers that Key Vault's signatures are.
 */
final class EcDer {
  private static final byte SEQUENCE = 0x30;
  private static final byte INTEGER = 0x02;
  private static final int SHORT_FORM = 0x80;

  private EcDer() {}

  /** The most bytes that a signature of this curve takes. */
  static int longest(Curve curve) {
    return 3 + 2 * (2 + 1 + curve.bytes());
  }

  static byte[] of(BigInteger r, BigInteger s) {
    byte[] first = r.toByteArray();
    byte[] second = s.toByteArray();
    int content = 2 + first.length + 2 + second.length;
    int head = content < SHORT_FORM ? 2 : 3;
    byte[] der = new byte[head + content];
    der[0] = SEQUENCE;
    der[1] = (byte) (head == 2 ? content : 0x81);
    der[head - 1] = (byte) content;
    int at = integer(der, head, first);
    integer(der, at, second);
    return der;
  }

  private static int integer(byte[] der, int at, byte[] number) {
    der[at] = INTEGER;
    der[at + 1] = (byte) number.length;
    System.arraycopy(number, 0, der, at + 2, number.length);
    return at + 2 + number.length;
  }

  /** Of what the library has just made; anything that is not that form is a fault. */
  static byte[] toP1363(Curve curve, byte[] der) {
    int head = der.length > 2 && (der[1] & 0xff) == 0x81 ? 3 : 2;
    if (der.length < 8
        || der[0] != SEQUENCE
        || (der[head - 1] & 0xff) != der.length - head
        || der[head] != INTEGER) {
      throw unexpected();
    }
    int half = curve.bytes();
    byte[] signature = new byte[2 * half];
    int second = number(der, head, signature, 0, half);
    if (second + 2 > der.length
        || der[second] != INTEGER
        || number(der, second, signature, half, half) != der.length) {
      throw unexpected();
    }
    return signature;
  }

  /** Copies a number to the right of its half; answers where the next element begins. */
  private static int number(byte[] der, int at, byte[] out, int half, int length) {
    int from = at + 2;
    int end = from + der[at + 1];
    if (der[at + 1] <= 0 || end > der.length) {
      throw unexpected();
    }
    while (from < end - 1 && der[from] == 0) {
      from++;
    }
    if (end - from > length) {
      throw unexpected();
    }
    System.arraycopy(der, from, out, half + length - (end - from), end - from);
    return end;
  }

  private static IllegalStateException unexpected() {
    return new IllegalStateException("not an ECDSA signature");
  }
}
