package dev.strongroom.control;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.util.Map;

/**
 * Limits of tags on resources.
 *
 * @see <a href="https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources">
 *     Use tags to organize your Azure resources</a>
 */
final class Tags {
  private static final int COUNT = 50;
  private static final int NAME = 512;
  private static final int VALUE = 256;
  private static final String FORBIDDEN = "<>%&\\?/";

  private Tags() {}

  static Map<String, String> check(Map<String, String> tags) {
    if (tags.size() > COUNT) {
      throw invalid("there are more than " + COUNT);
    }
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      String name = tag.getKey();
      if (name.isEmpty() || name.length() > NAME) {
        throw invalid("a name has 1 to " + NAME + " characters");
      }
      if (name.chars().anyMatch(c -> FORBIDDEN.indexOf(c) >= 0 || c < ' ')) {
        throw invalid("a name holds none of " + FORBIDDEN);
      }
      if (tag.getValue().length() > VALUE) {
        throw invalid("a value has at most " + VALUE + " characters");
      }
    }
    return tags;
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.ARM_PROPERTY_INVALID, "property", "tags", "reason", reason);
  }
}
