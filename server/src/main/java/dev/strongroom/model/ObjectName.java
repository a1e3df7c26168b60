package dev.strongroom.model;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of a secret, key or certificate: 1 to 127 of {@code [0-9a-zA-Z-]}. Names compare without
 * case ({@link #folded}) and are shown in the spelling of creation.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates">
 *     Azure Key Vault keys, secrets, and certificates overview</a>
 */
public record ObjectName(String text) {
  private static final Pattern ALLOWED = Pattern.compile("[0-9a-zA-Z-]{1,127}");

  public ObjectName {
    if (!ALLOWED.matcher(text).matches()) {
      throw VaultException.of(ErrorCode.NAME_INVALID, "name", text);
    }
  }

  public String folded() {
    return text.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return text;
  }
}
