package dev.strongroom.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyCategoryTest {
  @ParameterizedTest
  @EnumSource
  void allows_all_isEveryWordButPurge(PolicyCategory category) {
    for (String word : category.words()) {
      assertThat(category.allows(List.of("all"), word)).as(word).isEqualTo(!word.equals("purge"));
    }
    assertThat(category.allows(List.of("all", "purge"), "purge")).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void find_anyCasing_isKeptInLowerCaseAndSpelledAsPublished(PolicyCategory category) {
    for (String word : category.words()) {
      String kept = category.find(word.toUpperCase(Locale.ROOT)).orElseThrow();
      assertThat(kept).isEqualTo(word.toLowerCase(Locale.ROOT));
      assertThat(category.spell(kept)).isEqualTo(word);
      assertThat(category.allows(List.of(kept), word)).isTrue();
    }
    assertThat(category.find("fly")).isEmpty();
  }

  @Test
  void allows_manageIssuers_isEveryWordForIssuers() {
    for (String word : List.of("getissuers", "listissuers", "setissuers", "deleteissuers")) {
      assertThat(PolicyCategory.CERTIFICATES.allows(List.of("manageissuers"), word)).isTrue();
    }
    assertThat(PolicyCategory.CERTIFICATES.allows(List.of("manageissuers"), "get")).isFalse();
    assertThat(PolicyCategory.CERTIFICATES.allows(List.of("getissuers"), "manageissuers"))
        .isFalse();
  }

  @Test
  void without_takesFromAllWhatItStandsFor() {
    assertThat(PolicyCategory.SECRETS.without(List.of("all", "purge"), List.of("get", "purge")))
        .containsExactly("list", "set", "delete", "backup", "restore", "recover");
    assertThat(PolicyCategory.SECRETS.without(List.of("get", "purge"), List.of("all")))
        .containsExactly("purge");
  }
}
