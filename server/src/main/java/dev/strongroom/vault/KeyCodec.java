package dev.strongroom.vault;

import dev.strongroom.model.Assurance;
import dev.strongroom.model.KeyOperation;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.store.ObjectRow;
import dev.strongroom.store.VersionRow;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the store keeps of keys beside their sealed material, as JSON: of a version its public part,
 * permitted operations, assurance and count of encryptions; of the key itself its rotation policy.
 */
final class KeyCodec {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private KeyCodec() {}

  /**
   * Of one version.
   *
   * @param encryptions how many encryptions with a random IV have been handed out, in whole blocks
   */
  record Version(
      PublicJwk jwk, List<KeyOperation> operations, Assurance assurance, long encryptions) {
    Version {
      operations = List.copyOf(operations);
    }

    Version permitting(List<KeyOperation> changed) {
      return new Version(jwk, changed, assurance, encryptions);
    }

    Version counting(long handedOut) {
      return new Version(jwk, operations, assurance, handedOut);
    }
  }

  /** Of a key: a policy that was set, and when for the first and the last time. */
  record Policy(RotationPolicy policy, Instant created, Instant updated) {}

  static String write(Version version) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("key", version.jwk().stored());
    ArrayNode operations = node.putArray("operations");
    version.operations().forEach(operation -> operations.add(operation.wire()));
    node.put("assurance", version.assurance().name());
    node.put("encryptions", version.encryptions());
    return MAPPER.writeValueAsString(node);
  }

  static Version version(VersionRow row) {
    JsonNode node = parse(row.details());
    return new Version(
        PublicJwk.read(node.required("key").asString()),
        node.required("operations").valueStream()
            .map(operation -> KeyOperation.find(operation.asString()).orElseThrow())
            .toList(),
        Assurance.valueOf(node.required("assurance").asString()),
        node.required("encryptions").asLong());
  }

  static String write(Policy set) {
    RotationPolicy policy = set.policy();
    ObjectNode node = MAPPER.createObjectNode();
    policy
        .rotate()
        .ifPresent(
            trigger -> {
              switch (trigger) {
                case RotationPolicy.AfterCreate(Span span) ->
                    node.put("rotateAfterCreate", span.text());
                case RotationPolicy.BeforeExpiry(Span span) ->
                    node.put("rotateBeforeExpiry", span.text());
              }
            });
    node.put("notice", policy.notice().text());
    policy.expiry().ifPresent(span -> node.put("expiry", span.text()));
    node.put("created", set.created().getEpochSecond());
    node.put("updated", set.updated().getEpochSecond());
    return MAPPER.writeValueAsString(node);
  }

  static Optional<Policy> policy(ObjectRow row) {
    if (row.details().isEmpty()) {
      return Optional.empty();
    }
    JsonNode node = parse(row.details());
    Optional<RotationPolicy.Trigger> afterCreate =
        span(node, "rotateAfterCreate").map(RotationPolicy.AfterCreate::new);
    Optional<RotationPolicy.Trigger> beforeExpiry =
        span(node, "rotateBeforeExpiry").map(RotationPolicy.BeforeExpiry::new);
    return Optional.of(
        new Policy(
            new RotationPolicy(
                afterCreate.or(() -> beforeExpiry),
                span(node, "notice").orElseThrow(),
                span(node, "expiry")),
            Instant.ofEpochSecond(node.required("created").asLong()),
            Instant.ofEpochSecond(node.required("updated").asLong())));
  }

  private static Optional<Span> span(JsonNode node, String member) {
    return node.optional(member).map(text -> new Span(text.asString()));
  }

  private static JsonNode parse(Optional<String> details) {
    try {
      return MAPPER.readTree(details.orElseThrow());
    } catch (JacksonException e) {
      throw new IllegalStateException("the details of a stored key are not JSON", e);
    }
  }
}
