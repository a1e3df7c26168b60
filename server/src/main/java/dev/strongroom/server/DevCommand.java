package dev.strongroom.server;

import dev.strongroom.cli.Settings;
import dev.strongroom.local.LocalException;
import dev.strongroom.model.ContainerName;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code strongroom dev}: a real server on loopback with everything made ready, and the settings to
 * paste into each client.
 */
@Command(
    name = "dev",
    description = "Run a ready-made server on this machine and print how to use it.")
final class DevCommand implements Callable<Integer> {
  private static final Pattern DOMAIN =
      Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  enum Print {
    text,
    json
  }

  @Option(names = "--data", paramLabel = "DIR", description = "where to keep everything")
  Path data;

  @Option(
      names = "--ephemeral",
      description = "keep everything in a temporary folder and remove it at the end")
  boolean ephemeral;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8443",
      description = "the port of all addresses, 0 for a free one (default: ${DEFAULT-VALUE})")
  int port;

  @Option(
      names = "--listen",
      paramLabel = "ADDR",
      defaultValue = "127.0.0.1",
      description = "the address to listen on (default: ${DEFAULT-VALUE})")
  String listen;

  @Option(
      names = "--vault",
      paramLabel = "NAME",
      description = "a vault to have; the first is the default one (default: dev)")
  List<String> vaults = new ArrayList<>();

  @Option(
      names = "--domain",
      paramLabel = "D",
      defaultValue = "localhost",
      description = "vaults are NAME.vault.D (default: ${DEFAULT-VALUE})")
  String domain;

  @Option(
      names = "--symmetric-keys",
      description = "let vaults have keys of type oct, which Azure's do not")
  boolean symmetricKeys;

  @Option(names = "--seed", paramLabel = "FILE", description = "JSON with secrets to set")
  Path seed;

  @Option(
      names = "--print",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json: one line when ready")
  Print print;

  @Override
  public Integer call() throws Exception {
    Dev.Options options = options();
    Dev dev = Dev.start(options);
    OrderlyEnd.closes(dev);
    PrintStream out = System.out;
    if (print == Print.json) {
      out.println(dev.settings().json());
    } else {
      out.println(dev.welcome());
    }
    out.flush();
    OrderlyEnd.await();
    return 0;
  }

  private Dev.Options options() throws IOException {
    if (ephemeral && data != null) {
      throw new LocalException("--ephemeral and --data exclude each other");
    }
    if (port < 0 || port > 65535) {
      throw new LocalException("--port must be 0 to 65535");
    }
    if (!DOMAIN.matcher(domain).matches()) {
      throw new LocalException("--domain is not a domain: " + domain);
    }
    List<String> names = vaults.isEmpty() ? List.of("dev") : List.copyOf(vaults);
    names.forEach(
        name -> {
          if (!ContainerName.isValid(name)) {
            throw new LocalException("--vault is not a vault name: " + name);
          }
        });
    if (!ephemeral) {
      EphemeralFolder.sweep();
    }
    return new Dev.Options(
        ephemeral
            ? EphemeralFolder.make()
            : Optional.ofNullable(data)
                .orElseGet(() -> Settings.defaultDevFolder(System.getenv())),
        ephemeral,
        port,
        listen,
        names,
        domain,
        symmetricKeys,
        Optional.ofNullable(seed));
  }
}
