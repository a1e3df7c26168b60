package dev.strongroom.model;

import java.util.Locale;
import java.util.regex.Pattern;

/** The name of a vault or pool: 3 to 24, letters first, no hyphen at the end or twice in a row. */
public record ContainerName(String text) {
  private static final Pattern ALLOWED =
      Pattern.compile("(?=.{3,24}$)[a-zA-Z][0-9a-zA-Z]*(?:-[0-9a-zA-Z]+)*");

  public ContainerName {
    if (!isValid(text)) {
      throw VaultException.of(ErrorCode.VAULT_NAME_NOT_VALID, "name", text);
    }
  }

  public static boolean isValid(String text) {
    return ALLOWED.matcher(text).matches();
  }

  public String folded() {
    return text.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return text;
  }
}
