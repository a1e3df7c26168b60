package dev.strongroom.http;

import dev.strongroom.model.Operation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The table of everything that can be reached over the network. A request matches by host role,
 * path and method; what does not match is refused as an unknown path or a wrong method.
 */
public final class Routes {
  /** What the table says about a path. */
  sealed interface Match permits Found, WrongMethod, Unknown {
    /** Whether what is there needs no token. */
    boolean isOpen();
  }

  record Found(Route route, Map<String, String> variables) implements Match {
    @Override
    public boolean isOpen() {
      return route.operation().plane() == Operation.Plane.LOGIN;
    }
  }

  record WrongMethod(String allow, boolean isOpen) implements Match {}

  record Unknown() implements Match {
    @Override
    public boolean isOpen() {
      return false;
    }
  }

  private final Map<Role, List<Route>> routes = new EnumMap<>(Role.class);

  private Routes(Collection<Route> all) {
    for (Role role : Role.values()) {
      routes.put(role, all.stream().filter(route -> route.role() == role).toList());
    }
  }

  public static Routes of(Collection<Route> routes) {
    return new Routes(routes);
  }

  /** Every line, for the tests that hold the tables together. */
  public List<Route> all() {
    return routes.values().stream().flatMap(List::stream).toList();
  }

  Match find(Role role, String method, List<String> path) {
    boolean ignoreCase = role != Role.VAULT;
    List<String> segments = role == Role.VAULT ? withoutLastEmpty(path) : withoutEmpty(path);
    if (ignoreCase && segments.stream().anyMatch(segment -> segment.indexOf('/') >= 0)) {
      // because a scope is put together from segments: an escaped slash must not make two of one
      return new Unknown();
    }
    Optional<Found> best = Optional.empty();
    for (Route route : routes.get(role)) {
      if (route.method().equals(method)) {
        Optional<Map<String, String>> variables = route.path().match(segments, ignoreCase);
        if (variables.isPresent()
            && (best.isEmpty() || route.path().compareSpecificity(best.get().route().path()) > 0)) {
          best = Optional.of(new Found(route, variables.get()));
        }
      }
    }
    return best.isPresent() ? best.get() : otherMethods(role, segments, ignoreCase);
  }

  private Match otherMethods(Role role, List<String> segments, boolean ignoreCase) {
    List<Route> there =
        routes.get(role).stream()
            .filter(route -> route.path().match(segments, ignoreCase).isPresent())
            .toList();
    if (there.isEmpty()) {
      return new Unknown();
    }
    TreeSet<String> allowed = new TreeSet<>();
    there.forEach(route -> allowed.add(route.method()));
    return new WrongMethod(
        String.join(", ", allowed),
        there.stream().allMatch(route -> route.operation().plane() == Operation.Plane.LOGIN));
  }

  // because clients that mean the latest version send its place empty, with one slash or two
  private static List<String> withoutLastEmpty(List<String> segments) {
    return segments.size() > 1 && segments.getLast().isEmpty()
        ? segments.subList(0, segments.size() - 1)
        : segments;
  }

  // because resource manager takes "providers/Microsoft.KeyVault//vaults", which az sends
  private static List<String> withoutEmpty(List<String> segments) {
    List<String> kept = new ArrayList<>(segments);
    kept.removeIf(String::isEmpty);
    return kept;
  }
}
