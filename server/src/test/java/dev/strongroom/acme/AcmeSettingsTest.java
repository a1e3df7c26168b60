package dev.strongroom.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class AcmeSettingsTest {
  private static AcmeSettings of(String... domains) throws NoSuchAlgorithmException {
    return new AcmeSettings(
        "web",
        URI.create("https://acme.test/dir"),
        Optional.empty(),
        Optional.empty(),
        SSLContext.getDefault(),
        List.of(domains),
        Optional.empty(),
        Duration.ofSeconds(5),
        Duration.ZERO);
  }

  @Test
  void permits_domainsGiven_areThoseAndWhatIsBelow() throws Exception {
    AcmeSettings settings = of("Example.test");
    for (String name : List.of("example.test", "a.b.example.test", "*.example.test")) {
      assertThat(settings.permits(name)).as(name).isTrue();
    }
    for (String name : List.of("test", "notexample.test", "example.test.evil", "*.test")) {
      assertThat(settings.permits(name)).as(name).isFalse();
    }
  }

  @Test
  void permits_noDomains_isEveryName() throws Exception {
    assertThat(of().permits("anything.test")).isTrue();
  }
}
