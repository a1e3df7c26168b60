package dev.strongroom.audit;

import dev.strongroom.model.Id;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A signed statement about a chain: the hash of its record {@code seq}, the journal head that the
 * store had then, and which journal numbers the records up to {@code seq} hold. The text is what is
 * signed, byte for byte, and what stands in the chain and in the store.
 *
 * @param complete every journal number of the node up to this one has its record
 * @param ahead those beyond, as {@link JournalCoverage#ahead} writes them
 */
record Checkpoint(
    Id installation,
    String node,
    long seq,
    String hash,
    Instant time,
    long journalHead,
    long complete,
    String ahead,
    String keyId) {

  private static final Pattern TEXT =
      Pattern.compile(
          "strongroom-audit-checkpoint/1 installation=([0-9a-f-]{36}) node=([0-9A-Za-z._-]{1,64})"
              + " seq=([0-9]{1,18}) hash=([0-9a-f]{64}) time=([0-9TZ:.-]{20,40})"
              + " journal=([0-9]{1,18}) complete=([0-9]{1,18}) ahead=([0-9,-]+)"
              + " key=([0-9a-f]{32})");

  /** The text with its signature. */
  record Signed(Checkpoint checkpoint, String text, byte[] signature) {
    byte[] signedBytes() {
      return text.getBytes(StandardCharsets.US_ASCII);
    }

    String signatureText() {
      return Base64.getEncoder().encodeToString(signature);
    }

    /** As the store keeps it: text and signature, a line each. */
    byte[] bytes() {
      return (text + '\n' + signatureText()).getBytes(StandardCharsets.US_ASCII);
    }
  }

  String text() {
    return "strongroom-audit-checkpoint/1 installation="
        + installation.guid()
        + " node="
        + node
        + " seq="
        + seq
        + " hash="
        + hash
        + " time="
        + time
        + " journal="
        + journalHead
        + " complete="
        + complete
        + " ahead="
        + ahead
        + " key="
        + keyId;
  }

  Signed sign(AuditKey signer) {
    String text = text();
    return new Signed(this, text, signer.sign(text.getBytes(StandardCharsets.US_ASCII)));
  }

  Checkpoint covering(long otherSeq, String otherHash) {
    return new Checkpoint(
        installation, node, otherSeq, otherHash, time, journalHead, complete, ahead, keyId);
  }

  /** Empty when it is not the one spelling that {@link Signed#bytes} has. */
  static Optional<Signed> read(byte[] stored) {
    String all = new String(stored, StandardCharsets.ISO_8859_1);
    int end = all.indexOf('\n');
    return end < 0 ? Optional.empty() : read(all.substring(0, end), all.substring(end + 1));
  }

  static Optional<Signed> read(String text, String signature) {
    Matcher match = TEXT.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    try {
      Checkpoint checkpoint =
          new Checkpoint(
              Id.guid(match.group(1)),
              match.group(2),
              Long.parseLong(match.group(3)),
              match.group(4),
              Instant.parse(match.group(5)),
              Long.parseLong(match.group(6)),
              Long.parseLong(match.group(7)),
              match.group(8),
              match.group(9));
      Signed signed = new Signed(checkpoint, text, Base64.getDecoder().decode(signature));
      JournalCoverage.of(checkpoint.complete, checkpoint.ahead);
      return signed.checkpoint.text().equals(text) && signed.signatureText().equals(signature)
          ? Optional.of(signed)
          : Optional.empty();
    } catch (IllegalArgumentException | DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
