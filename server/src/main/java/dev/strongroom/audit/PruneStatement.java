package dev.strongroom.audit;

import dev.strongroom.crypto.Digests;
import dev.strongroom.model.Id;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A signed statement that the oldest records of a chain were removed on purpose. It stands in for
 * them: it has the hash of the last, from which the chain goes on, and the journal numbers that all
 * records up to it had. The text is what is signed, byte for byte.
 *
 * @param first the oldest record that was removed; the last of the statement before, plus 1
 * @param findings how many of the removed records say that the trail or the store had been tampered
 *     with, which would otherwise be forgotten
 * @param journal the largest journal number that the removed records spoke of
 * @param complete every journal number of the node up to this one had its record
 * @param ahead those beyond, as {@link JournalCoverage#ahead} writes them
 * @param asked the setting or command by which it was done
 */
record PruneStatement(
    Id installation,
    String node,
    long first,
    long last,
    String hash,
    int segments,
    long findings,
    Instant time,
    long journal,
    long complete,
    String ahead,
    String asked,
    String keyId) {

  private static final Pattern TEXT =
      Pattern.compile(
          "strongroom-audit-pruned/1 installation=([0-9a-f-]{36}) node=([0-9A-Za-z._-]{1,64})"
              + " first=([0-9]{1,18}) last=([0-9]{1,18}) hash=([0-9a-f]{64})"
              + " segments=([0-9]{1,9}) findings=([0-9]{1,18}) time=([0-9TZ:.-]{20,40})"
              + " journal=([0-9]{1,18}) complete=([0-9]{1,18}) ahead=([0-9,-]+)"
              + " asked=([0-9A-Za-z:,-]{1,100}) key=([0-9a-f]{32})");

  private static final String BEFORE_SIGNATURE = " signature=";

  /** The text with its signature. */
  record Signed(PruneStatement statement, String text, byte[] signature) {
    byte[] signedBytes() {
      return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** By which the chain's own record of it knows it. */
    String digest() {
      return HexFormat.of().formatHex(Digests.sha256(signedBytes()));
    }

    /** As the file has it, without a line end. */
    String line() {
      return text + BEFORE_SIGNATURE + Base64.getEncoder().encodeToString(signature);
    }
  }

  String text() {
    return "strongroom-audit-pruned/1 installation="
        + installation.guid()
        + " node="
        + node
        + " first="
        + first
        + " last="
        + last
        + " hash="
        + hash
        + " segments="
        + segments
        + " findings="
        + findings
        + " time="
        + time
        + " journal="
        + journal
        + " complete="
        + complete
        + " ahead="
        + ahead
        + " asked="
        + asked
        + " key="
        + keyId;
  }

  Signed sign(AuditKey signer) {
    String text = text();
    return new Signed(this, text, signer.sign(text.getBytes(StandardCharsets.US_ASCII)));
  }

  JournalCoverage coverage() {
    return JournalCoverage.of(complete, ahead);
  }

  /** Empty when it is not the one spelling that {@link Signed#line} has. */
  static Optional<Signed> read(String line) {
    int end = line.lastIndexOf(BEFORE_SIGNATURE);
    Matcher match = TEXT.matcher(end < 0 ? "" : line.substring(0, end));
    if (!match.matches()) {
      return Optional.empty();
    }
    try {
      PruneStatement statement =
          new PruneStatement(
              Id.guid(match.group(1)),
              match.group(2),
              Long.parseLong(match.group(3)),
              Long.parseLong(match.group(4)),
              match.group(5),
              Integer.parseInt(match.group(6)),
              Long.parseLong(match.group(7)),
              Instant.parse(match.group(8)),
              Long.parseLong(match.group(9)),
              Long.parseLong(match.group(10)),
              match.group(11),
              match.group(12),
              match.group(13));
      byte[] signature =
          Base64.getDecoder().decode(line.substring(end + BEFORE_SIGNATURE.length()));
      Signed signed = new Signed(statement, statement.text(), signature);
      statement.coverage();
      return signed.line().equals(line) ? Optional.of(signed) : Optional.empty();
    } catch (IllegalArgumentException | DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
