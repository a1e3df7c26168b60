package dev.strongroom.audit;

import dev.strongroom.model.Principal;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One answer, in the words of Azure's AuditEvent. Record the path and api-version of the URI only;
 * never a value, a token or a claim of a token that failed.
 *
 * <p>{@code details} are extra properties of ours: the assignment that allowed, the rule that
 * refused, a count of merged records.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/logging">Azure Key Vault
 *     logging</a>
 */
public record AuditRecord(
    Instant time,
    String operation,
    String category,
    Optional<String> resourceId,
    String requestId,
    Optional<String> clientRequestId,
    String callerAddress,
    Optional<Principal> principal,
    String method,
    String requestPath,
    Optional<String> apiVersion,
    Optional<String> userAgent,
    int status,
    Optional<String> errorCode,
    Optional<String> objectId,
    long durationMicros,
    OptionalLong journal,
    Map<String, String> details) {

  public static final String AUDIT_EVENT = "AuditEvent";
  public static final String SIGN_IN = "SignIn";
  public static final String ADMINISTRATION = "Administration";

  /** What was done on the machine, or by the server of its own accord; status 0 is no answer. */
  public static AuditRecord withoutRequest(
      Instant time,
      String operation,
      String category,
      String requestId,
      int status,
      OptionalLong journal,
      Map<String, String> details) {
    return new AuditRecord(
        time,
        operation,
        category,
        Optional.empty(),
        requestId,
        Optional.empty(),
        "",
        Optional.empty(),
        "",
        "",
        Optional.empty(),
        Optional.empty(),
        status,
        Optional.empty(),
        Optional.empty(),
        0,
        journal,
        details);
  }
}
