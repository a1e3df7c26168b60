package dev.strongroom.conformance;

import java.util.List;
import java.util.Map;

/** What the clients speak to, as one server. */
interface Server extends AutoCloseable {
  /** One of its settings, such as {@code vaultUrl}. */
  String get(String name);

  /** The options by which this command of {@code strongroom} finds it. */
  default List<String> options(String command) {
    return List.of("--data", get("dataDir"));
  }

  /** Further variables of commands. */
  default Map<String, String> environment() {
    return Map.of();
  }

  default String vaultId(String vaultName) {
    return resourceGroupId() + "/providers/Microsoft.KeyVault/vaults/" + vaultName;
  }

  default String resourceGroupId() {
    return "/subscriptions/" + get("subscriptionId") + "/resourceGroups/" + get("resourceGroup");
  }

  @Override
  void close();
}
