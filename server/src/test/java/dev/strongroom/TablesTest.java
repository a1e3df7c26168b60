package dev.strongroom;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.strongroom.access.PolicyCategory;
import dev.strongroom.http.Route;
import dev.strongroom.model.ContainerKind;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Operation.Plane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds the closed sets together: what has a row in one table has its place in all others. */
class TablesTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "CAPABILITIES.md");
  private static final String COMMAND =
      "mvn -q -pl server test -Dtest=TablesTest -Dcapabilities.write=true";
  private static final Set<Operation> ROUTED =
      Capabilities.routes().stream().map(Route::operation).collect(Collectors.toSet());

  @ParameterizedTest
  @EnumSource
  void operation_auditName_isTheConstantInCamelCase(Operation operation) {
    String camel =
        Arrays.stream(operation.name().split("_"))
            .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
            .collect(Collectors.joining());
    assertThat(operation.auditName()).isEqualTo(camel);
  }

  @ParameterizedTest
  @EnumSource
  void operation_anyPlane_hasARouteOrAReasonForNone(Operation operation) {
    boolean local = operation.plane() == Plane.LOCAL;
    assertThat(ROUTED.contains(operation)).isEqualTo(!local);
    assertThat(Capabilities.WITHOUT_ROUTE.containsKey(operation)).isEqualTo(local);
  }

  @ParameterizedTest
  @EnumSource
  void operation_withAnAction_isGrantedByABuiltInRole(Operation operation) {
    if (!operation.action(ContainerKind.VAULT).isEmpty()) {
      assertThat(Capabilities.roles(operation)).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void operation_dataPlane_hasAPermissionOfItsCategory(Operation operation) {
    boolean data = operation.plane() == Plane.DATA;
    assertThat(operation.permission().isPresent()).isEqualTo(data);
    assertThat(operation.collection().isPresent()).isEqualTo(data);
    if (data) {
      PolicyCategory category =
          PolicyCategory.category(operation.collection().orElseThrow().wire()).orElseThrow();
      assertThat(category.words()).contains(operation.permission().orElseThrow());
    }
  }

  @Test
  void tables_everyRow_isUsedOutsideItsTable() {
    JavaClasses code =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.strongroom");
    for (Enum<?> row : ErrorCode.values()) {
      assertThat(isUsed(code, row)).as(row.name()).isTrue();
    }
    for (Enum<?> row : Operation.values()) {
      assertThat(isUsed(code, row)).as(row.name()).isTrue();
    }
  }

  private static boolean isUsed(JavaClasses code, Enum<?> row) {
    JavaClass table = code.get(row.getDeclaringClass());
    return table.getField(row.name()).getAccessesToSelf().stream()
        .anyMatch(access -> !access.getOriginOwner().getName().startsWith(table.getName()));
  }

  @Test
  void capabilities_document_saysWhatTheTablesSay() throws IOException {
    String document = Capabilities.document();
    if (Boolean.getBoolean("capabilities.write")) {
      Files.writeString(DOCUMENT, document);
    }
    assertThat(DOCUMENT).as("write it with: " + COMMAND).exists();
    List<String> lines = Files.readAllLines(DOCUMENT);
    assertThat(document.lines().filter(line -> !lines.contains(line)).findFirst())
        .as("what docs/CAPABILITIES.md lacks; write it again with: " + COMMAND)
        .isEmpty();
    assertThat(Files.readString(DOCUMENT).equals(document))
        .as("docs/CAPABILITIES.md is what the tables say; else write it again with: " + COMMAND)
        .isTrue();
  }
}
