package dev.strongroom.model;

import java.util.Locale;

/**
 * The name of a secret, key or certificate: 1 to 127 of {@code [0-9a-zA-Z-]}. Names compare without
 * case ({@link #folded}) and are shown in the spelling of creation.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates">
 *     Azure Key Vault keys, secrets, and certificates overview</a>
 */
public record ObjectName(String text) {
  private static final int LONGEST = 127;

  public ObjectName {
    if (!isValid(text)) {
      throw VaultException.of(ErrorCode.NAME_INVALID, "name", text);
    }
  }

  private static boolean isValid(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLetter(c) && !isDigit(c) && c != '-') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= LONGEST;
  }

  static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  public String folded() {
    return text.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return text;
  }
}
