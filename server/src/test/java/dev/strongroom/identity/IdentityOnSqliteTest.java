package dev.strongroom.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import dev.strongroom.model.Application;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.OpenSql;
import dev.strongroom.store.Store;
import java.nio.file.Path;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** The identity room over the embedded store: what is stored is what is read back. */
class IdentityOnSqliteTest {
  @TempDir private Path data;

  @Test
  void reopened_applicationSignsIn_oldTokenVerifies_usedAssertionStaysUsed()
      throws IOException {
    Application before;
    String token;
    String assertion;
    World world;
    try (Store store = open()) {
      world = new World(store);
      Certificates.Client client = Certificates.rsaClient(world.now);
      world.applications.addCertificate(
          world.tenant.id(),
          world.application.objectId(),
          "client",
          client.certificate().der(),
          world.origin());
      world.applications.addIssuer(
          world.tenant.id(),
          "https://issuer.example",
          Optional.of(new JWKSet(Certificates.OTHER_RSA).toString()),
          Optional.empty(),
          List.of("RS256"),
          world.origin());
      before =
          world.applications.federate(
              world.tenant.id(),
              world.application.objectId(),
              "f",
              "https://issuer.example",
              "subject",
              "audience",
              world.origin());
      token = world.login().accessToken();
      assertion = assertion(world, client);
      world.request().assertion(assertion).issue();
    }

    try (Store store = open()) {
      Directory directory = new Directory(store);
      SigningKeys keys = new SigningKeys(store, world.barrier);
      ClientAssertions assertions =
          new ClientAssertions(world.realm, directory, world.issuerKeys, store);
      TokenEndpoint endpoint =
          new TokenEndpoint(
              world.realm,
              directory,
              keys,
              assertions,
              world.barrier,
              TokenEndpoint.DEFAULT_LIFE,
              TokenEndpoint.Limits.DEFAULT);
      Tokens tokens = new Tokens(world.realm, keys, directory, 10);

      assertThat(directory.application(before.objectId())).contains(before);
      assertThat(directory.issuers(world.tenant.id())).hasSize(1);
      assertThat(
              tokens
                  .verify(token, Audience.VAULT, Optional.of(world.tenant.id()), world.now)
                  .objectId())
          .isEqualTo(before.objectId());
      Granted granted = endpoint.issue(world.request().build(), world.notes::put);
      tokens.verify(
          granted.accessToken(), Audience.VAULT, Optional.of(world.tenant.id()), world.now);
      VaultException refused =
          catchThrowableOfType(
              VaultException.class,
              () ->
                  endpoint.issue(
                      world.request().assertion(assertion).build(), world.notes::put));
      assertThat(refused.code()).isEqualTo(ErrorCode.OAUTH_ASSERTION_INVALID);
      assertThat(refused).hasMessageContaining("used before");
    }
  }

  private Store open() throws IOException {
    return OpenSql.sqlite(
        data,
        "node-1",
        new FakeBarrier(),
        (table, key) -> {
          throw new AssertionError(table + ' ' + key);
        },
        InstantSource.fixed(World.START));
  }

  private static String assertion(World world, Certificates.Client client) {
    long now = world.now.getEpochSecond();
    String app = world.application.appId().guid();
    ObjectNode header =
        World.JSON
            .createObjectNode()
            .put("alg", "RS256")
            .put("x5t", client.certificate().sha1());
    ObjectNode claims =
        World.JSON
            .createObjectNode()
            .put("aud", "https://login.localhost/" + world.tenant.id() + "/oauth2/v2.0/token")
            .put("iss", app)
            .put("sub", app)
            .put("jti", "one")
            .put("exp", now + 600);
    return World.signed(header.toString(), claims.toString(), JWSAlgorithm.RS256, client.key());
  }
}
