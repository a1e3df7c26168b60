package dev.strongroom.access;

import dev.strongroom.model.Container;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Principal;
import java.time.Instant;
import java.util.Optional;

/** Decides. The implementation is {@code Rules}. */
public interface Access {
  /** A data-plane operation on a container, or on an object of it that need not exist. */
  Decision decide(
      Principal principal,
      Operation operation,
      Container container,
      Optional<ObjectName> object,
      Instant now);

  /** A control-plane action at a scope, a path such as /subscriptions/{id}. */
  Decision decide(Principal principal, String action, String scope, Instant now);
}
