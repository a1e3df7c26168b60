package dev.strongroom.server;

import dev.strongroom.api.SecretsApi;
import dev.strongroom.local.LocalException;
import dev.strongroom.model.Container;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.VaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Secrets that {@code dev} shall have: {@code {"secrets": {NAME: value | {value, contentType, tags,
 * attributes}}}}. One whose newest version already equals it is left alone. The whole file is checked,
 * with the rules of the wire, before the first secret is set; what is said of it has no value in it.
 */
record Seed(List<Entry> entries) implements AutoCloseable {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final Set<String> MEMBERS = Set.of("value", "contentType", "tags", "attributes");
  private static final Set<String> ATTRIBUTES = Set.of("enabled", "nbf", "exp");

  /** One secret as it shall be. */
  record Entry(ObjectName name, SecretsApi.Wanted wanted) {}

  static Seed read(Path file) {
    JsonNode tree;
    try {
      tree = JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new LocalException("--seed: cannot read " + file + " as UTF-8 text");
    } catch (JacksonException e) {
      throw new LocalException(
          "--seed: "
              + file
              + " is not JSON without duplicate names: see line "
              + e.getLocation().getLineNr());
    }
    JsonNode secrets = tree.path("secrets");
    if (!secrets.isObject() || tree.size() != 1) {
      throw new LocalException("--seed: the file must be an object with the one member secrets");
    }
    List<Entry> entries = new ArrayList<>();
    secrets.properties().forEach(entry -> entries.add(entry(entry.getKey(), entry.getValue())));
    return new Seed(List.copyOf(entries));
  }

  private static Entry entry(String text, JsonNode wanted) {
    ObjectName name;
    try {
      name = new ObjectName(text);
    } catch (VaultException e) {
      throw new LocalException("--seed: " + text + " is not a secret's name");
    }
    if (!wanted.isString() && !wanted.isObject()) {
      throw new LocalException("--seed: " + text + " must be a text or an object");
    }
    if (wanted.isObject()) {
      refuseUnknown(text, wanted, MEMBERS);
      refuseUnknown(text, wanted.path("attributes"), ATTRIBUTES);
    }
    JsonNode body =
        wanted.isObject() ? wanted : JSON.createObjectNode().put("value", wanted.asString());
    try {
      return new Entry(name, SecretsApi.wanted(JSON.writeValueAsBytes(body)));
    } catch (VaultException e) {
      throw new LocalException("--seed: " + text + ": " + e.getMessage());
    }
  }

  private static void refuseUnknown(String text, JsonNode object, Set<String> known) {
    object
        .propertyNames()
        .forEach(
            member -> {
              if (!known.contains(member)) {
                throw new LocalException("--seed: " + text + " has the unknown member " + member);
              }
            });
  }

  void apply(Wiring server, Container vault) {
    for (Entry entry : entries) {
      SecretsApi.Wanted wanted = entry.wanted();
      if (server.secrets().isAlready(vault, entry.name(), wanted.value(), wanted.change())) {
        continue;
      }
      try {
        server
            .operator()
            .audited(
                Operation.SECRET_SET,
                Map.of("name", entry.name().text(), "seed", "true"),
                origin ->
                    server
                        .secrets()
                        .set(vault, entry.name(), wanted.value(), wanted.change(), origin));
      } catch (VaultException e) {
        throw new LocalException("--seed: " + entry.name().text() + ": " + e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    entries.forEach(entry -> entry.wanted().value().close());
  }

  @Override
  public String toString() {
    return "Seed of " + entries.size();
  }
}
