package dev.strongroom.acme;

import dev.strongroom.crypto.DistinguishedName;
import dev.strongroom.model.AcmeChallenge;
import dev.strongroom.model.CertificateIssuer;
import dev.strongroom.model.Origin;
import dev.strongroom.model.SubjectNames;
import dev.strongroom.model.X509Properties;
import dev.strongroom.seal.Barrier;
import dev.strongroom.store.Store;
import dev.strongroom.vault.IssuerAdapter;
import java.lang.System.Logger.Level;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Dns01Challenge;
import org.shredzone.acme4j.challenge.Http01Challenge;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeLazyLoadingException;
import org.shredzone.acme4j.exception.AcmeProtocolException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;

/**
 * Outside certificate authorities as issuers, by ACME (RFC 8555). One step asks the authority how far
 * the order is and does what comes next: order, publish the answers to its challenges, have them
 * validated, hand over the signing request, fetch the chain. Each is stored before the next is taken.
 */
public final class AcmeIssuer implements IssuerAdapter {
  public static final String PROVIDER = "ACME";

  private static final System.Logger LOG = System.getLogger(AcmeIssuer.class.getName());
  private static final String REJECTED = "Request rejected";
  private static final String NO_ACCOUNT = "accountDoesNotExist";
  private static final String ERROR = "Certificate issuer error";
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Duration PUBLISHED_EVERYWHERE = Duration.ofSeconds(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final int DOUBLINGS = 10;
  private static final int LONGEST_DETAIL = 500;

  /** Problems that the same request would meet again (RFC 8555 section 6.7). */
  private static final Set<String> FINAL =
      Set.of(
          "badCSR",
          "badPublicKey",
          "badSignatureAlgorithm",
          "caa",
          "externalAccountRequired",
          "invalidContact",
          "malformed",
          "rejectedIdentifier",
          "unauthorized",
          "unsupportedContact",
          "unsupportedIdentifier",
          "userActionRequired");

  private final List<AcmeSettings> authorities;
  private final AcmeAccounts accounts;
  private final AcmeChallenges challenges;

  public AcmeIssuer(
      List<AcmeSettings> authorities,
      Store store,
      Barrier barrier,
      AcmeChallenges challenges,
      Consumer<Origin> audited) {
    this.authorities = List.copyOf(authorities);
    this.accounts = new AcmeAccounts(store, barrier, audited);
    this.challenges = challenges;
  }

  @Override
  public String provider() {
    return PROVIDER;
  }

  /** The common name is one of the alternative names, where alone some authorities look. */
  @Override
  public X509Properties requested(X509Properties wanted) {
    SubjectNames others = wanted.names();
    SubjectNames all =
        new SubjectNames(
            others.emails(),
            List.copyOf(names(wanted)),
            others.upns(),
            others.uris(),
            others.ipAddresses());
    // because a common name may be anything
    all.check();
    return new X509Properties(
        wanted.subject(),
        wanted.ekus(),
        all,
        wanted.keyUsage(),
        wanted.validityMonths(),
        wanted.authority(),
        wanted.pathLength());
  }

  @Override
  public Outcome begin(Request request) {
    Optional<AcmeSettings> found = settings(request);
    if (found.isEmpty()) {
      return new Failed(
          ERROR, "The issuer's account_id names no ACME authority of this server's configuration.");
    }
    return refusal(found.get(), request.policy().x509())
        .<Outcome>map(why -> new Failed(REJECTED, why))
        .orElseGet(
            () -> new Waiting(Optional.of(AcmeState.begun(request.now()).text()), request.now()));
  }

  private Optional<AcmeSettings> settings(Request request) {
    Optional<String> wanted = request.issuer().flatMap(CertificateIssuer::accountId);
    return wanted.isEmpty() && authorities.size() == 1
        ? Optional.of(authorities.getFirst())
        : authorities.stream()
            .filter(one -> wanted.filter(one.name()::equalsIgnoreCase).isPresent())
            .findFirst();
  }

  private static Optional<String> refusal(AcmeSettings settings, X509Properties wanted) {
    SubjectNames others = wanted.names();
    if (!others.emails().isEmpty()
        || !others.upns().isEmpty()
        || !others.uris().isEmpty()
        || !others.ipAddresses().isEmpty()) {
      return Optional.of("ACME authorities are asked for DNS names only.");
    }
    Set<String> names = names(wanted);
    if (names.isEmpty()) {
      return Optional.of("A certificate of an ACME authority needs a DNS name.");
    }
    for (String name : names) {
      if (!settings.permits(name)) {
        return Optional.of("The authority " + settings.name() + " is not asked for " + name + ".");
      }
      if (name.startsWith("*.") && settings.hook().isEmpty()) {
        return Optional.of("A wildcard needs an authority with a DNS hook (dns-01).");
      }
    }
    return Optional.empty();
  }

  /** The alternative names and the common name: those of the order and of the request must agree. */
  private static Set<String> names(X509Properties wanted) {
    Set<String> names = new TreeSet<>();
    wanted.names().dnsNames().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    DistinguishedName.commonNames(wanted.subject())
        .forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    return names;
  }

  @Override
  public Outcome proceed(Request request) {
    AcmeState state =
        request.state().map(AcmeState::read).orElseGet(() -> AcmeState.begun(request.now()));
    Optional<AcmeSettings> found = settings(request);
    if (found.isEmpty()) {
      return ended(request, begin(request));
    }
    AcmeSettings settings = found.get();
    if (request.now().isAfter(state.begun().plus(LONGEST))) {
      return ended(request, new Failed(ERROR, "The authority took more than a day."));
    }
    try {
      return step(settings, state, request);
    } catch (AcmeLazyLoadingException e) {
      return e.getCause() instanceof AcmeException cause
          ? failed(settings, state, request, cause)
          : again(state, request, e.getMessage());
    } catch (AcmeException e) {
      return failed(settings, state, request, e);
    } catch (AcmeProtocolException | DnsHook.Failure e) {
      return again(state, request, e.getMessage());
    }
  }

  private Outcome step(AcmeSettings settings, AcmeState state, Request request)
      throws AcmeException, DnsHook.Failure {
    Login login = accounts.login(settings, request.now());
    if (state.order().isEmpty()) {
      Order made = login.newOrder().domains(names(request.policy().x509())).create();
      return waiting(state.ordered(made.getLocation().toString()), request.now());
    }
    Order order = login.bindOrder(AcmeAccounts.url(state.order().get()));
    Optional<Instant> retryAfter = order.fetch();
    return switch (order.getStatus()) {
      case PENDING -> authorize(settings, state, request, order);
      case READY -> {
        order.execute(request.csr());
        yield waiting(state.progressed(), request.now().plus(FIRST_PAUSE));
      }
      case VALID ->
          ended(
              request,
              new Issued(chain(order.getCertificate().getCertificateChain()), Recording.NOTHING));
      case INVALID -> ended(request, new Failed(ERROR, problem(order)));
      default ->
          new Waiting(
              Optional.of(state.waited().text()),
              later(
                  request.now().plus(pause(state.waits())), retryAfter.orElse(Instant.MIN)));
    };
  }

  private static Instant later(Instant one, Instant other) {
    Instant latest = one.plus(LONGEST_PAUSE);
    return other.isAfter(latest) ? latest : one.isAfter(other) ? one : other;
  }

  /** Publishes what the authority is to find; in the next step has it look. */
  private Outcome authorize(
      AcmeSettings settings, AcmeState state, Request request, Order order)
      throws AcmeException, DnsHook.Failure {
    Instant now = request.now();
    List<Challenge> open = new ArrayList<>();
    List<AcmeChallenge> wanted = new ArrayList<>();
    for (Authorization one : order.getAuthorizations()) {
      one.fetch();
      if (one.getStatus() == Status.PENDING) {
        Challenge challenge = challenge(settings, one);
        open.add(challenge);
        wanted.add(published(settings, request, one, challenge));
      }
    }
    if (!state.published() && !wanted.isEmpty()) {
      challenges.publish(request, wanted);
      return waiting(
          state.withPublished(),
          now.plus(settings.hook().isPresent() ? settings.propagation() : PUBLISHED_EVERYWHERE));
    }
    for (Challenge challenge : open) {
      if (challenge.getStatus() == Status.PENDING) {
        challenge.trigger();
      }
    }
    return new Waiting(Optional.of(state.waited().text()), now.plus(pause(state.waits())));
  }

  private static Challenge challenge(AcmeSettings settings, Authorization of)
      throws AcmeException {
    return (settings.hook().isPresent()
            ? of.findChallenge(Dns01Challenge.class).map(Challenge.class::cast)
            : of.findChallenge(Http01Challenge.class).map(Challenge.class::cast))
        .orElseThrow(
            () ->
                new AcmeException(
                    "The authority offers no challenge of the kind that is configured."));
  }

  private static AcmeChallenge published(
      AcmeSettings settings, Request request, Authorization of, Challenge challenge) {
    return switch (challenge) {
      case Dns01Challenge dns ->
          AcmeChallenges.challenge(
              request,
              Dns01Challenge.RECORD_NAME_PREFIX + '.' + of.getIdentifier().getDomain(),
              dns.getDigest(),
              Optional.of(settings.name()));
      case Http01Challenge http ->
          AcmeChallenges.challenge(
              request, http.getToken(), http.getAuthorization(), Optional.empty());
      default -> throw new IllegalStateException(challenge.getType());
    };
  }

  /** Takes away what was published; where that fails the end is the same. */
  private Outcome ended(Request request, Outcome outcome) {
    challenges.remove(request);
    return outcome;
  }

  private Outcome failed(
      AcmeSettings settings, AcmeState state, Request request, AcmeException failure) {
    if (failure instanceof AcmeRateLimitedException limited) {
      return new Waiting(
          Optional.of(state.waited().text()),
          later(
              request.now().plus(pause(state.waits())),
              limited.getRetryAfter().orElse(Instant.MIN)));
    }
    if (failure instanceof AcmeServerException refused) {
      String type = refused.getType().toString().replaceFirst(".*:", "");
      if (type.equals(NO_ACCOUNT)) {
        // because an account that is gone took its orders along
        accounts.forget(settings, request.now());
        return again(state.unordered(), request, "The authority has forgotten the account.");
      }
      if (FINAL.contains(type)) {
        return ended(
            request,
            new Failed(
                type.equals("rejectedIdentifier") || type.equals("badCSR") ? REJECTED : ERROR,
                "The authority "
                    + settings.name()
                    + " refuses: "
                    + detail(Optional.of(refused.getProblem()))));
      }
    }
    return again(state, request, failure.getMessage());
  }

  private Outcome again(AcmeState state, Request request, String why) {
    Duration pause = pause(state.waits());
    LOG.log(
        Level.WARNING,
        "a step for certificate {0} of vault {1} failed and is tried again in {2} s: {3}",
        request.name().text(),
        request.container().name(),
        pause.toSeconds(),
        clipped(why));
    return new Waiting(Optional.of(state.waited().text()), request.now().plus(pause));
  }

  private static Outcome waiting(AcmeState state, Instant next) {
    return new Waiting(Optional.of(state.text()), next);
  }

  private static Duration pause(int waits) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(DOUBLINGS, waits));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /** Why an order is invalid: its own problem, or that of a challenge. */
  private static String problem(Order order) throws AcmeException {
    Optional<Problem> problem = order.getError();
    for (Authorization one : order.getAuthorizations()) {
      one.fetch();
      for (Challenge challenge : one.getChallenges()) {
        if (challenge.getError().isPresent()) {
          problem = challenge.getError();
        }
      }
    }
    return "The authority could not validate: " + detail(problem);
  }

  private static String detail(Optional<Problem> problem) {
    return clipped(problem.flatMap(Problem::getDetail).orElse("it does not say why"));
  }

  private static String clipped(String text) {
    String line = String.valueOf(text).replaceAll("\\p{Cntrl}", " ");
    return line.length() <= LONGEST_DETAIL ? line : line.substring(0, LONGEST_DETAIL);
  }

  private static List<byte[]> chain(List<X509Certificate> certificates) throws AcmeException {
    List<byte[]> chain = new ArrayList<>();
    for (X509Certificate certificate : certificates) {
      try {
        chain.add(certificate.getEncoded());
      } catch (CertificateEncodingException e) {
        throw new AcmeException("The authority's certificate cannot be read.", e);
      }
    }
    return chain;
  }
}
