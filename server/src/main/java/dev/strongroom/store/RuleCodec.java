package dev.strongroom.store;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import dev.strongroom.model.Id;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import dev.strongroom.model.Sealed;
import java.util.Base64;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Rules as JSON: members are the record's components, ids GUIDs, times ISO-8601, sealed values
 * base64. A member that the record lacks is refused, since it may once have meant something.
 */
public final class RuleCodec {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Id.class, new IdWriter())
                  .addDeserializer(Id.class, new IdReader())
                  .addSerializer(Sealed.class, new SealedWriter())
                  .addDeserializer(Sealed.class, new SealedReader()))
          .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .changeDefaultVisibility(
              visibility ->
                  visibility
                      .withGetterVisibility(Visibility.NONE)
                      .withIsGetterVisibility(Visibility.NONE)
                      .withFieldVisibility(Visibility.ANY))
          .build();

  private RuleCodec() {}

  public static String write(Rule rule) {
    return MAPPER.writeValueAsString(rule);
  }

  public static <T extends Rule> T read(RuleKind<T> kind, String body) {
    return MAPPER.readValue(body, kind.type());
  }

  private static final class IdWriter extends ValueSerializer<Id> {
    @Override
    public void serialize(Id id, JsonGenerator out, SerializationContext context) {
      out.writeString(id.guid());
    }
  }

  private static final class IdReader extends ValueDeserializer<Id> {
    @Override
    public Id deserialize(JsonParser in, DeserializationContext context) {
      return Id.guid(in.getString());
    }
  }

  private static final class SealedWriter extends ValueSerializer<Sealed> {
    @Override
    public void serialize(Sealed sealed, JsonGenerator out, SerializationContext context) {
      out.writeString(Base64.getEncoder().encodeToString(sealed.bytes()));
    }
  }

  private static final class SealedReader extends ValueDeserializer<Sealed> {
    @Override
    public Sealed deserialize(JsonParser in, DeserializationContext context) {
      return Sealed.read(Base64.getDecoder().decode(in.getString()));
    }
  }
}
