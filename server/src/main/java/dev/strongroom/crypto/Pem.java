package dev.strongroom.crypto;

import dev.strongroom.model.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PEM as RFC 7468 has it: labelled base64 between boundary lines. Text outside the boundaries is
 * passed over, as tools write it there; inside them nothing but base64 is taken. Reading passes
 * through a String, so what a file says as PEM stays in memory until it is collected.
 */
public final class Pem {
  public static final String CERTIFICATE = "CERTIFICATE";
  public static final String PRIVATE_KEY = "PRIVATE KEY";
  public static final String PUBLIC_KEY = "PUBLIC KEY";

  static final String RSA_PRIVATE_KEY = "RSA PRIVATE KEY";
  static final String EC_PRIVATE_KEY = "EC PRIVATE KEY";
  static final String ENCRYPTED_PRIVATE_KEY = "ENCRYPTED PRIVATE KEY";

  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9][A-Z0-9 ]*)-----");
  private static final int LINE = 64;
  private static final byte[] LINE_END = {'\n'};

  private Pem() {}

  /** One labelled block; it may hold a private key, so it does not print its bytes. */
  public record Block(String label, byte[] der) {
    @Override
    public String toString() {
      return "Block[" + label + ", " + der.length + " bytes]";
    }
  }

  /** All blocks in order; an unended block or bad base64 is an IllegalArgumentException. */
  public static List<Block> read(byte[] pem) {
    List<Block> blocks = new ArrayList<>();
    String label = null;
    StringBuilder body = new StringBuilder();
    for (String raw : new String(pem, StandardCharsets.US_ASCII).split("\r\n|\r|\n", -1)) {
      String line = raw.strip();
      if (label == null) {
        Matcher begin = BEGIN.matcher(line);
        if (begin.matches()) {
          label = begin.group(1);
          body.setLength(0);
        }
      } else if (line.equals("-----END " + label + "-----")) {
        blocks.add(new Block(label, decode(label, body.toString())));
        label = null;
      } else {
        body.append(line);
      }
    }
    if (label != null) {
      throw new IllegalArgumentException("the PEM block " + label + " has no end");
    }
    return List.copyOf(blocks);
  }

  public static String write(String label, byte[] der) {
    return new String(encode(label, der), StandardCharsets.US_ASCII);
  }

  /** The same for what is secret: the text is never a String. */
  public static SecretBytes writeSecret(String label, SecretBytes der) {
    return SecretBytes.taking(encode(label, der.exposed()));
  }

  private static byte[] decode(String label, String body) {
    try {
      return Base64.getDecoder().decode(body);
    } catch (IllegalArgumentException e) {
      // without the cause, because its message quotes a character of what may be a private key
      throw new IllegalArgumentException("the PEM block " + label + " is not base64");
    }
  }

  private static byte[] encode(String label, byte[] der) {
    byte[] begin = ascii("-----BEGIN " + label + "-----\n");
    byte[] end = ascii("\n-----END " + label + "-----\n");
    byte[] body = Base64.getMimeEncoder(LINE, LINE_END).encode(der);
    byte[] out = Arrays.copyOf(begin, begin.length + body.length + end.length);
    System.arraycopy(body, 0, out, begin.length, body.length);
    System.arraycopy(end, 0, out, begin.length + body.length, end.length);
    Arrays.fill(body, (byte) 0);
    return out;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
