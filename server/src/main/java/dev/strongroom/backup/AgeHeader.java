package dev.strongroom.backup;

import dev.strongroom.crypto.Digests;
import dev.strongroom.crypto.Hkdf;
import dev.strongroom.crypto.Hmac;
import dev.strongroom.model.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The head of an age file (c2sp.org/age): who can open it, and a MAC under the file's key. */
record AgeHeader(List<Stanza> stanzas, byte[] signed, byte[] mac, long length) {
  static final int FILE_KEY = 16;

  /** A file key with its tag. */
  static final int WRAPPED_KEY = 32;

  private static final String VERSION = "age-encryption.org/v1";
  private static final int MOST = 1 << 20;

  static AgeHeader of(List<Recipient> recipients, SecretBytes fileKey) {
    List<Stanza> stanzas = recipients.stream().map(recipient -> recipient.wrap(fileKey)).toList();
    StringBuilder text = new StringBuilder(VERSION).append('\n');
    stanzas.forEach(stanza -> text.append(stanza.text()));
    byte[] signed = text.append("---").toString().getBytes(StandardCharsets.US_ASCII);
    byte[] mac = mac(fileKey, signed);
    return new AgeHeader(stanzas, signed, mac, signed.length + end(mac).length);
  }

  private static byte[] end(byte[] mac) {
    return (' ' + Stanza.BASE64.encodeToString(mac) + '\n').getBytes(StandardCharsets.US_ASCII);
  }

  byte[] bytes() {
    byte[] end = end(mac);
    byte[] all = Arrays.copyOf(signed, signed.length + end.length);
    System.arraycopy(end, 0, all, signed.length, end.length);
    return all;
  }

  /** What tells this file from every other one: its MAC, since each file has a key of its own. */
  String id() {
    return HexFormat.of().formatHex(mac);
  }

  static AgeHeader read(InputStream in) throws IOException {
    Lines lines = new Lines(in);
    if (!lines.next().equals(VERSION)) {
      throw lines.refused("this is no backup: it does not begin with " + VERSION);
    }
    List<Stanza> stanzas = new ArrayList<>();
    String line = lines.next();
    while (line.startsWith("-> ")) {
      List<String> words = List.of(line.substring(3).split(" ", -1));
      if (words.stream().anyMatch(String::isEmpty)) {
        throw lines.refused("an empty word");
      }
      StringBuilder body = new StringBuilder();
      do {
        line = lines.next();
        body.append(line);
      } while (line.length() == Stanza.COLUMNS);
      if (line.length() > Stanza.COLUMNS) {
        throw lines.refused("a line that is too long");
      }
      stanzas.add(new Stanza(words, base64(lines, body.toString())));
      line = lines.next();
    }
    if (stanzas.isEmpty() || !line.startsWith("--- ")) {
      throw lines.refused("neither a recipient nor the end of the head");
    }
    byte[] all = lines.all();
    return new AgeHeader(
        stanzas,
        Arrays.copyOf(all, all.length - (line.length() + 1) + 3),
        base64(lines, line.substring(4)),
        all.length);
  }

  /** The file's key, once the MAC was found to fit. */
  SecretBytes open(Identity identity) throws BackupException {
    for (int i = 0; i < stanzas.size(); i++) {
      Optional<SecretBytes> key;
      try {
        key = identity.unwrap(stanzas.get(i));
      } catch (IllegalArgumentException e) {
        throw new BackupException(
            "the head is damaged at recipient " + (i + 1) + ": " + e.getMessage());
      }
      if (key.isPresent()) {
        if (key.get().length() != FILE_KEY || !Digests.equal(mac, mac(key.get(), signed))) {
          key.get().close();
          throw new BackupException("the head is damaged: its MAC does not fit (byte " + signed.length + ")");
        }
        return key.get();
      }
    }
    throw new BackupException(
        identity instanceof Identity.Passphrase
            ? "the passphrase does not open this backup"
            : "this identity opens none of the "
                + stanzas.size()
                + " recipients of this backup, or the head is damaged");
  }

  private static byte[] mac(SecretBytes fileKey, byte[] signed) {
    return Hmac.sha256Of(Hkdf.subkey(fileKey.exposed(), "header"), signed);
  }

  private static byte[] base64(Lines lines, String text) throws BackupException {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Stanza.BASE64.encodeToString(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // the message quotes the text, which says nothing more
    }
    throw lines.refused("not base64");
  }

  /** Lines of the head, kept as they were. */
  private static final class Lines {
    private final InputStream in;
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private int began;

    Lines(InputStream in) {
      this.in = in;
    }

    String next() throws IOException {
      began = all.size();
      while (true) {
        int c = in.read();
        if (c < 0 || all.size() >= MOST) {
          throw refused(c < 0 ? "the file ends within its head" : "the head is too long");
        }
        all.write(c);
        if (c == '\n') {
          return all.toString(StandardCharsets.ISO_8859_1).substring(began, all.size() - 1);
        }
        if (c < ' ' || c > '~') {
          throw refused("a byte that no head has");
        }
      }
    }

    byte[] all() {
      return all.toByteArray();
    }

    BackupException refused(String why) {
      return new BackupException("the head is damaged in the line at byte " + began + ": " + why);
    }
  }
}
