package dev.strongroom.http;

import dev.strongroom.api.Handler;
import dev.strongroom.http.Lines.Line;
import dev.strongroom.model.Operation;
import java.util.List;
import java.util.Map;

/**
 * The paths of the token service. Variable: tenant, a GUID, a domain name or an alias such as
 * {@code common} or {@code adfs}. DISCOVERY stands for several documents: its handler tells them
 * apart by the path.
 *
 * @see <a href="https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc">OpenID
 *     Connect on the Microsoft identity platform</a>
 */
public final class LoginRoutes {
  private static final List<Line> LINES =
      List.of(
          new Line("POST", "/{tenant}/oauth2/v2.0/token", Operation.SIGN_IN, ""),
          new Line("POST", "/{tenant}/oauth2/token", Operation.SIGN_IN, ""),
          new Line(
              "GET", "/{tenant}/v2.0/.well-known/openid-configuration", Operation.DISCOVERY, ""),
          new Line("GET", "/{tenant}/.well-known/openid-configuration", Operation.DISCOVERY, ""),
          new Line("GET", "/{tenant}/discovery/v2.0/keys", Operation.DISCOVERY, ""),
          new Line("GET", "/{tenant}/discovery/keys", Operation.DISCOVERY, ""),
          new Line("GET", "/{tenant}/discovery/instance", Operation.DISCOVERY, ""));

  private LoginRoutes() {}

  /** The lines for every operation that the map has a handler for. */
  public static List<Route> of(Map<Operation, Handler> handlers) {
    return Lines.of(Role.LOGIN, handlers, LINES);
  }
}
