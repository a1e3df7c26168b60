package dev.strongroom.crypto;

import dev.strongroom.model.KeySpec;
import dev.strongroom.model.PublicJwk;
import java.lang.System.Logger.Level;
import java.time.LocalDate;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The engine of this process: the native one where it is wanted and works, else the JDK's. It is
 * loaded by its first use, so that no start waits for it.
 */
public final class ChosenEngine implements Engine {
  private static final System.Logger LOG = System.getLogger(ChosenEngine.class.getName());

  /** What may be asked for. */
  public enum Wanted {
    /** OpenSSL where its libcrypto loads and passes a test of itself, else the JDK. */
    AUTO,
    JDK
  }

  private final Wanted wanted;
  private final Supplier<Engine> nativeEngine;
  private volatile Engine chosen;

  public ChosenEngine(Wanted wanted) {
    this(wanted, OpenSslEngine::new);
  }

  ChosenEngine(Wanted wanted, Supplier<Engine> nativeEngine) {
    this.wanted = wanted;
    this.nativeEngine = nativeEngine;
  }

  /** Loads it now, if nobody has yet. */
  public void load() {
    chosen();
  }

  private Engine chosen() {
    Engine ready = chosen;
    return ready == null ? choose() : ready;
  }

  private synchronized Engine choose() {
    if (chosen == null) {
      chosen = wanted == Wanted.AUTO ? nativeOrJdk() : new JdkEngine();
    }
    return chosen;
  }

  private Engine nativeOrJdk() {
    try {
      return nativeEngine.get();
    } catch (RuntimeException | LinkageError e) {
      // whatever keeps a native library from loading, keys are still served
      Throwable why = e.getCause() == null ? e : e.getCause();
      LOG.log(
          Level.INFO,
          "Keys are served by the JDK, more slowly: no libcrypto 3: {0}",
          why.toString());
      return new JdkEngine();
    }
  }

  @Override
  public String name() {
    return chosen().name();
  }

  @Override
  public String version() {
    return chosen().version();
  }

  @Override
  public Optional<LocalDate> released() {
    return chosen().released();
  }

  @Override
  public RsaParts generateRsa(KeySpec.Rsa spec) {
    return chosen().generateRsa(spec);
  }

  @Override
  public RsaHandle open(RsaParts parts) {
    return chosen().open(parts);
  }

  @Override
  public RsaHandle open(PublicJwk.Rsa key) {
    return chosen().open(key);
  }

  @Override
  public EcHandle open(PublicJwk.Ec key, byte[] scalar) {
    return chosen().open(key, scalar);
  }

  @Override
  public EcHandle open(PublicJwk.Ec key) {
    return chosen().open(key);
  }
}
