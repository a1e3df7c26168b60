package dev.strongroom.api;

import dev.strongroom.identity.Audience;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import tools.jackson.core.JsonGenerator;

/**
 * The description of this cloud by which az, Terraform and PowerShell find every host, in the three
 * shapes that its versions have.
 *
 * @see <a href="https://management.azure.com/metadata/endpoints?api-version=2022-09-01">The
 *     description of Azure's own cloud</a>
 */
final class MetadataApi {
  private static final String CLOUD = "Strongroom";

  private final ControlHosts hosts;

  MetadataApi(ControlHosts hosts) {
    this.hosts = hosts;
  }

  Answer endpoints(Call call) {
    String version =
        call.query("api-version")
            .orElseThrow(() -> VaultException.of(ErrorCode.ARM_API_VERSION_MISSING));
    return switch (version) {
      case "2022-09-01" -> Answer.json(200, Json.write(json -> cloud(json, call)));
      case "2019-05-01" ->
          Answer.json(
              200,
              Json.write(
                  json -> {
                    json.writeStartArray();
                    cloud(json, call);
                    json.writeEndArray();
                  }));
      case "2015-01-01" -> Answer.json(200, Json.write(json -> flat(json, call)));
      default -> throw VaultException.of(ErrorCode.ARM_API_VERSION_UNKNOWN, "version", version);
    };
  }

  private void cloud(JsonGenerator json, Call call) {
    json.writeStartObject();
    json.writeStringProperty("name", CLOUD);
    json.writeStringProperty("resourceManager", manager(call));
    json.writeStringProperty("portal", manager(call));
    json.writeStringProperty("gallery", manager(call));
    json.writeObjectPropertyStart("authentication");
    json.writeStringProperty("loginEndpoint", hosts.login(call));
    audiences(json, call);
    json.writeStringProperty("tenant", "common");
    json.writeStringProperty("identityProvider", "AAD");
    json.writeEndObject();
    json.writeStringProperty("graph", graph(call));
    json.writeStringProperty("graphAudience", graph(call));
    json.writeStringProperty("microsoftGraphResourceId", graph(call));
    json.writeObjectPropertyStart("suffixes");
    json.writeStringProperty("keyVaultDns", hosts.resource(call, Audience.VAULT));
    json.writeStringProperty("mhsmDns", hosts.resource(call, Audience.MANAGED_HSM));
    json.writeEndObject();
    json.writeEndObject();
  }

  private void flat(JsonGenerator json, Call call) {
    json.writeStartObject();
    json.writeStringProperty("galleryEndpoint", manager(call));
    json.writeStringProperty("graphEndpoint", graph(call));
    json.writeStringProperty("portalEndpoint", manager(call));
    json.writeObjectPropertyStart("authentication");
    json.writeStringProperty("loginEndpoint", hosts.login(call));
    audiences(json, call);
    json.writeEndObject();
    json.writeEndObject();
  }

  // without a slash at the end: clients put /.default behind it
  private void audiences(JsonGenerator json, Call call) {
    json.writeArrayPropertyStart("audiences");
    json.writeString("https://" + hosts.resource(call, Audience.MANAGEMENT));
    json.writeEndArray();
  }

  private static String manager(Call call) {
    return call.baseUrl() + '/';
  }

  private String graph(Call call) {
    return hosts.graph(call) + '/';
  }
}
