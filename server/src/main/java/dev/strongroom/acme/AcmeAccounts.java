package dev.strongroom.acme;

import dev.strongroom.crypto.AccountKey;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.AcmeAccount;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.seal.Barrier;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.Store;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/**
 * The server's accounts at outside authorities. The key is stored before the account is asked for, and
 * asking again with the same key finds the same account (RFC 8555 section 7.3.1), so that a crash in
 * between makes no second one.
 */
final class AcmeAccounts {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final Store store;
  private final Barrier barrier;
  private final Consumer<Origin> audited;

  AcmeAccounts(Store store, Barrier barrier, Consumer<Origin> audited) {
    this.store = store;
    this.barrier = barrier;
    this.audited = audited;
  }

  Login login(AcmeSettings settings, Instant now) throws AcmeException {
    Session session = new Session(settings.directory(), new Trusting(settings));
    session.networkSettings().setTimeout(TIMEOUT);
    AcmeAccount account =
        find(settings).orElseGet(() -> put(fresh(settings, now), Optional.empty(), now));
    KeyPair key = key(account);
    if (account.location().isPresent()) {
      return session.login(url(account.location().get()), key);
    }
    AccountBuilder wanted = new AccountBuilder().agreeToTermsOfService().useKeyPair(key);
    settings.email().ifPresent(wanted::addEmail);
    settings
        .bound()
        .ifPresent(
            bound ->
                wanted.withKeyIdentifier(
                    bound.id(), new String(bound.key().exposed(), StandardCharsets.US_ASCII)));
    Login login = wanted.createLogin(session);
    put(
        account.at(Optional.of(login.getAccountLocation().toString())),
        Optional.of(account),
        now);
    return login;
  }

  /** The authority knows the account no longer: it is made anew at the next log-in. */
  void forget(AcmeSettings settings, Instant now) {
    find(settings)
        .ifPresent(known -> put(known.at(Optional.empty()), Optional.of(known), now));
  }

  private Optional<AcmeAccount> find(AcmeSettings settings) {
    return store
        .findRule(RuleKind.ACME_ACCOUNT, settings.name())
        .filter(known -> known.directory().equals(settings.directory().toString()));
  }

  private AcmeAccount fresh(AcmeSettings settings, Instant now) {
    KeyPair key = AccountKey.generate();
    try (SecretBytes secret = AccountKey.pkcs8(key)) {
      return new AcmeAccount(
          settings.name(),
          settings.directory().toString(),
          Optional.empty(),
          key.getPublic().getEncoded(),
          barrier.sealSystem(SystemUse.ACME_ACCOUNT, context(settings.name()), secret),
          now);
    }
  }

  /** Writes the account, or answers the one that somebody else has written meanwhile. */
  private AcmeAccount put(
      AcmeAccount account, Optional<AcmeAccount> seen, Instant now) {
    Origin origin =
        new Origin(
            Randoms.id(), Operation.ACME_ACCOUNT_SET.auditName(), Optional.empty(), now);
    AcmeAccount stored =
        store.change(
            origin,
            JournalNote.none(),
            tx -> {
              Optional<AcmeAccount> there =
                  tx.findRule(RuleKind.ACME_ACCOUNT, account.key())
                      .filter(known -> known.directory().equals(account.directory()))
                      .filter(_ -> seen.isEmpty());
              if (there.isPresent()) {
                return there.get();
              }
              tx.put(RuleKind.ACME_ACCOUNT, account);
              return account;
            });
    audited.accept(origin);
    return stored;
  }

  private KeyPair key(AcmeAccount account) {
    try (SecretBytes secret =
        barrier.openSystem(
            SystemUse.ACME_ACCOUNT, context(account.name()), account.privateKey())) {
      return AccountKey.read(account.publicKey(), secret);
    }
  }

  private static byte[] context(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  static URL url(String text) {
    try {
      return URI.create(text).toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException("a stored address is none: " + text, e);
    }
  }

  /** Speaks to a directory with the trust that is configured for it. */
  private static final class Trusting extends GenericAcmeProvider {
    private final AcmeSettings settings;

    Trusting(AcmeSettings settings) {
      this.settings = settings;
    }

    @Override
    public HttpClient createHttpClient(NetworkSettings network) {
      return HttpClient.newBuilder()
          .sslContext(settings.trust())
          .connectTimeout(network.getTimeout())
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();
    }
  }
}
