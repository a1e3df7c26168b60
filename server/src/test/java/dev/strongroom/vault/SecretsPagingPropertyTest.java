package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.ObjectName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsPagingPropertyTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void secretList_namesComeAndGoBetweenPages_everyStableNameExactlyOnce(long seed) {
    Random random = new Random(seed);
    OpenVault vault = new OpenVault();
    PageTokens tokens = new PageTokens(vault.seal);
    for (int size = 1; size <= 25; size += 1 + random.nextInt(4)) {
      Set<String> stable = names(vault, random, "s" + size + "-", 10 + random.nextInt(30));
      List<String> passing = new ArrayList<>(names(vault, random, "p" + size + "-", 20));
      List<String> seen = new ArrayList<>();
      String after = "";
      List<VaultObject> page;
      do {
        page = vault.secrets.list(vault.container, after, size, vault.now);
        assertThat(page.size()).isLessThanOrEqualTo(size);
        page.forEach(secret -> seen.add(secret.name()));
        if (!page.isEmpty()) {
          String last = page.getLast().name().toLowerCase(Locale.ROOT);
          String token =
              tokens.issue(vault.container.id(), "secrets", last, size, vault.now);
          after = tokens.read(vault.container.id(), "secrets", token).after();
          disturb(vault, random, passing, size);
        }
      } while (page.size() == size);
      assertThat(seen).as("seed %d, size %d", seed, size).doesNotHaveDuplicates();
      assertThat(seen)
          .isSortedAccordingTo((a, b) -> a.toLowerCase(Locale.ROOT).compareTo(b.toLowerCase(Locale.ROOT)));
      assertThat(new HashSet<>(seen)).as("seed %d, size %d", seed, size).containsAll(stable);
      stable.forEach(vault::delete);
    }
  }

  private static Set<String> names(OpenVault vault, Random random, String suffix, int count) {
    Set<String> names = new TreeSet<>();
    while (names.size() < count) {
      String name = Integer.toString(random.nextInt(46_656), 36) + "-" + suffix;
      if (random.nextBoolean()) {
        name = name.toUpperCase(Locale.ROOT);
      }
      String folded = name;
      if (names.stream().noneMatch(folded::equalsIgnoreCase)) {
        names.add(name);
        vault.set(name, "x");
      }
    }
    return names;
  }

  private static void disturb(OpenVault vault, Random random, List<String> passing, int size) {
    for (int i = random.nextInt(3); i > 0; i--) {
      switch (random.nextInt(3)) {
        case 0 -> {
          String name = Long.toString(random.nextLong() >>> 1, 36) + "-n" + size;
          vault.set(name, "x");
          passing.add(name);
        }
        case 1 -> {
          if (!passing.isEmpty()) {
            vault.delete(passing.remove(random.nextInt(passing.size())));
          }
        }
        default -> {
          if (!passing.isEmpty()) {
            vault.set(passing.get(random.nextInt(passing.size())), "again");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 25})
  void secretListVersions_newOnesBetweenPages_everyOldOneExactlyOnce(int size) {
    OpenVault vault = new OpenVault();
    ObjectName name = new ObjectName("v");
    Set<Long> stable = new TreeSet<>();
    for (int i = 0; i < 40; i++) {
      stable.add(vault.set("v", "x").number());
    }
    List<Long> seen = new ArrayList<>();
    long after = 0;
    List<VaultObject> page;
    int added = 0;
    do {
      page = vault.secrets.listVersions(vault.container, name, after, size);
      for (VaultObject secret : page) {
        after = secret.number();
        seen.add(after);
      }
      if (added++ < 10) {
        vault.set("v", "more");
      }
    } while (page.size() == size);
    assertThat(seen).doesNotHaveDuplicates().isSorted().containsAll(stable);
  }
}
