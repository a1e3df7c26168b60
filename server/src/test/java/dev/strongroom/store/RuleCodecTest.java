package dev.strongroom.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.Randoms;
import dev.strongroom.model.Application;
import dev.strongroom.model.Container;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.SigningKey;
import dev.strongroom.model.Tenant;
import dev.strongroom.model.TrustedIssuer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class RuleCodecTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00.123Z");

  @Test
  void rule_writtenAndRead_isEqual() {
    isEqual(RuleKind.TENANT, new Tenant(Randoms.guid(), "T", "example.test", NOW));
    isEqual(
        RuleKind.CONTAINER,
        new Container(
            Randoms.id(),
            ContainerKind.VAULT,
            "kv",
            Randoms.guid(),
            Randoms.guid(),
            "group",
            "local",
            "standard",
            Optional.of(false),
            List.of(
                new Container.AccessPolicy(
                    Randoms.guid(),
                    Randoms.guid(),
                    Optional.of(Randoms.guid()),
                    List.of("all"),
                    List.of("get", "list"),
                    List.of(),
                    List.of())),
            90,
            true,
            false,
            false,
            true,
            Map.of("a", "b"),
            NOW,
            NOW,
            Optional.of(NOW)));
    isEqual(
        RuleKind.APPLICATION,
        new Application(
            Randoms.guid(),
            Randoms.guid(),
            Randoms.guid(),
            "app",
            true,
            List.of(new Application.Secret(Randoms.guid(), "s", "abc", "ff", NOW, NOW)),
            List.of(new Application.Certificate(Randoms.guid(), "c", "d", "1", "2", NOW, NOW)),
            List.of(new Application.Federation(Randoms.guid(), "f", "i", "s", "a")),
            NOW));
    isEqual(
        RuleKind.TRUSTED_ISSUER,
        new TrustedIssuer(
            Randoms.guid(), "https://i", Optional.of("{}"), Optional.empty(), List.of("RS256"), NOW));
    isEqual(
        RuleKind.SIGNING_KEY, new SigningKey("kid", "{}", StoreContract.sealed(), NOW, NOW));
    isEqual(RuleKind.ROLE_ASSIGNMENT, StoreContract.assignment(Randoms.guid(), "/"));
  }

  @Test
  void read_memberThatTheRecordLacks_isRefused() {
    String body = RuleCodec.write(new Tenant(Randoms.guid(), "T", "example.test", NOW));
    assertThatThrownBy(
            () -> RuleCodec.read(RuleKind.TENANT, body.replace("displayName", "shownName")))
        .isInstanceOf(JacksonException.class);
  }

  private static <T extends Rule> void isEqual(RuleKind<T> kind, T rule) {
    String body = RuleCodec.write(rule);
    assertThat(RuleCodec.read(kind, body)).isEqualTo(rule);
    assertThat(body).contains("\"");
  }
}
