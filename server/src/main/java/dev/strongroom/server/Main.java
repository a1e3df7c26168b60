package dev.strongroom.server;

import dev.strongroom.cli.AccountCommands;
import dev.strongroom.cli.AppCommands;
import dev.strongroom.cli.CertificateCommands;
import dev.strongroom.cli.CliException;
import dev.strongroom.cli.GroupCommands;
import dev.strongroom.cli.KeyCommands;
import dev.strongroom.cli.LoginCommand;
import dev.strongroom.cli.LogoutCommand;
import dev.strongroom.cli.RoleCommands;
import dev.strongroom.cli.SecretCommands;
import dev.strongroom.cli.Settings;
import dev.strongroom.cli.VaultCommands;
import dev.strongroom.local.LocalCommands;
import dev.strongroom.local.LocalException;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The one program: picks the command and turns its end into an exit code. */
public final class Main {
  private static final System.Logger LOG = System.getLogger(Main.class.getName());
  private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("dev", DevCommand::new);
    COMMANDS.put("init", InitCommand::new);
    COMMANDS.put("serve", ServeCommand::new);
    COMMANDS.put("status", LocalCommands.Status::new);
    COMMANDS.put("health", LocalCommands.Health::new);
    COMMANDS.put("clock", LocalCommands.Clock::new);
    COMMANDS.put("unseal", LocalCommands.Unseal::new);
    COMMANDS.put("seal", LocalCommands.SealCommand::new);
    COMMANDS.put("slot", LocalCommands.Slot::new);
    COMMANDS.put("root", LocalCommands.Root::new);
    COMMANDS.put("tenant", LocalCommands.TenantCommand::new);
    COMMANDS.put("issuer", LocalCommands.Issuer::new);
    COMMANDS.put("signing-key", LocalCommands.SigningKeyCommand::new);
    COMMANDS.put("backup", BackupCommand::new);
    COMMANDS.put("restore", RestoreCommand::new);
    COMMANDS.put("drill", DrillCommand::new);
    COMMANDS.put("migrate", MigrateCommand::new);
    COMMANDS.put("ca", LocalCommands.Ca::new);
    COMMANDS.put("audit", AuditCommand::new);
    COMMANDS.put("login", LoginCommand::new);
    COMMANDS.put("logout", LogoutCommand::new);
    COMMANDS.put("account", AccountCommands::new);
    COMMANDS.put("vault", VaultCommands::new);
    COMMANDS.put("secret", SecretCommands::new);
    COMMANDS.put("key", KeyCommands::new);
    COMMANDS.put("certificate", CertificateCommands::new);
    COMMANDS.put("role", RoleCommands::new);
    COMMANDS.put("group", GroupCommands::new);
    COMMANDS.put("app", AppCommands::new);
    COMMANDS.put("version", VersionCommand::new);
  }

  private Main() {}

  public static void main(String[] arguments) {
    int code = run(arguments);
    if (code != 0) {
      System.exit(code);
    }
  }

  /** Only the chosen command is built: looking through all of them costs a start noticeable time. */
  static int run(String[] arguments) {
    LocalCommands.Where.fallback(Settings.defaultDevFolder(System.getenv()));
    // because a value that begins with @ is a value, or a file that the option itself reads
    CommandLine root = new CommandLine(new Root()).setExpandAtFiles(false);
    String chosen = arguments.length == 0 ? "" : arguments[0];
    if (chosen.equals("--version") || chosen.equals("-V")) {
      chosen = "version";
      arguments = new String[] {chosen};
    }
    if (chosen.equals("train")) {
      root.addSubcommand("train", new TrainCommand());
    } else if (COMMANDS.containsKey(chosen)) {
      root.addSubcommand(chosen, COMMANDS.get(chosen).get());
    } else {
      COMMANDS.forEach((name, command) -> root.addSubcommand(name, command.get()));
    }
    root.setCaseInsensitiveEnumValuesAllowed(true);
    addHelp(root);
    root.setExecutionExceptionHandler(Main::explain);
    return root.execute(arguments);
  }

  // not the library's own help mixin: put behind the options of a command method, it shifts them
  private static void addHelp(CommandLine line) {
    line.getCommandSpec()
        .addOption(
            CommandLine.Model.OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("show this help")
                .build());
    line.getSubcommands().values().forEach(Main::addHelp);
  }

  private static int explain(
      Exception thrown, CommandLine line, CommandLine.ParseResult result) {
    System.err.println("strongroom: " + reason(thrown).strip());
    return thrown instanceof CliException e ? e.exitCode() : 1;
  }

  static String reason(Exception thrown) {
    return switch (thrown) {
      case CliException e -> e.getMessage();
      case LocalException e -> e.getMessage();
      case ConfigException e -> e.getMessage();
      case VaultException e -> e.getMessage();
      case UncheckedIOException e -> reason(e.getCause());
      case NoSuchFileException e -> e.getFile() + " is not there";
      case AccessDeniedException e -> "this user may not use " + e.getFile();
      case FileSystemException e when e.getReason() != null -> e.getFile() + ": " + e.getReason();
      case IOException e when e.getMessage() != null -> e.getMessage();
      default -> {
        LOG.log(Level.ERROR, "a command failed", thrown);
        yield "this is a defect of the program; the log line above says where";
      }
    };
  }

  @Command(
      name = "strongroom",
      description = "A self-hosted vault that speaks Azure Key Vault's own protocol.",
      synopsisSubcommandLabel = "COMMAND")
  private static final class Root implements Runnable {
    @picocli.CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
      spec.commandLine().usage(System.out);
    }
  }
}
