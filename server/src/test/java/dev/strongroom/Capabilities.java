package dev.strongroom;

import dev.strongroom.api.Answer;
import dev.strongroom.api.Handler;
import dev.strongroom.http.ControlRoutes;
import dev.strongroom.http.DataRoutes;
import dev.strongroom.http.LoginRoutes;
import dev.strongroom.http.Route;
import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.BuiltInRole;
import dev.strongroom.model.Collection;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Operation.Plane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** {@code docs/CAPABILITIES.md}, written from the tables of the code. */
final class Capabilities {
  /** Why an operation has no route: what it is the audited name of. */
  static final Map<Operation, String> WITHOUT_ROUTE = new EnumMap<>(Operation.class);

  static {
    WITHOUT_ROUTE.put(Operation.AUTHENTICATION, "a request whose token is missing or not valid");
    WITHOUT_ROUTE.put(
        Operation.REQUEST_REFUSED, "a request that names no operation, or is no HTTP at all");
    WITHOUT_ROUTE.put(Operation.SERVER_START, "`serve` and `dev`");
    WITHOUT_ROUTE.put(Operation.SERVER_STOP, "the end of a server");
    WITHOUT_ROUTE.put(Operation.SERVER_INIT, "`init`, and the first `dev` in a folder");
    WITHOUT_ROUTE.put(Operation.SERVER_SEAL, "`seal`");
    WITHOUT_ROUTE.put(Operation.SERVER_UNSEAL, "`unseal`");
    WITHOUT_ROUTE.put(Operation.SERVER_BACKUP, "`backup`");
    WITHOUT_ROUTE.put(Operation.SERVER_REPLACE, "`serve --replaces` of a restored server");
    WITHOUT_ROUTE.put(Operation.SERVER_CLONE, "`serve --clone` of a restored server");
    WITHOUT_ROUTE.put(Operation.SLOT_ADD, "`slot add`");
    WITHOUT_ROUTE.put(Operation.SLOT_REMOVE, "`slot remove`");
    WITHOUT_ROUTE.put(Operation.ROOT_ROTATE, "`root rotate`");
    WITHOUT_ROUTE.put(Operation.TENANT_CREATE, "`tenant create`, `init`");
    WITHOUT_ROUTE.put(Operation.SUBSCRIPTION_CREATE, "`tenant create`, `init`");
    WITHOUT_ROUTE.put(Operation.ISSUER_ADD, "`issuer add`");
    WITHOUT_ROUTE.put(Operation.ISSUER_REMOVE, "`issuer remove`");
    WITHOUT_ROUTE.put(
        Operation.SIGNING_KEY_ROTATE, "`signing-key rotate`, the first start, and every 90 days");
    WITHOUT_ROUTE.put(Operation.SECRET_PURGE_IF_DUE, "a secret whose retention has passed");
    WITHOUT_ROUTE.put(Operation.KEY_PURGE_IF_DUE, "a key whose retention has passed");
    WITHOUT_ROUTE.put(
        Operation.KEY_ROTATE_IF_DUE, "a key whose rotation policy wants its next version");
    WITHOUT_ROUTE.put(
        Operation.KEY_NEAR_EXPIRY_EVENT_GRID_NOTIFICATION,
        "a key at the time that its rotation policy names before the newest version expires");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_PURGE_IF_DUE, "a certificate whose retention has passed");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_ISSUE, "a certificate that its issuer took time for");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_ISSUE_WAITING, "a step of an operation that waits for its issuer");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_ISSUE_FAILED, "an operation that its issuer has ended");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_RENEW, "a certificate whose policy wants its next version");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_RENEW_FAILED, "a renewal that failed and is tried again later");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_NEAR_EXPIRY_EVENT_GRID_NOTIFICATION,
        "a certificate at the time that its policy names before the newest version expires");
    WITHOUT_ROUTE.put(Operation.CERTIFICATE_AUTHORITY_INIT, "`ca init`");
    WITHOUT_ROUTE.put(Operation.CERTIFICATE_AUTHORITY_ROTATE, "`ca rotate`");
    WITHOUT_ROUTE.put(Operation.CERTIFICATE_AUTHORITY_SET, "`ca set`, `ca profile set`");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_AUTHORITY_PUBLISH,
        "a revocation list, or the certificate of the OCSP responder, half of whose life is over");
    WITHOUT_ROUTE.put(Operation.CERTIFICATE_REVOKE, "`ca revoke`");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_CONTACTS_MAIL, "mail about that, which the relay has taken");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_CONTACTS_MAIL_FAILED,
        "mail about that, which failed and is tried again later");
    WITHOUT_ROUTE.put(
        Operation.CERTIFICATE_CONTACTS_MAIL_DROPPED,
        "mail about that, which there is nobody or nothing left for");
    WITHOUT_ROUTE.put(
        Operation.ACME_ACCOUNT_SET, "an account at an outside authority, before and after it is made");
    WITHOUT_ROUTE.put(
        Operation.ACME_CHALLENGE_PUBLISH, "what an outside authority is to find over HTTP or in TXT records");
    WITHOUT_ROUTE.put(
        Operation.ACME_CHALLENGE_REMOVE, "the same, once its order is over or given up");
    WITHOUT_ROUTE.put(Operation.CLOCK_MOVE, "`clock`, of `dev` only");
    WITHOUT_ROUTE.put(Operation.VAULT_PURGE_IF_DUE, "a vault whose retention has passed");
    WITHOUT_ROUTE.put(Operation.NODE_TAKE_OVER, "a node that writes what a lost one owes");
    WITHOUT_ROUTE.put(Operation.INTEGRITY_FAILURE, "a stored row whose MAC does not match");
    WITHOUT_ROUTE.put(Operation.AUDIT_KEY_CREATE, "the first start that signs checkpoints");
    WITHOUT_ROUTE.put(Operation.AUDIT_REPAIR, "a last line that a crash had cut, at the next start");
    WITHOUT_ROUTE.put(
        Operation.AUDIT_GAP, "a start whose trail is shorter than the store's checkpoint, or differs");
    WITHOUT_ROUTE.put(
        Operation.AUDIT_JOURNAL_BEHIND, "a start whose store is older than the trail");
    WITHOUT_ROUTE.put(
        Operation.AUDIT_PRUNE, "a signed statement about the oldest segments, before they go");
  }

  private static final Map<Operation, List<Route>> ROUTES =
      routes().stream().collect(Collectors.groupingBy(Route::operation));

  private final StringBuilder text = new StringBuilder();

  private Capabilities() {}

  static List<Route> routes() {
    Map<Operation, Handler> handlers = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      handlers.put(operation, call -> Answer.empty(200));
    }
    List<Route> routes = new ArrayList<>(DataRoutes.of(handlers));
    routes.addAll(ControlRoutes.of(handlers));
    routes.addAll(LoginRoutes.of(handlers));
    return routes;
  }

  /** The roles that are of use and allow an operation; empty where no action is asked for. */
  static List<String> roles(Operation operation) {
    Predicate<BuiltInRole> allows =
        operation.plane() == Plane.DATA
            ? role -> role.allows(operation, ContainerKind.VAULT)
            : role -> role.allows(operation.action(ContainerKind.VAULT));
    return Arrays.stream(BuiltInRole.values())
        .filter(role -> role.condition().isEmpty())
        .filter(allows)
        .map(BuiltInRole::title)
        .toList();
  }

  static String document() {
    Capabilities page = new Capabilities();
    page.add(
        """
        # Capabilities

        Written by `TablesTest` from the tables of the code (`Operation`, the routes, `BuiltInRole`,
        `ApiVersion`, `ErrorCode`); do not edit it. What is missing beside Azure is in
        [DIFFERENCES.md](../DIFFERENCES.md).
        """);
    page.dataPlane();
    page.resourceManager();
    page.login();
    page.machine();
    page.versions();
    page.builtInRoles();
    page.errors();
    return page.text.toString();
  }

  private void dataPlane() {
    for (Collection collection : Collection.values()) {
      List<Operation> operations =
          Arrays.stream(Operation.values())
              .filter(operation -> operation.collection().equals(Optional.of(collection)))
              .toList();
      if (operations.isEmpty()) {
        continue;
      }
      add(
          """

          ## Vaults: %s

          Hosts `NAME.vault.DOMAIN`. The operation is the one of the audit trail. Permission is checked
          at the object or at its vault, before it is looked up whether the object exists.

          """
              .formatted(collection.wire()));
      row(
          "operation", "request", "since", "data action", "policy", "checked at", "body", "roles");
      row("---", "---", "---", "---", "---", "---", "---:", "---");
      for (Operation operation : operations) {
        row(
            operation.auditName(),
            requests(operation),
            operation.first().wire(),
            code(operation.action(ContainerKind.VAULT)),
            code(operation.permission().orElseThrow()),
            operation.checked() == Operation.Checked.OBJECT ? "object" : "vault",
            size(operation.bodyLimit()),
            String.join(", ", roles(operation)));
      }
    }
  }

  private void resourceManager() {
    add(
        """

        ## Resource manager and applications

        Host `management.DOMAIN`. Where there is no action, every caller that is known may ask, and is
        shown what it may read. Paths below `/strongroom` are ours.

        """);
    row("operation", "request", "action", "roles");
    row("---", "---", "---", "---");
    for (Operation operation : of(Plane.CONTROL)) {
      String action = operation.action(ContainerKind.VAULT);
      row(
          operation.auditName(),
          requests(operation),
          action.isEmpty() ? "" : code(action),
          action.isEmpty() ? "" : String.join(", ", roles(operation)));
    }
  }

  private void login() {
    add(
        """

        ## Log-in and metadata

        Hosts `login.DOMAIN` and, for the cloud's metadata, `management.DOMAIN`. No token is needed.

        """);
    row("operation", "request");
    row("---", "---");
    for (Operation operation : of(Plane.LOGIN)) {
      row(operation.auditName(), requests(operation));
    }
  }

  private void machine() {
    add(
        """

        ## Without a request

        Operations of the audit trail that cannot be reached over the network: commands on the machine,
        what the server does by itself, and requests that never became an operation.

        """);
    row("operation", "what");
    row("---", "---");
    for (Operation operation : of(Plane.LOCAL)) {
      row(operation.auditName(), WITHOUT_ROUTE.getOrDefault(operation, ""));
    }
  }

  private void versions() {
    add(
        """

        ## Api-versions of vaults

        %s.
        """
            .formatted(
                Arrays.stream(ApiVersion.values())
                    .map(version -> code(version.wire()))
                    .collect(Collectors.joining(",\n"))));
  }

  private void builtInRoles() {
    add(
        """

        ## Built-in roles

        A role with a condition cannot be assigned yet.

        """);
    row("role", "id", "actions", "not actions", "data actions", "condition");
    row("---", "---", "---", "---", "---", "---");
    for (BuiltInRole role : BuiltInRole.values()) {
      row(
          role.title(),
          code(role.id().guid()),
          codes(role.actions()),
          codes(role.notActions()),
          codes(role.dataActions()),
          role.condition().isPresent() ? "yes" : "");
    }
  }

  private void errors() {
    add(
        """

        ## Errors

        Every refusal. Words in braces are filled in. The last ones are the token endpoint's.

        """);
    row("status", "code", "inner code", "message");
    row("---:", "---", "---", "---");
    for (ErrorCode error : ErrorCode.values()) {
      row(
          Integer.toString(error.status()),
          code(error.wire()),
          error.inner().map(Capabilities::code).orElse(""),
          error.template().replace("\r\n", " ").strip());
    }
  }

  private static List<Operation> of(Plane plane) {
    return Arrays.stream(Operation.values())
        .filter(operation -> operation.plane() == plane)
        .toList();
  }

  private static String requests(Operation operation) {
    return ROUTES.getOrDefault(operation, List.of()).stream()
        .map(route -> code(route.method() + ' ' + route.path()))
        .collect(Collectors.joining("<br>"));
  }

  private static String size(int bytes) {
    return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : (bytes >> 20) + " MiB";
  }

  private static String codes(List<String> words) {
    return words.stream().map(Capabilities::code).collect(Collectors.joining("<br>"));
  }

  private static String code(String word) {
    return '`' + word + '`';
  }

  private void row(String... cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private void add(String paragraph) {
    text.append(paragraph);
  }
}
