package dev.strongroom.server;

import dev.strongroom.crypto.Digests;
import dev.strongroom.local.LocalException;
import dev.strongroom.model.Container;
import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Operation;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.VaultException;
import dev.strongroom.vault.OpenedSecret;
import dev.strongroom.vault.SecretChange;
import dev.strongroom.vault.Secrets;
import dev.strongroom.store.VersionRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Secrets that {@code dev} shall have: {@code {"secrets": {NAME: value | {value, contentType, tags,
 * attributes}}}}. One whose newest version already equals it is left alone.
 */
final class Seed {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final Set<String> MEMBERS = Set.of("value", "contentType", "tags", "attributes");
  private static final Set<String> ATTRIBUTES = Set.of("enabled", "nbf", "exp");

  private Seed() {}

  static void apply(Path file, Wiring server, Container vault) {
    JsonNode tree;
    try {
      tree = JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new LocalException("--seed: cannot read " + file);
    } catch (JacksonException e) {
      throw new LocalException("--seed: " + file + " is not JSON");
    }
    JsonNode secrets = tree.path("secrets");
    if (!secrets.isObject() || tree.size() != 1) {
      throw new LocalException("--seed: the file must be an object with the one member secrets");
    }
    secrets.properties().forEach(entry -> one(entry.getKey(), entry.getValue(), server, vault));
  }

  private static void one(String text, JsonNode wanted, Wiring server, Container vault) {
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
    JsonNode value = wanted.isString() ? wanted : wanted.path("value");
    if (!value.isString()) {
      throw new LocalException("--seed: " + text + " has no value");
    }
    SecretChange change = change(text, wanted);
    try (SecretBytes bytes = SecretBytes.ofUtf8(value.asString())) {
      if (isThere(server.secrets(), vault, name, bytes, change)) {
        return;
      }
      server
          .operator()
          .audited(
              Operation.SECRET_SET,
              Map.of("name", text, "seed", "true"),
              origin -> server.secrets().set(vault, name, bytes, change, origin));
    }
  }

  private static boolean isThere(
      Secrets secrets, Container vault, ObjectName name, SecretBytes value, SecretChange change) {
    OpenedSecret found;
    try {
      found = secrets.get(vault, name, Optional.empty(), Instant.now());
    } catch (VaultException e) {
      if (e.code() == ErrorCode.SECRET_NOT_FOUND || e.code() == ErrorCode.SECRET_DISABLED) {
        return false;
      }
      throw e;
    }
    try (SecretBytes current = found.value()) {
      VersionRow version = found.secret().version();
      return Digests.equal(current.exposed(), value.exposed())
          && version.contentType().equals(change.contentType())
          && version.tags().equals(change.tags().orElse(Map.of()))
          && version.attributes().notBefore().equals(change.notBefore())
          && version.attributes().expires().equals(change.expires())
          && version.attributes().enabled() == change.enabled().orElse(true);
    }
  }

  private static SecretChange change(String text, JsonNode wanted) {
    JsonNode attributes = wanted.path("attributes");
    Optional<Map<String, String>> tags = Optional.empty();
    if (wanted.path("tags").isObject()) {
      Map<String, String> all = new HashMap<>();
      wanted
          .path("tags")
          .properties()
          .forEach(tag -> all.put(tag.getKey(), tag.getValue().asString("")));
      tags = Optional.of(all);
    }
    return new SecretChange(
        attributes.path("enabled").isBoolean()
            ? Optional.of(attributes.path("enabled").asBoolean())
            : Optional.empty(),
        time(text, attributes.path("nbf")),
        time(text, attributes.path("exp")),
        tags,
        wanted.path("contentType").isString()
            ? Optional.of(wanted.path("contentType").asString())
            : Optional.empty());
  }

  private static Optional<Instant> time(String text, JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isIntegralNumber()) {
      throw new LocalException("--seed: " + text + ": times are seconds since 1970");
    }
    return Optional.of(Instant.ofEpochSecond(node.asLong()));
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
}
