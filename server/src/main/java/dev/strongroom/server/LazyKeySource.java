package dev.strongroom.server;

import dev.strongroom.identity.KeySource;
import dev.strongroom.identity.WebKeySource;
import java.io.IOException;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;

/**
 * Keys of outside issuers, with the machine's own trusted authorities, which are read when the first
 * issuer is asked: most servers have none, and reading them would slow every start.
 */
final class LazyKeySource {
  private LazyKeySource() {}

  static KeySource overTheWeb() {
    return new KeySource() {
      private volatile WebKeySource source;

      @Override
      public byte[] fetch(URI address) throws IOException {
        WebKeySource current = source;
        if (current == null) {
          current = new WebKeySource(machineTrust());
          source = current;
        }
        return current.fetch(address);
      }
    };
  }

  private static SSLContext machineTrust() throws IOException {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("this Java has no TLS", e);
    }
  }
}
