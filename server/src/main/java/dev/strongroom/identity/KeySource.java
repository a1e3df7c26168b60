package dev.strongroom.identity;

import java.io.IOException;
import java.net.URI;

/** Where the published keys of an outside issuer come from. */
@FunctionalInterface
public interface KeySource {
  /** The JWK set at the address, within the limits that an implementation states. */
  byte[] fetch(URI address) throws IOException;
}
