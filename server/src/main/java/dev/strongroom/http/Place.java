package dev.strongroom.http;

import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.Id;
import java.util.Optional;

/**
 * What the authority of a request names: its role, the container if it names one, and the spelling
 * of the hosts around it for this client.
 *
 * @param authority as the client wrote it, in lower case, without the default port
 * @param login the authority of the token service as this client reaches it
 * @param domain below which the resource hosts are
 * @param port ":8443", or empty for the default port
 */
record Place(
    Role role,
    String authority,
    String login,
    String domain,
    String port,
    Optional<ContainerKind> kind,
    Optional<String> container) {

  String baseUrl() {
    return "https://" + authority;
  }

  /**
   * The challenge of the data plane. Clients take it apart by hand: authorization first, comma and
   * space, nothing behind the tenant, and the port whenever the vault's URL has one.
   *
   * @see <a
   *     href="https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses">
   *     Authentication, requests, and responses</a>
   */
  String challenge(Id tenant) {
    return "Bearer authorization=\"https://"
        + login
        + '/'
        + tenant.guid()
        + "\", resource=\"https://"
        + kind.orElse(ContainerKind.VAULT).hostLabel()
        + '.'
        + domain
        + port
        + '"';
  }

  /** The challenge of resource manager, RFC 6750 section 3 with Azure's authorization_uri. */
  String managementChallenge(Id tenant, String description) {
    return "Bearer authorization_uri=\"https://"
        + login
        + '/'
        + tenant.guid()
        + "\", error=\"invalid_token\", error_description=\""
        + Headers.safe(description).replace('"', '\'').replace('\\', '/')
        + '"';
  }
}
