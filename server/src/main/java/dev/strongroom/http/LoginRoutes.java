package dev.strongroom.http;

import dev.strongroom.api.Handler;
import dev.strongroom.model.Operation;
import java.util.List;

/**
 * The paths of the token service. Variable: tenant, a GUID, a domain name or an alias such as
 * {@code common} or {@code adfs}.
 *
 * @see <a href="https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc">OpenID
 *     Connect on the Microsoft identity platform</a>
 */
public final class LoginRoutes {
  /** One for each kind of document and request; DISCOVERY stands for all but the first. */
  public record Handlers(
      Handler token,
      Handler openIdV2,
      Handler openIdV1,
      Handler keys,
      Handler instance,
      Handler userRealm) {}

  private LoginRoutes() {}

  public static List<Route> of(Handlers handlers) {
    return List.of(
        token("/{tenant}/oauth2/v2.0/token", handlers.token()),
        token("/{tenant}/oauth2/token", handlers.token()),
        document("/{tenant}/v2.0/.well-known/openid-configuration", handlers.openIdV2()),
        document("/{tenant}/.well-known/openid-configuration", handlers.openIdV1()),
        document("/{tenant}/discovery/v2.0/keys", handlers.keys()),
        document("/{tenant}/discovery/keys", handlers.keys()),
        document("/{tenant}/discovery/instance", handlers.instance()),
        document("/{tenant}/userrealm/{user}", handlers.userRealm()));
  }

  private static Route token(String path, Handler handler) {
    return new Route("POST", Role.LOGIN, PathTemplate.of(path), Operation.SIGN_IN, "", handler);
  }

  private static Route document(String path, Handler handler) {
    return new Route("GET", Role.LOGIN, PathTemplate.of(path), Operation.DISCOVERY, "", handler);
  }
}
