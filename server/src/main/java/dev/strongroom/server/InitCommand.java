package dev.strongroom.server;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.crypto.X509;
import dev.strongroom.local.DataFolder;
import dev.strongroom.local.Installation;
import dev.strongroom.local.LocalException;
import dev.strongroom.local.OperatorCommands;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.VaultException;
import dev.strongroom.seal.SlotKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code strongroom init}: makes an installation; there is no default name, vault or password. */
@Command(
    name = "init",
    description = "Make an installation: root key, first slot, tenant and first application.")
final class InitCommand implements Callable<Integer> {
  @Option(names = "--config", paramLabel = "FILE", required = true, description = "the settings")
  Path config;

  @Option(
      names = "--admin-cert",
      paramLabel = "FILE",
      description = "certificate (PEM, without its key) of the first application")
  Path adminCert;

  @Option(
      names = "--admin-secret-out",
      paramLabel = "FILE",
      description = "where the first application's secret is written, mode 0600")
  Path adminSecretOut;

  @Option(
      names = "--tenant-name",
      paramLabel = "NAME",
      defaultValue = "Home",
      description = "display name of the first tenant (default: ${DEFAULT-VALUE})")
  String tenantName;

  @Option(
      names = "--tenant-domain",
      paramLabel = "DOMAIN",
      description = "domain name of the first tenant (default: the server's domain)")
  String tenantDomain;

  @Option(
      names = "--if-absent",
      description = "where there is a finished installation already, do nothing and succeed")
  boolean ifAbsent;

  @Override
  public Integer call() throws IOException {
    if ((adminCert == null) == (adminSecretOut == null)) {
      throw new LocalException("give exactly one of --admin-cert and --admin-secret-out");
    }
    if (adminSecretOut != null && Files.exists(adminSecretOut)) {
      throw new LocalException(adminSecretOut + " is there already; choose another file");
    }
    Config settings = ConfigFile.read(config, System.getenv());
    byte[] certificate = adminCert == null ? new byte[0] : read(adminCert);
    DataFolder.prepare(settings.data(), DataFolder.Kind.SERVE);
    InstantSource clock = InstantSource.system();
    try (Wiring server = Wiring.open(settings, Wiring.Mode.SERVE, clock)) {
      if (Installation.id(server.store).isPresent()) {
        if (ifAbsent && Installation.isComplete(server.store)) {
          System.out.println("there is an installation already");
          return 0;
        }
        throw new LocalException(
            Installation.isComplete(server.store)
                ? "there is an installation already; start it with: serve"
                : "an earlier init did not finish here; " + startingOver(settings));
      }
      try (SlotKey slot = FirstSlot.of(settings)) {
        make(server, settings, slot, certificate, clock);
      }
      return 0;
    }
  }

  private void make(
      Wiring server, Config settings, SlotKey slot, byte[] certificate, InstantSource clock)
      throws IOException {
    try {
      Installation.begin(
          server.store,
          server.seal,
          slot,
          "first",
          new Origin(
              Randoms.id(),
              Operation.SERVER_INIT.auditName(),
              Optional.empty(),
              clock.instant()));
      server.build(settings.listeners(Config.ListenerRole.API).getFirst().port());
      server.opened();
      Installation.Made made =
          Installation.tenant(
              server.store,
              server.applications(),
              server.roles(),
              server.operator(),
              tenantName,
              tenantDomain == null ? settings.domain() : tenantDomain,
              adminCert == null
                  ? new Installation.Credential.Secret()
                  : new Installation.Credential.Certificate(certificate));
      made.secret()
          .ifPresent(
              secret -> OperatorCommands.writeSecret(adminSecretOut.toAbsolutePath(), secret));
      Installation.complete(server.store, made.tenant());
      System.out.println("tenantId        " + made.tenant().id().guid());
      System.out.println("subscriptionId  " + made.subscription().id().guid());
      System.out.println("clientId        " + made.application().appId().guid());
      System.out.println("objectId        " + made.application().objectId().guid());
      if (adminSecretOut != null) {
        System.out.println("secret in       " + adminSecretOut);
      }
      System.out.println("The application owns everything and may read no data.");
      System.out.println(
          "Keep a copy of the audit key elsewhere, for audit verify --trust: "
              + settings.data().resolve("audit").resolve("audit-key.pub"));
    } catch (LocalException | VaultException e) {
      throw new LocalException(
          e.getMessage() + "; init did not finish: " + startingOver(settings));
    }
  }

  private static String startingOver(Config settings) {
    return (settings.store().kind() == Config.StoreKind.SQLITE
            ? "remove "
            : "empty the database, remove ")
        + settings.data()
        + " and run it again";
  }

  /** Looked at before anything is made, since there is no second init in the same folder. */
  private static byte[] read(Path file) {
    try {
      return X509.read(Files.readAllBytes(file)).der();
    } catch (IOException e) {
      throw new LocalException("cannot read " + file);
    } catch (IllegalArgumentException e) {
      throw new LocalException("--admin-cert: " + e.getMessage());
    }
  }
}
