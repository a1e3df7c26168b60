package dev.strongroom.http;

import dev.strongroom.api.Handler;
import dev.strongroom.model.Operation;
import java.util.List;
import java.util.Map;

/** Tables of paths become routes by the handlers that there are. */
final class Lines {
  record Line(String method, String path, Operation operation, String scope) {}

  private Lines() {}

  static List<Route> of(Role role, Map<Operation, Handler> handlers, List<Line> lines) {
    return lines.stream()
        .filter(line -> handlers.containsKey(line.operation()))
        .map(
            line ->
                new Route(
                    line.method(),
                    role,
                    PathTemplate.of(line.path()),
                    line.operation(),
                    line.scope(),
                    handlers.get(line.operation())))
        .toList();
  }
}
