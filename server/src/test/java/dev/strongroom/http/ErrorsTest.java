package dev.strongroom.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Id;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  private static String body(Role role, ErrorCode code, String message) {
    return new String(
        Errors.body(
            role,
            code,
            message,
            new Id(0, 1),
            Optional.of("mine"),
            Instant.parse("2026-03-01T10:00:00Z")),
        StandardCharsets.UTF_8);
  }

  @Test
  void vault_withInnerCode_spellsItInLowerCase() {
    assertThat(body(Role.VAULT, ErrorCode.FORBIDDEN_BY_RBAC, "no \"x\"\r\n"))
        .isEqualTo(
            "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no \\\"x\\\"\\r\\n\","
                + "\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}");
  }

  @Test
  void vault_withoutInnerCode_hasNone() {
    assertThat(body(Role.VAULT, ErrorCode.NAME_INVALID, "m"))
        .isEqualTo("{\"error\":{\"code\":\"BadParameter\",\"message\":\"m\"}}");
  }

  @Test
  void management_neverHasAnInnerCode() {
    assertThat(body(Role.MANAGEMENT, ErrorCode.FORBIDDEN_BY_RBAC, "m"))
        .isEqualTo("{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\"}}");
  }

  @Test
  void login_hasTheOauthShapeWithTheNumber() {
    assertThat(
            body(
                Role.LOGIN,
                ErrorCode.OAUTH_SECRET_INVALID,
                "AADSTS7000215: Invalid client secret."))
        .isEqualTo(
            "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client"
                + " secret. Trace ID: 00000000-0000-0000-0000-000000000001 Correlation ID: mine"
                + " Timestamp: 2026-03-01 10:00:00Z\",\"error_codes\":[7000215],\"timestamp\":"
                + "\"2026-03-01 10:00:00Z\",\"trace_id\":\"00000000-0000-0000-0000-000000000001\","
                + "\"correlation_id\":\"mine\"}");
  }
}
