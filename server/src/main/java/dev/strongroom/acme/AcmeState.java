package dev.strongroom.acme;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one step leaves for the next.
 *
 * @param order its address at the authority; empty before there is one
 * @param published whether the authority can find what it looks for
 * @param waits how many steps in a row came no further
 */
record AcmeState(Instant begun, Optional<String> order, boolean published, int waits) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .changeDefaultVisibility(
              visibility ->
                  visibility
                      .withGetterVisibility(Visibility.NONE)
                      .withIsGetterVisibility(Visibility.NONE)
                      .withFieldVisibility(Visibility.ANY))
          .build();

  static AcmeState begun(Instant now) {
    return new AcmeState(now, Optional.empty(), false, 0);
  }

  AcmeState ordered(String at) {
    return new AcmeState(begun, Optional.of(at), false, 0);
  }

  AcmeState unordered() {
    return new AcmeState(begun, Optional.empty(), false, waits);
  }

  AcmeState withPublished() {
    return new AcmeState(begun, order, true, 0);
  }

  AcmeState progressed() {
    return new AcmeState(begun, order, published, 0);
  }

  AcmeState waited() {
    return new AcmeState(begun, order, published, waits + 1);
  }

  static AcmeState read(String text) {
    return MAPPER.readValue(text, AcmeState.class);
  }

  String text() {
    return MAPPER.writeValueAsString(this);
  }
}
