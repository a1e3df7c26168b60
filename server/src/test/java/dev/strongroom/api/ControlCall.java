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

/** A request to resource manager as the gateway would hand it on, built one part at a time. */
final class ControlCall implements Call {
  private final Operation operation;
  private final Origin origin;
  private Principal principal;
  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, String> queries = new HashMap<>();
  private final Map<String, String> notes = new HashMap<>();
  private String baseUrl = "https://management.strongroom.test:8443";
  private String path = "/";
  private byte[] body = new byte[0];

  ControlCall(Operation operation, Origin origin, Principal principal) {
    this.operation = operation;
    this.origin = origin;
    this.principal = principal;
  }

  ControlCall with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  ControlCall as(Principal caller) {
    principal = caller;
    return this;
  }

  ControlCall query(String name, String value) {
    queries.put(name.toLowerCase(Locale.ROOT), value);
    return this;
  }

  ControlCall path(String value) {
    path = value;
    return this;
  }

  ControlCall baseUrl(String value) {
    baseUrl = value;
    return this;
  }

  /** JSON with single quotes in place of double ones. */
  ControlCall body(String json) {
    body = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return this;
  }

  @Override
  public Operation operation() {
    return operation;
  }

  @Override
  public String baseUrl() {
    return baseUrl;
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
    return principal;
  }

  @Override
  public Container container() {
    throw new IllegalStateException("resource manager has no container");
  }

  @Override
  public ApiVersion apiVersion() {
    throw new IllegalStateException("resource manager has no data-plane version");
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
  public void note(String name, String value) {
    notes.put(name, value);
  }
}
