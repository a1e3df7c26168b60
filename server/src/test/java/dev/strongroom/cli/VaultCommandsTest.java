package dev.strongroom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class VaultCommandsTest {
  @Test
  void withGroup_answerOfTheServer_hasTheGroupOfItsId() {
    JsonNode vault =
        Client.JSON.readTree(
            "{\"id\":\"/subscriptions/s/resourceGroups/dev/providers/Microsoft.KeyVault/vaults/v\"}");
    assertThat(VaultCommands.withGroup(vault).path("resourceGroup").asString()).isEqualTo("dev");
    JsonNode other = Client.JSON.readTree("{\"name\":\"v\"}");
    assertThat(VaultCommands.withGroup(other).has("resourceGroup")).isFalse();
  }
}
