package dev.strongroom.api;

import dev.strongroom.identity.Audience;
import java.net.URI;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * The server's own names in answers of resource manager.
 *
 * @param domain what all hosts are below
 * @param port the canonical port; empty where the port of each request stands for it
 */
public record ControlHosts(String domain, OptionalInt port) {
  private static final int HTTPS = 443;

  /** Canonical: it does not depend on the host by which the client came. */
  String vaultUri(Call call, String name) {
    return "https://" + name.toLowerCase(Locale.ROOT) + '.' + resource(call, Audience.VAULT) + '/';
  }

  /** Host and port of a resource, such as vault.DOMAIN:8443. */
  String resource(Call call, Audience audience) {
    return audience.hostLabel() + '.' + domain + portText(call);
  }

  /** The token service as this client reaches it: an alias answers for all roles itself. */
  String login(Call call) {
    return isManagementHost(call) ? "https://login." + domain + portText(call) : call.baseUrl();
  }

  /** The graph as this client reaches it. */
  String graph(Call call) {
    return isManagementHost(call) ? "https://" + resource(call, Audience.GRAPH) : call.baseUrl();
  }

  private boolean isManagementHost(Call call) {
    return (Audience.MANAGEMENT.hostLabel() + '.' + domain)
        .equalsIgnoreCase(URI.create(call.baseUrl()).getHost());
  }

  private String portText(Call call) {
    int number = port.orElseGet(() -> URI.create(call.baseUrl()).getPort());
    return number == HTTPS || number < 0 ? "" : ":" + number;
  }
}
