package dev.strongroom.server;

import dev.strongroom.crypto.ChosenEngine;
import dev.strongroom.mail.SmtpRelay;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting of {@code serve}, with the defaults that a missing key means. {@link ConfigFile}
 * reads it; {@code docs/CONFIGURATION.md} says what each key does.
 *
 * @param data the folder of the embedded store, the audit trail and the control socket
 * @param node this node's name in journal and audit; one node, one name, for ever
 * @param domain names are NAME.vault.DOMAIN, login.DOMAIN, management.DOMAIN
 * @param location the one Azure location of this installation, such as "onprem"
 * @param aliases further hosts (with port unless 443), each of one vault
 */
public record Config(
    Path data,
    String node,
    String domain,
    String location,
    Store store,
    Unseal unseal,
    List<Listener> listeners,
    Admin admin,
    Log log,
    Otlp otlp,
    Audit audit,
    Cache cache,
    Nodes nodes,
    Tokens tokens,
    Keys keys,
    Mail mail,
    List<Acme> acme,
    Map<String, String> aliases) {

  /** Where rows are kept. */
  public record Store(
      StoreKind kind,
      Optional<String> url,
      Optional<String> user,
      Optional<Path> passwordFile,
      int poolSize) {}

  public enum StoreKind {
    SQLITE,
    POSTGRES
  }

  /** How the server opens by itself at start; with neither file it waits for an operator. */
  public record Unseal(Optional<Path> keyFile, Optional<Path> passphraseFile) {}

  /** One address. The files are those of TLS, which it has by its role, and reloaded on change. */
  public record Listener(
      String address,
      int port,
      ListenerRole role,
      Optional<Path> certificate,
      Optional<Path> key,
      List<String> trustedProxies) {}

  /** What a listener answers for. */
  public enum ListenerRole {
    /** Vaults, log-in and resources, over TLS. */
    API,
    /** Public documents of certificate authorities, in the clear. */
    PKI_HTTP
  }

  /** Those of one role, in the order of the file. */
  List<Listener> listeners(ListenerRole role) {
    return listeners.stream().filter(one -> one.role() == role).toList();
  }

  /** Health and metrics, in the clear, for the machine itself. */
  public record Admin(String address, int port) {}

  /** What the process writes to standard error. */
  public record Log(LogFormat format) {}

  public enum LogFormat {
    /** For people. */
    TEXT,
    /** One object on each line. */
    JSON
  }

  /**
   * The OpenTelemetry collector; without an endpoint none is told anything.
   *
   * @param endpoint before {@code /v1/traces} and {@code /v1/logs}
   * @param tracePercent of the requests that no client has decided about
   * @param authorizationFile whose first line is what the header of that name says
   */
  public record Otlp(
      Optional<URI> endpoint,
      boolean traces,
      boolean logs,
      int tracePercent,
      Optional<Path> authorities,
      Optional<Path> authorizationFile) {
    static final Otlp NONE =
        new Otlp(Optional.empty(), true, true, 100, Optional.empty(), Optional.empty());
  }

  /**
   * The audit trail.
   *
   * @param segmentHours after so long a segment ends though it is not full
   * @param retainDays older segments are removed; empty: never
   * @param retainMebibytes the oldest segments are removed while all take more; empty: never
   * @param ship where else the records go
   */
  public record Audit(
      AuditSync sync,
      int reserveMebibytes,
      int segmentMebibytes,
      int segmentHours,
      Optional<Integer> retainDays,
      Optional<Integer> retainMebibytes,
      List<Ship> ship) {

    Audit(AuditSync sync, int reserveMebibytes) {
      this(sync, reserveMebibytes, 64, 24, Optional.empty(), Optional.empty(), List.of());
    }
  }

  /** A destination of audit records: a syslog receiver over TLS, or a file for a collector. */
  public record Ship(
      String name,
      ShipKind to,
      Optional<String> host,
      int port,
      Optional<Path> authorities,
      Optional<Path> certificate,
      Optional<Path> key,
      int facility,
      int enterpriseNumber,
      Optional<Path> path,
      int rotateMebibytes,
      int keep) {}

  public enum ShipKind {
    SYSLOG,
    FILE
  }

  public enum AuditSync {
    GROUP,
    EACH
  }

  /** How long the journal of a shared store may go unconfirmed before a node serves nothing. */
  public record Cache(int maxStalenessMillis) {
    static final Cache DEFAULT = new Cache(1_000);
  }

  /**
   * What nodes on one database keep to.
   *
   * @param maxClockDifferenceMillis between node and database; beyond it the node serves nothing
   * @param takeOverSeconds how long a node is not heard of before another writes the audit records
   *     that it owes
   */
  public record Nodes(int maxClockDifferenceMillis, int takeOverSeconds) {
    static final Nodes DEFAULT = new Nodes(5_000, 600);
  }

  /** How long access tokens live, and audiences accepted for vaults beyond our own. */
  public record Tokens(int lifetimeSeconds, List<String> vaultAudiences) {}

  /** Whether vaults take keys of type oct, which Azure's do not; what computes keys. */
  public record Keys(boolean symmetric, ChosenEngine.Wanted engine) {}

  /** The relay by which contacts get mail; without a host nobody does. */
  public record Mail(
      Optional<String> host,
      int port,
      SmtpRelay.Protection protection,
      Optional<String> user,
      Optional<Path> passwordFile,
      Optional<String> from,
      Optional<Path> authorities) {
    static final Mail NONE =
        new Mail(
            Optional.empty(),
            587,
            SmtpRelay.Protection.STARTTLS,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
  }

  /**
   * An outside certificate authority that is asked by ACME.
   *
   * @param name by which issuer objects of vaults name it
   * @param domains for which it is asked; none: for every one
   * @param hook program of TXT records; without it challenges are answered over HTTP
   */
  public record Acme(
      String name,
      URI directory,
      Optional<String> email,
      Optional<String> accountId,
      Optional<Path> accountKeyFile,
      Optional<Path> authorities,
      List<String> domains,
      Optional<Path> hook,
      int hookSeconds,
      int propagationSeconds) {}
}
