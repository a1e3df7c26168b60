package dev.strongroom.identity;

import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SecretBytes;
import java.util.Optional;

/**
 * A request for a token, taken from the form but not looked into.
 *
 * @param tenant the tenant as the path spells it
 * @param host the host that the request was addressed to, without a port
 * @param address the client's address, for limits
 */
public record TokenRequest(
    String tenant,
    String host,
    String address,
    Origin origin,
    Optional<String> grantType,
    Optional<String> clientId,
    Optional<SecretBytes> clientSecret,
    Optional<String> assertionType,
    Optional<String> assertion,
    Optional<String> scope,
    Optional<String> resource) {

  /** The client id where it has the form of one: only then is it worth noting. */
  public Optional<Id> client() {
    return clientId.flatMap(Id::findGuid);
  }

  @Override
  public String toString() {
    return "TokenRequest[" + client().map(Id::guid).orElse("") + ']';
  }
}
