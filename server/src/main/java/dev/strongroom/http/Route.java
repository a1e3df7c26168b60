package dev.strongroom.http;

import dev.strongroom.api.Handler;
import dev.strongroom.model.Operation;
import java.util.Map;

/**
 * One line of the table: this method and path on hosts of this role mean this operation.
 *
 * @param scope where permission is checked on the control plane, a template over the path's
 *     variables; empty on the other planes
 */
public record Route(
    String method,
    Role role,
    PathTemplate path,
    Operation operation,
    String scope,
    Handler handler) {

  /** The scope of a request whose path has matched. */
  String scope(Map<String, String> variables) {
    StringBuilder text = new StringBuilder();
    int at = 0;
    while (at < scope.length()) {
      int open = scope.indexOf('{', at);
      if (open < 0) {
        break;
      }
      int close = scope.indexOf('}', open);
      text.append(scope, at, open).append(variables.get(scope.substring(open + 1, close)));
      at = close + 1;
    }
    return text.append(scope, at, scope.length()).toString();
  }
}
