package dev.strongroom.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.local.LocalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeedTest {
  @TempDir Path folder;

  @Test
  void read_bothForms_areWhatASetWouldAskFor() throws IOException {
    try (Seed seed =
        read(
            """
            {"secrets": {"a": "x", "b": {"value": "y", "contentType": "t", "tags": {"k": "v"},
             "attributes": {"enabled": false, "nbf": 5, "exp": 6}}}}
            """)) {
      assertThat(seed.entries()).hasSize(2);
      var plain = seed.entries().getFirst();
      assertThat(plain.name().text()).isEqualTo("a");
      assertThat(new String(plain.wanted().value().exposed(), StandardCharsets.UTF_8))
          .isEqualTo("x");
      assertThat(plain.wanted().change().tags()).isEmpty();
      var whole = seed.entries().getLast().wanted().change();
      assertThat(whole.enabled()).contains(false);
      assertThat(whole.notBefore()).contains(Instant.ofEpochSecond(5));
      assertThat(whole.expires()).contains(Instant.ofEpochSecond(6));
      assertThat(whole.tags()).contains(Map.of("k", "v"));
      assertThat(whole.contentType()).isEqualTo(Optional.of("t"));
      assertThat(seed.toString()).doesNotContain("x").doesNotContain("y");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"secrets\": {\"a_b\": \"hunter2\"}}",
        "{\"secrets\": {\"a\": 7}}",
        "{\"secrets\": {\"a\": {\"contentType\": \"hunter2\"}}}",
        "{\"secrets\": {\"a\": {\"value\": 7}}}",
        "{\"secrets\": {\"a\": {\"value\": \"hunter2\", \"colour\": 1}}}",
        "{\"secrets\": {\"a\": {\"value\": \"hunter2\", \"attributes\": {\"enabled\": \"no\"}}}}",
        "{\"secrets\": {\"a\": {\"value\": \"hunter2\", \"attributes\": {\"exp\": 1.5}}}}",
        "{\"secrets\": {\"a\": {\"value\": \"hunter2\", \"attributes\": {\"expires\": 1}}}}",
        "{\"secrets\": {\"a\": {\"value\": \"hunter2\", \"attributes\": []}}}",
        "{\"secrets\": {\"a\": {\"value\": \"hunter2\", \"tags\": {\"k\": 1}}}}",
        "{\"secrets\": {\"a\": {\"value\": \"hunter2\", \"contentType\": 1}}}",
      })
  void read_badEntry_isRefusedByNameWithoutTheValue(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(LocalException.class)
        .hasMessageStartingWith("--seed: a")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2",
        "[]",
        "{}",
        "{\"secrets\": [], \"more\": 1}",
        "{\"secrets\": {\"a\": \"hunter2\", \"a\": \"hunter2\"}}",
        "{\"secrets\": {\"a\": \"hunter2\"",
      })
  void read_notASeedAtAll_isRefusedWithoutAnyOfIt(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(LocalException.class)
        .hasMessageStartingWith("--seed: ")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void read_valueOverTheLimitOfTheWire_isRefused() {
    assertThatThrownBy(
            () -> read("{\"secrets\": {\"big\": \"" + "z".repeat(25_601) + "\"}}"))
        .hasMessageStartingWith("--seed: big")
        .hasMessageNotContaining("zzz");
  }

  private Seed read(String text) throws IOException {
    Path file = folder.resolve("seed.json");
    Files.writeString(file, text);
    return Seed.read(file);
  }
}
