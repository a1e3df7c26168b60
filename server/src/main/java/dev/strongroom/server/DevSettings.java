package dev.strongroom.server;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a client needs to use a {@code dev} server, as it is printed and kept. */
record DevSettings(
    String vaultUrl,
    String vaultName,
    String localUrl,
    String authorityHost,
    String tenantId,
    String clientId,
    String clientSecret,
    String objectId,
    String caFile,
    String armUrl,
    String subscriptionId,
    String resourceGroup,
    String location,
    long pid,
    String dataDir) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** One line, members in this order. */
  String json() {
    ObjectNode node =
        JSON.createObjectNode()
            .put("vaultUrl", vaultUrl)
            .put("vaultName", vaultName)
            .put("localUrl", localUrl)
            .put("authorityHost", authorityHost)
            .put("tenantId", tenantId)
            .put("clientId", clientId)
            .put("clientSecret", clientSecret)
            .put("objectId", objectId)
            .put("caFile", caFile)
            .put("armUrl", armUrl)
            .put("subscriptionId", subscriptionId)
            .put("resourceGroup", resourceGroup)
            .put("location", location)
            .put("pid", pid)
            .put("dataDir", dataDir);
    return JSON.writeValueAsString(node);
  }

  @Override
  public String toString() {
    return "DevSettings[" + vaultUrl + "]";
  }
}
