package dev.strongroom.model;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** A group of resources of one subscription; names compare without case. */
public record ResourceGroup(
    Id subscription, String name, String location, Map<String, String> tags, Instant created)
    implements Rule {
  public static String key(Id subscription, String name) {
    return subscription.guid() + '/' + name.toLowerCase(Locale.ROOT);
  }

  @Override
  public String key() {
    return key(subscription, name);
  }

  @Override
  public String parent() {
    return subscription.guid();
  }
}
