package dev.strongroom.api;

import dev.strongroom.identity.World;
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
import java.util.Set;

/** A request to the login or management host, as the gateway would hand it over. */
final class IdentityCall implements Call {
  final Map<String, String> notes = new HashMap<>();

  private final World world;
  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, String> queries = new HashMap<>();
  private final Map<String, String> headers = new HashMap<>();
  private String path = "/";
  private String baseUrl = "https://login.localhost:8443";
  private byte[] body = new byte[0];

  IdentityCall(World world) {
    this.world = world;
  }

  IdentityCall base(String text) {
    baseUrl = text;
    return this;
  }

  IdentityCall path(String text) {
    path = text;
    return this;
  }

  IdentityCall variable(String name, String value) {
    variables.put(name, value);
    return this;
  }

  IdentityCall query(String name, String value) {
    queries.put(name, value);
    return this;
  }

  IdentityCall header(String name, String value) {
    headers.put(name.toLowerCase(Locale.ROOT), value);
    return this;
  }

  IdentityCall body(String text) {
    body = text.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  IdentityCall bytes(byte[] given) {
    body = given;
    return this;
  }

  IdentityCall form(String text) {
    return header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8").body(text);
  }

  @Override
  public Operation operation() {
    return Operation.SIGN_IN;
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
    return Optional.ofNullable(queries.get(name));
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  @Override
  public byte[] body() {
    return body;
  }

  @Override
  public Principal principal() {
    return new Principal(
        world.tenant.id(),
        world.application.objectId(),
        Principal.Kind.APPLICATION,
        Optional.of(world.application.appId()),
        world.realm.issuer(world.tenant.id()),
        Set.of(),
        Map.of());
  }

  @Override
  public Container container() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ApiVersion apiVersion() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Origin origin() {
    return world.origin();
  }

  @Override
  public String clientAddress() {
    return "192.0.2.1";
  }

  @Override
  public void note(String name, String value) {
    notes.put(name, value);
  }
}
