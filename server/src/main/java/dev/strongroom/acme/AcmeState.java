package dev.strongroom.acme;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import dev.strongroom.acme.AcmeChallenges.Published;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one step leaves for the next.
 *
 * @param order its address at the authority; empty before there is one
 * @param published what the authority is to find, and what is to be taken away at the end
 * @param waits how many steps in a row came no further
 */
record AcmeState(Instant begun, Optional<String> order, List<Published> published, int waits) {
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

  AcmeState {
    published = List.copyOf(published);
  }

  static AcmeState begun(Instant now) {
    return new AcmeState(now, Optional.empty(), List.of(), 0);
  }

  AcmeState ordered(String at) {
    return new AcmeState(begun, Optional.of(at), published, 0);
  }

  AcmeState published(List<Published> now) {
    return new AcmeState(begun, order, now, 0);
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
