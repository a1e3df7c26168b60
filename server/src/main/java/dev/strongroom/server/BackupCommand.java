package dev.strongroom.server;

import dev.strongroom.backup.BackupException;
import dev.strongroom.backup.BackupReader;
import dev.strongroom.backup.Comparison;
import dev.strongroom.backup.Identity;
import dev.strongroom.backup.Manifest;
import dev.strongroom.backup.Progress;
import dev.strongroom.local.BackupStream;
import dev.strongroom.local.ControlClient;
import dev.strongroom.local.LocalException;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.store.Snapshot;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code strongroom backup}: one sealed file with everything, made while the server runs. */
@Command(
    name = "backup",
    description = "Write everything of a running server into one sealed file.",
    subcommands = {
      BackupCommand.Keygen.class,
      BackupCommand.Verify.class,
      BackupCommand.Diff.class
    })
final class BackupCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "FILE", description = "the file to make")
  Path file;

  @Mixin StorePlace place;

  @Option(
      names = {"-r", "--recipient"},
      paramLabel = "AGE1PQ...",
      description = "who may open it, as backup keygen prints it; may be given again")
  List<String> recipients = new ArrayList<>();

  @Option(
      names = {"-R", "--recipients-file"},
      paramLabel = "FILE",
      description = "recipients, one a line; lines that begin with # count for nothing")
  Path recipientsFile;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = "seal it to the passphrase in the first line of this file instead")
  Path passphraseFile;

  @Option(
      names = "--since",
      paramLabel = "BACKUP",
      description =
          "leave out what is in this backup, which the same node made; whoever reads the new one needs"
              + " this one in the same folder")
  Path since;

  private Optional<String> sinceId = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (file == null) {
      throw new LocalException("which file? strongroom backup FILE --recipient AGE1PQ...");
    }
    if (Files.exists(file)) {
      throw new LocalException(file + " is there already; choose another file");
    }
    if (recipientsFile != null) {
      Files.readAllLines(recipientsFile).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(recipients::add);
    }
    if (since != null) {
      try {
        sinceId = Optional.of(BackupReader.id(since));
      } catch (BackupException e) {
        throw new LocalException("--since " + since + ": " + e.getMessage());
      }
    }
    Path partial =
        file.resolveSibling(file.getFileName() + ".partial-" + ProcessHandle.current().pid());
    ObjectNode made;
    try (FileChannel channel =
        FileChannel.open(
            partial,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      made = receive(channel);
      channel.force(true);
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
    made.remove("ok");
    made.put("file", file.toString()).put("bytes", Files.size(file));
    System.out.println(made.toPrettyString());
    return 0;
  }

  private ObjectNode receive(FileChannel channel) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(
            new OpenChannel(Channels.newOutputStream(channel)), 256 << 10)) {
      return new ControlClient(place.folder())
          .stream(
              BackupStream.COMMAND,
              this::ask,
              out,
              at ->
                  System.err.println(
                      at.path("part").asString("") + ": " + at.path("done").asLong(0)));
    }
  }

  private void ask(ObjectNode in) {
    if (passphraseFile != null) {
      try (SecretBytes passphrase = NamedFile.firstLine("--passphrase-file", passphraseFile)) {
        in.put("passphrase", Base64.getEncoder().encodeToString(passphrase.exposed()));
      }
    }
    recipients.forEach(in.putArray("recipients")::add);
    sinceId.ifPresent(id -> in.put("since", id));
  }

  /** Closing what writes to a channel leaves the channel open, which is still to be synced. */
  private static final class OpenChannel extends java.io.FilterOutputStream {
    OpenChannel(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int start, int length) throws IOException {
      out.write(bytes, start, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  @Command(
      name = "keygen",
      description = "Make an identity that opens backups, and print its recipient.")
  static final class Keygen implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "where the identity is written, mode 0600")
    Path file;

    @Override
    public Integer call() throws IOException {
      try (Identity.Hybrid identity = Identity.generate();
          FileChannel channel =
              FileChannel.open(
                  file,
                  EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  PosixFilePermissions.asFileAttribute(
                      PosixFilePermissions.fromString("rw-------")))) {
        byte[] content =
            identity.file(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
        Arrays.fill(content, (byte) 0);
        System.out.println(identity.recipient());
        System.err.println(
            "Keep " + file + " where the server is not, and a copy of it: it opens every backup.");
        return 0;
      } catch (java.nio.file.FileAlreadyExistsException e) {
        throw new LocalException(file + " is there already; choose another file");
      }
    }
  }

  @Command(
      name = "verify",
      description =
          "Check a backup without restoring it; exits with 1 at the first bad place. Without an"
              + " identity only its framing can be checked.")
  static final class Verify implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the backup")
    Path file;

    @Mixin IdentityOptions opening;

    @Override
    public Integer call() throws IOException {
      try (Identity identity = opening.find().orElse(null)) {
        if (identity == null) {
          System.out.println(
              "framing only: "
                  + BackupReader.checkFraming(file)
                  + " chunks; nothing was opened, so give --identity to check what is in them");
          return 0;
        }
        System.out.println(
            "whole: "
                + describe(
                    BackupReader.read(
                        file,
                        identity,
                        opening.trusted(),
                        new BackupReader.Visitor() {},
                        Progress.SILENT)));
        if (opening.trust == null) {
          System.out.println(
              "The signature was checked with the key inside; --trust compares it with one that was"
                  + " kept elsewhere.");
        }
        return 0;
      } catch (BackupException e) {
        System.out.println("BAD " + e.getMessage());
        return 1;
      }
    }
  }

  @Command(
      name = "diff",
      description = "Compare a backup with a store, row by row; exits with 1 when they differ.")
  static final class Diff implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "the backup")
    Path file;

    @Mixin IdentityOptions opening;
    @Mixin StorePlace place;

    @Override
    public Integer call() throws IOException {
      try (Identity identity = opening.required();
          Snapshot store = place.snapshot()) {
        Comparison.Found found =
            Comparison.run(file, identity, opening.trusted(), store, Progress.SILENT);
        found.named().forEach(System.out::println);
        System.out.println(
            found.differences() + " differences in " + found.compared() + " rows");
        return found.differences() == 0 ? 0 : 1;
      }
    }
  }

  static void onStandardError(String part, long done) {
    System.err.println(part + ": " + done);
  }

  static String describe(Manifest manifest) {
    return manifest.rows()
        + " rows in "
        + manifest.tables().size()
        + " tables, change "
        + manifest.journal()
        + ", audit records up to "
        + manifest.auditedUpTo()
        + " in "
        + manifest.segments().size()
        + " segments, of node "
        + manifest.node()
        + " of installation "
        + manifest.installation().guid()
        + " at "
        + manifest.created()
        + manifest.base().map(id -> ", together with the backup that it followed").orElse("")
        + ", signed by audit key "
        + manifest.signer();
  }
}
