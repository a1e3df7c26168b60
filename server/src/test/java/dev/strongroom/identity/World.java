package dev.strongroom.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.util.Base64URL;
import dev.strongroom.crypto.Randoms;
import dev.strongroom.crypto.Rsa;
import dev.strongroom.model.Application;
import dev.strongroom.model.Id;
import dev.strongroom.model.Origin;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.SigningKey;
import dev.strongroom.model.Tenant;
import dev.strongroom.seal.SystemUse;
import dev.strongroom.store.JournalNote;
import dev.strongroom.store.MemoryStore;
import dev.strongroom.store.Store;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A whole identity room with one tenant and one application, over fakes of store and seal. */
public final class World {
  public static final JsonMapper JSON = new JsonMapper();
  static final Instant START = Instant.parse("2026-11-25T10:00:00Z");
  public static final String VAULT = "https://vault.localhost";

  /** Made once in a run, because making one is slow. */
  private static final SigningKey FIRST_KEY = firstKey();

  final Store store;
  final FakeBarrier barrier = new FakeBarrier();
  public final Realm realm =
      new Realm(
          "localhost",
          Set.of("login.alias.test"),
          Set.of("localhost"),
          Map.of("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", Audience.VAULT));
  public final Directory directory = new Directory(store);
  public final SigningKeys keys = new SigningKeys(store, barrier);
  public final Applications applications = new Applications(store, barrier, directory, realm);
  final Map<URI, byte[]> web = new HashMap<>();
  final List<URI> fetched = new ArrayList<>();
  final IssuerKeys issuerKeys =
      new IssuerKeys(
          address -> {
            fetched.add(address);
            byte[] found = web.get(address);
            if (found == null) {
              throw new IOException("nothing there");
            }
            return found;
          });
  final ClientAssertions assertions =
      new ClientAssertions(realm, directory, issuerKeys, store);
  public final TokenEndpoint endpoint =
      endpoint(TokenEndpoint.DEFAULT_LIFE, new TokenEndpoint.Limits(1e6, 1000, 1e6, 1000));
  public final Tokens tokens = new Tokens(realm, keys, directory, 1000);
  final Map<String, String> notes = new LinkedHashMap<>();

  public Instant now = START;
  public final Tenant tenant;
  public final Application application;
  final Application.Secret secret;
  public final String secretText;

  public World() {
    this(new MemoryStore());
  }

  World(Store store) {
    // before the other fields, which need it
    this.store = store;
    super();
    store.change(
        origin(),
        JournalNote.none(),
        tx -> {
          tx.put(RuleKind.SIGNING_KEY, FIRST_KEY);
          return null;
        });
    tenant = applications.createTenant("Test", "test.example", origin());
    application = applications.create(tenant.id(), "app", origin());
    Applications.NewSecret made =
        applications.addSecret(
            tenant.id(), application.objectId(), "first", Duration.ofDays(30), origin());
    secret = made.entry();
    secretText = new String(made.text().exposed(), StandardCharsets.US_ASCII);
  }

  private static SigningKey firstKey() {
    MemoryStore store = new MemoryStore();
    new SigningKeys(store, new FakeBarrier())
        .ensure(new Origin(Randoms.id(), "Test", Optional.empty(), START));
    return store.rules(RuleKind.SIGNING_KEY).getFirst();
  }

  TokenEndpoint endpoint(Duration life, TokenEndpoint.Limits limits) {
    return new TokenEndpoint(realm, directory, keys, assertions, barrier, life, limits);
  }

  public Origin origin() {
    return new Origin(Randoms.id(), "Test", Optional.empty(), now);
  }

  Granted login() {
    return endpoint.issue(request().build(), notes::put);
  }

  Ask request() {
    return new Ask();
  }

  /** A request for a vault token with the application's secret, unless said otherwise. */
  final class Ask {
    private String spelled = tenant.id().guid();
    private String client = application.appId().guid();
    private String grant = "client_credentials";
    private String secretGiven = secretText;
    private String assertion;
    private String assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private String scope = VAULT + "/.default";
    private String resource;
    private String address = "192.0.2.1";

    Ask tenant(String text) {
      spelled = text;
      return this;
    }

    Ask client(String text) {
      client = text;
      return this;
    }

    Ask grant(String text) {
      grant = text;
      return this;
    }

    Ask secret(String text) {
      secretGiven = text;
      return this;
    }

    Ask assertion(String text) {
      secretGiven = null;
      assertion = text;
      return this;
    }

    Ask assertionType(String text) {
      assertionType = text;
      return this;
    }

    Ask scope(String text) {
      scope = text;
      return this;
    }

    Ask resource(String text) {
      scope = null;
      resource = text;
      return this;
    }

    Ask address(String text) {
      address = text;
      return this;
    }

    TokenRequest build() {
      return new TokenRequest(
          spelled,
          "login.localhost",
          address,
          origin(),
          Optional.ofNullable(grant),
          Optional.ofNullable(client),
          Optional.ofNullable(secretGiven).map(SecretBytes::ofUtf8),
          Optional.ofNullable(assertion == null ? null : assertionType),
          Optional.ofNullable(assertion),
          Optional.ofNullable(scope),
          Optional.ofNullable(resource));
    }

    Granted issue() {
      return endpoint.issue(build(), notes::put);
    }
  }

  SigningKey signingKey() {
    return store.rules(RuleKind.SIGNING_KEY).getFirst();
  }

  /** Our own private signing key: what a forger must not have, and a test of claims must. */
  PrivateKey privateKey() {
    SigningKey key = signingKey();
    try (SecretBytes pkcs8 =
        barrier.openSystem(
            SystemUse.TOKEN_SIGNING,
            key.kid().getBytes(StandardCharsets.US_ASCII),
            key.privateKey())) {
      return Rsa.read(pkcs8).privateKey();
    }
  }

  static ObjectNode header(String token) {
    return part(token, 0);
  }

  public static ObjectNode claims(String token) {
    return part(token, 1);
  }

  private static ObjectNode part(String token, int index) {
    return (ObjectNode)
        JSON.readTree(new Base64URL(token.split("\\.")[index]).decodeToString());
  }

  /** Any header and claims, however wrong, truly signed with the algorithm. */
  static String signed(String header, String claims, JWSAlgorithm algorithm, PrivateKey key) {
    Base64URL first = Base64URL.encode(header);
    Base64URL second = Base64URL.encode(claims);
    byte[] input = (first + "." + second).getBytes(StandardCharsets.US_ASCII);
    try {
      Base64URL signature =
          key instanceof ECPrivateKey ec
              ? new ECDSASigner(ec).sign(new JWSHeader(algorithm), input)
              : new RSASSASigner(key).sign(new JWSHeader(algorithm), input);
      return first + "." + second + "." + signature;
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  String signedByUs(ObjectNode header, ObjectNode claims) {
    return signed(header.toString(), claims.toString(), JWSAlgorithm.RS256, privateKey());
  }

  Id otherTenant() {
    return applications.createTenant("Other", "other.example", origin()).id();
  }
}
