package dev.strongroom.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.util.Base64URL;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import dev.strongroom.model.Principal;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.VaultException;
import dev.strongroom.store.Store;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class TokensTest {
  private final World world = new World();

  @Test
  void verify_ownToken_isThePrincipal() {
    Granted granted = world.login();

    Principal principal = verify(granted.accessToken());

    assertThat(principal.objectId()).isEqualTo(world.application.objectId());
    assertThat(principal.appId()).contains(world.application.appId());
    assertThat(principal.tenant()).isEqualTo(world.tenant.id());
    assertThat(principal.kind()).isEqualTo(Principal.Kind.APPLICATION);
    assertThat(principal.issuer())
        .isEqualTo("https://sts.localhost/" + world.tenant.id().guid() + "/");
    assertThat(principal.claims())
        .containsEntry("appid", world.application.appId().guid())
        .containsEntry("uti", granted.uti())
        .containsEntry("idtyp", "app")
        .containsEntry("iat", Long.toString(world.now.getEpochSecond()))
        .containsEntry("xms_sr_cred", world.secret.keyId().guid())
        .doesNotContainKeys("aud", "sub", "tid");
  }

  @Test
  void verify_sameTokenAgain_isTheSamePrincipal() {
    String token = world.login().accessToken();

    assertThat(verify(token)).isSameAs(verify(token));
    assertThat(world.tokens.accepted()).isEqualTo(2);
  }

  @Test
  void verify_otherAudience_isRefused() {
    String token = world.login().accessToken();

    VaultException refused =
        catchThrowableOfType(
            VaultException.class,
            () ->
                world.tokens.verify(
                    token, Audience.MANAGEMENT, Optional.of(world.tenant.id()), world.now));

    assertThat(refused.code()).isEqualTo(ErrorCode.UNAUTHORIZED_AUDIENCE);
    assertThat(refused)
        .hasMessageContaining("Expected https://management.localhost, found: " + World.VAULT);
    assertThat(count(Refusal.AUDIENCE)).isEqualTo(1);
  }

  @Test
  void verify_otherTenantsResource_isRefused() {
    String token = world.login().accessToken();
    Id other = world.otherTenant();

    VaultException refused =
        catchThrowableOfType(
            VaultException.class,
            () -> world.tokens.verify(token, Audience.VAULT, Optional.of(other), world.now));

    assertThat(refused.code()).isEqualTo(ErrorCode.UNAUTHORIZED_ISSUER);
    assertThat(refused)
        .hasMessageContaining("https://sts.localhost/" + other.guid() + "/")
        .hasMessageContaining("https://sts.localhost/" + world.tenant.id().guid() + "/");
    assertThat(count(Refusal.OTHER_TENANT)).isEqualTo(1);
  }

  @Test
  void verify_withinLeewayAfterItsEnd_isAccepted_thenNot() {
    String token = world.login().accessToken();
    world.now = world.now.plus(Duration.ofHours(1)).plusSeconds(59);
    verify(token);

    world.now = world.now.plusSeconds(1);

    assertThat(refusal(token).code()).isEqualTo(ErrorCode.UNAUTHORIZED_EXPIRED);
  }

  @Test
  void verify_beforeItBegins_isRefused() {
    String token = world.login().accessToken();
    world.now = world.now.minusSeconds(61);

    refusal(token);

    assertThat(count(Refusal.NOT_YET_VALID)).isEqualTo(1);
  }

  @Test
  void verify_applicationDisabled_isRefusedAtOnce_andAcceptedWhenEnabled() {
    String token = world.login().accessToken();
    verify(token);
    Id app = world.application.objectId();
    world.applications.setEnabled(world.tenant.id(), app, false, world.origin());

    assertThat(refusal(token).code()).isEqualTo(ErrorCode.UNAUTHORIZED_INVALID);
    assertThat(count(Refusal.APPLICATION_DISABLED)).isEqualTo(1);

    world.applications.setEnabled(world.tenant.id(), app, true, world.origin());
    verify(token);
  }

  @Test
  void verify_credentialRemoved_isRefusedAtOnce() {
    String token = world.login().accessToken();
    verify(token);

    world.applications.removeSecret(
        world.tenant.id(),
        world.application.objectId(),
        world.secret.keyId(),
        world.origin());

    refusal(token);
    assertThat(count(Refusal.CREDENTIAL_REMOVED)).isEqualTo(1);
  }

  @Test
  void verify_lifetimeOfADay_isAccepted_andOfMore_refused() {
    ObjectNode header = World.header(world.login().accessToken());
    ObjectNode claims = World.claims(world.login().accessToken());
    long begin = world.now.getEpochSecond();
    verify(world.signedByUs(header, claims.put("exp", begin + 86_400)));

    refusal(world.signedByUs(header, claims.put("exp", begin + 86_401)));

    assertThat(count(Refusal.LIFETIME)).isEqualTo(1);
  }

  @Test
  void verify_accessTokenType_isAccepted() {
    Granted granted = world.login();
    ObjectNode header = World.header(granted.accessToken()).put("typ", "at+jwt");

    verify(world.signedByUs(header, World.claims(granted.accessToken())));
  }

  @Test
  void rotate_oldTokensVerify_andNewKeySignsOnlyAfterItWasPublished() {
    String before = world.login().accessToken();
    String oldKid = World.header(before).get("kid").stringValue();

    String newKid = world.keys.rotate(world.origin());

    assertThat(world.keys.published(world.now)).hasSize(2);
    assertThat(World.header(world.login().accessToken()).get("kid").stringValue())
        .isEqualTo(oldKid);
    world.now = world.now.plus(SigningKeys.LEAD);
    String after = world.login().accessToken();
    assertThat(World.header(after).get("kid").stringValue()).isEqualTo(newKid);
    verify(after);
    verify(before);
    world.now = world.now.plus(Tokens.LONGEST_LIFE).plus(SigningKeys.LEAD);
    assertThat(world.keys.published(world.now)).hasSize(1).first().asString().contains(newKid);
  }

  @Test
  void replace_retiresEveryOtherKeyAtOnce_forRememberedTokensToo() {
    String before = world.login().accessToken();
    verify(before);

    world.keys.replace(world.origin());

    refusal(before);
    assertThat(count(Refusal.KEY_RETIRED)).isEqualTo(1);
    verify(world.login().accessToken());
  }

  @Test
  void rotate_again_removesKeysThatVerifyNoMore() {
    world.keys.replace(world.origin());
    world.now = world.now.plusSeconds(1);

    world.keys.replace(world.origin());

    assertThat(world.store.rules(RuleKind.SIGNING_KEY)).hasSize(2);
  }

  @Test
  void rotateIfDue_rotatesOnce_after90Days() {
    assertThat(world.keys.rotateIfDue(world.origin())).isFalse();
    world.now = world.now.plus(SigningKeys.SIGNS_FOR);

    assertThat(world.keys.rotateIfDue(world.origin())).isTrue();
    assertThat(world.keys.rotateIfDue(world.origin())).isFalse();
    assertThat(world.keys.published(world.now)).hasSize(2);
  }

  @Test
  void ensure_whenThereIsAKey_changesNothing() {
    long head = world.store.journalHead();

    world.keys.ensure(world.origin());

    assertThat(world.store.journalHead()).isEqualTo(head);
    assertThat(world.keys.published(world.now)).hasSize(1);
  }

  @Test
  void verify_manyUnknownKids_doNotReadTheStoreEachTime() {
    AtomicInteger reads = new AtomicInteger();
    Store counting =
        (Store)
            Proxy.newProxyInstance(
                Store.class.getClassLoader(),
                new Class<?>[] {Store.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("rulesByParent")) {
                    reads.incrementAndGet();
                  }
                  return method.invoke(world.store, arguments);
                });
    Tokens tokens =
        new Tokens(
            world.realm, new SigningKeys(counting, world.barrier), world.directory, 10);
    Granted granted = world.login();
    String[] parts = granted.accessToken().split("\\.");

    for (int i = 0; i < 500; i++) {
      ObjectNode header = World.header(granted.accessToken()).put("kid", "kid" + i);
      String token =
          Base64URL.encode(header.toString()) + "." + parts[1] + "." + parts[2];
      assertThat(
              catchThrowableOfType(
                      VaultException.class,
                      () ->
                          tokens.verify(
                              token,
                              Audience.VAULT,
                              Optional.of(world.tenant.id()),
                              world.now))
                  .code())
          .isEqualTo(ErrorCode.UNAUTHORIZED_INVALID);
    }

    assertThat(tokens.refusals()).containsEntry(Refusal.KEY_UNKNOWN, 500L);
    assertThat(reads.get()).isLessThan(50);
  }

  @Test
  void verify_keyMadeByAnotherNode_isAccepted() {
    SigningKeys other = new SigningKeys(world.store, world.barrier);
    other.replace(world.origin());
    TokenEndpoint there =
        new TokenEndpoint(
            world.realm,
            world.directory,
            other,
            world.assertions,
            world.barrier,
            TokenEndpoint.DEFAULT_LIFE,
            TokenEndpoint.Limits.DEFAULT);
    String token = there.issue(world.request().build(), (name, value) -> {}).accessToken();
    Tokens here =
        new Tokens(
            world.realm, new SigningKeys(world.store, world.barrier), world.directory, 10);

    assertThat(
            here.verify(token, Audience.VAULT, Optional.of(world.tenant.id()), world.now)
                .objectId())
        .isEqualTo(world.application.objectId());
  }

  @Test
  void sign_whileSealed_isRefused() {
    world.barrier.close();

    VaultException refused =
        catchThrowableOfType(
            VaultException.class, () -> world.keys.sign(new byte[] {1}, world.now));

    assertThat(refused.code()).isEqualTo(ErrorCode.SERVER_SEALED);
  }

  @Test
  void granted_doesNotPrintTheToken() {
    Granted granted = world.login();

    assertThat(granted.toString()).doesNotContain(granted.accessToken());
  }

  private Principal verify(String token) {
    return world.tokens.verify(
        token, Audience.VAULT, Optional.of(world.tenant.id()), world.now);
  }

  private VaultException refusal(String token) {
    VaultException refused =
        catchThrowableOfType(VaultException.class, () -> verify(token));
    assertThat(refused).isNotNull();
    assertThat(refused.code().status()).isEqualTo(401);
    return refused;
  }

  private long count(Refusal refusal) {
    return world.tokens.refusals().get(refusal);
  }
}
