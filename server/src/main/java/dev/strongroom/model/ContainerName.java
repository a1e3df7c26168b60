package dev.strongroom.model;

import java.util.Locale;

/** The name of a vault or pool: 3 to 24, letters first, no hyphen at the end or twice in a row. */
public record ContainerName(String text) {
  public ContainerName {
    if (!isValid(text)) {
      throw VaultException.of(ErrorCode.VAULT_NAME_NOT_VALID, "name", text);
    }
  }

  public static boolean isValid(String text) {
    int length = text.length();
    boolean valid = length >= 3 && length <= 24 && ObjectName.isLetter(text.charAt(0));
    for (int i = 1; valid && i < length; i++) {
      char c = text.charAt(i);
      valid =
          c == '-'
              ? i < length - 1 && text.charAt(i + 1) != '-'
              : ObjectName.isLetter(c) || ObjectName.isDigit(c);
    }
    return valid;
  }

  public String folded() {
    return text.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return text;
  }
}
