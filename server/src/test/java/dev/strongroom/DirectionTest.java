package dev.strongroom;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the arrows between rooms: which package may know which, and who may name what. */
class DirectionTest {
  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.strongroom");

  /** Room -> the rooms it may know. The server may know everything. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("http", List.of("api", "control", "identity", "access", "audit", "model")),
          Map.entry("api", List.of("control", "vault", "identity", "access", "model")),
          Map.entry("control", List.of("vault", "access", "seal", "store", "model")),
          Map.entry("vault", List.of("crypto", "seal", "store", "model")),
          Map.entry("ca", List.of("vault", "crypto", "seal", "store", "model")),
          Map.entry("identity", List.of("crypto", "seal", "store", "model")),
          Map.entry("acme", List.of("vault", "crypto", "seal", "store", "model")),
          Map.entry("access", List.of("store", "model")),
          Map.entry("audit", List.of("crypto", "seal", "store", "model")),
          Map.entry("backup", List.of("audit", "crypto", "seal", "store", "model")),
          Map.entry("seal", List.of("crypto", "model")),
          Map.entry("crypto", List.of("model")),
          Map.entry("store", List.of("model")),
          Map.entry("mail", List.of("vault", "model")),
          Map.entry("ship", List.of("audit", "model")),
          Map.entry("otlp", List.of("http", "model")),
          Map.entry("model", List.of()),
          Map.entry(
              "local",
              List.of(
                  "control", "ca", "vault", "identity", "access", "backup", "audit", "seal",
                  "crypto", "store", "model")),
          Map.entry("cli", List.of("crypto", "model")));

  static Stream<Map.Entry<String, List<String>>> arrows() {
    return ARROWS.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("arrows")
  void room_knowsOnlyWhomItMay(Map.Entry<String, List<String>> room) {
    List<String> allowed = new ArrayList<>();
    allowed.add(in(room.getKey()));
    room.getValue().forEach(other -> allowed.add(in(other)));
    classes()
        .that()
        .resideInAPackage(in(room.getKey()))
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.strongroom.."))
                .or(JavaClass.Predicates.resideInAnyPackage(allowed.toArray(String[]::new))))
        .allowEmptyShould(false)
        .check(CODE);
  }

  @Test
  void architecture_table_saysTheSame() throws IOException {
    Map<String, List<String>> table = new HashMap<>();
    for (String line : Files.readAllLines(Path.of("..", "ARCHITECTURE.md"))) {
      if (line.startsWith("| `") && !line.startsWith("| `server`")) {
        String[] cells = line.split("\\|");
        String known = cells[3].strip();
        table.put(
            cells[1].replace("`", "").strip(),
            known.equals("nobody") ? List.of() : List.of(known.split(", ")));
      }
    }
    assertThat(table).isEqualTo(ARROWS);
  }

  @Test
  void rooms_haveNoCycles() {
    slices().matching("dev.strongroom.(*)..").should().beFreeOfCycles().check(CODE);
  }

  @Test
  void primitives_areNamedInCryptoOnly() {
    // because a trust store for TLS is not cryptography of ours: cli.Trust may load one
    noClasses()
        .that()
        .resideOutsideOfPackage(in("crypto"))
        .and()
        .doNotHaveFullyQualifiedName("dev.strongroom.cli.Trust")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("javax.crypto.Cipher")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("javax.crypto.Mac")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.security.Signature")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.security.KeyFactory")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.security.KeyPairGenerator")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.security.KeyStore")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.security.SecureRandom")
        .check(CODE);
  }

  @Test
  void digests_areMadeInCryptoOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage(in("crypto"))
        .should()
        .callMethod(java.security.MessageDigest.class, "getInstance", String.class)
        .check(CODE);
  }

  @Test
  void telemetry_isNamedInOtlpOnly() {
    // because nothing of it may be loaded while it is switched off
    noClasses()
        .that()
        .resideOutsideOfPackage(in("otlp"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.opentelemetry..")
        .check(CODE);
  }

  @Test
  void sql_isNamedInStoreOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage(in("store"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..", "org.postgresql..")
        .check(CODE);
  }

  @Test
  void http_isTheOnlyRoomThatSeesItsLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage(in("http"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx..", "io.netty..")
        .check(CODE);
  }

  @Test
  void acme_isTheOnlyRoomThatSeesItsLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage(in("acme"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.shredzone..")
        .check(CODE);
  }

  @Test
  void names_sayWhatAThingIs() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveSimpleNameStartingWith("Base")
        .orShould()
        .haveSimpleNameStartingWith("Abstract")
        .orShould()
        .haveSimpleNameStartingWith("Common")
        .check(CODE);
  }

  private static String in(String room) {
    return "dev.strongroom." + room + "..";
  }
}
