package dev.strongroom.api;

import dev.strongroom.model.ApiVersion;
import dev.strongroom.model.Container;
import dev.strongroom.model.Operation;
import dev.strongroom.model.Origin;
import dev.strongroom.model.Principal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A request on the data plane as the gateway would hand it on, built one part at a time. */
final class FakeCall implements Call {
  private final Operation operation;
  private final Container container;
  private final Origin origin;
  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, String> queries = new HashMap<>();
  private ApiVersion version = ApiVersion.V2025_07_01;
  private String path = "/";
  private byte[] body = new byte[0];

  FakeCall(Operation operation, Container container, Origin origin) {
    this.operation = operation;
    this.container = container;
    this.origin = origin;
  }

  FakeCall with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  FakeCall query(String name, String value) {
    queries.put(name.toLowerCase(Locale.ROOT), value);
    return this;
  }

  FakeCall version(ApiVersion asked) {
    version = asked;
    return this;
  }

  FakeCall path(String asked) {
    path = asked;
    return this;
  }

  FakeCall body(String json) {
    return body(json.getBytes(StandardCharsets.UTF_8));
  }

  FakeCall body(byte[] bytes) {
    body = bytes;
    return this;
  }

  @Override
  public Operation operation() {
    return operation;
  }

  @Override
  public String baseUrl() {
    return "https://vault-1.vault.strongroom.test:8443";
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name));
  }

  @Override
  public Optional<String> query(String name) {
    return Optional.ofNullable(queries.get(name.toLowerCase(Locale.ROOT)));
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.empty();
  }

  @Override
  public byte[] body() {
    return body;
  }

  @Override
  public Principal principal() {
    return origin.principal().orElseThrow();
  }

  @Override
  public Container container() {
    return container;
  }

  @Override
  public ApiVersion apiVersion() {
    return version;
  }

  @Override
  public Origin origin() {
    return origin;
  }

  @Override
  public String clientAddress() {
    return "127.0.0.1";
  }

  @Override
  public void note(String name, String value) {}
}
