package dev.strongroom.local;

import dev.strongroom.backup.Manifest;
import dev.strongroom.backup.Recipient;
import dev.strongroom.backup.ServerBackup;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** The server's end of {@code backup}: who may open it comes in, the sealed file goes out. */
public final class BackupStream {
  public static final String COMMAND = "backup";

  private final Supplier<ServerBackup> backup;
  private final Operator operator;
  private final Semaphore one = new Semaphore(1);

  /**
   * @param backup asked for each backup, because what signs it is there only while unsealed
   */
  public BackupStream(Supplier<ServerBackup> backup, Operator operator) {
    this.backup = backup;
    this.operator = operator;
  }

  /** One at a time, because each keeps the store from clearing what is out of date. */
  public void run(ObjectNode in, ControlSocket.Stream stream, ObjectNode out) throws IOException {
    if (!one.tryAcquire()) {
      throw new LocalException("another backup is being made; wait for its end");
    }
    try {
      write(in, stream, out);
    } finally {
      one.release();
    }
  }

  // the audit record is written before the first byte leaves; a failure after that is another one
  private void write(ObjectNode in, ControlSocket.Stream stream, ObjectNode out)
      throws IOException {
    Origin origin = operator.origin(Operation.SERVER_BACKUP);
    List<Recipient> recipients = recipients(in);
    String names = recipients.stream().map(Recipient::title).collect(Collectors.joining(" "));
    Optional<String> since = Optional.of(in.path("since").asString("")).filter(id -> !id.isEmpty());
    Map<String, String> details = new LinkedHashMap<>();
    details.put("recipients", names);
    since.ifPresent(id -> details.put("since", id));
    try {
      Manifest made =
          backup.get().write(
              stream,
              recipients,
              since,
              of -> {
                details.put("upTo", Long.toString(of.journal()));
                operator.record(origin, 200, Map.copyOf(details));
              },
              (part, done) -> progress(stream, part, done));
      out.put("installation", made.installation().guid())
          .put("node", made.node())
          .put("created", made.created().toString())
          .put("journal", made.journal())
          .put("auditedUpTo", made.auditedUpTo())
          .put("rows", made.rows())
          .put("content", made.content())
          .put("signer", made.signer());
    } catch (IOException | RuntimeException e) {
      operator.record(origin, 500, Map.copyOf(details));
      throw e;
    } finally {
      for (Recipient recipient : recipients) {
        if (recipient instanceof Recipient.Passphrase(SecretBytes passphrase)) {
          passphrase.close();
        }
      }
    }
  }

  private static void progress(ControlSocket.Stream stream, String part, long done) {
    try {
      stream.progress(ControlSocket.JSON.createObjectNode().put("part", part).put("done", done));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Recipient> recipients(ObjectNode in) {
    String typed = in.path("passphrase").asString("");
    List<Recipient> recipients = new ArrayList<>();
    in.path("recipients")
        .forEach(
            text ->
                recipients.add(
                    Recipient.find(text.asString(""))
                        .orElseThrow(
                            () ->
                                new LocalException(
                                    "not a recipient; one begins with age1pq1 and comes from: backup"
                                        + " keygen"))));
    if (typed.isEmpty() == recipients.isEmpty()) {
      throw new LocalException("a backup is sealed to recipients, or to one passphrase");
    }
    if (!typed.isEmpty()) {
      SecretBytes passphrase = SecretBytes.taking(Base64.getDecoder().decode(typed));
      if (passphrase.length() < Recipient.Passphrase.LEAST_BYTES) {
        throw new LocalException(
            "a passphrase must be at least " + Recipient.Passphrase.LEAST_BYTES + " bytes long");
      }
      recipients.add(new Recipient.Passphrase(passphrase));
    }
    return recipients;
  }
}
