package dev.strongroom.model;

/**
 * How well the place protects a key that it keeps; {@code hsmPlatform} in key attributes says it.
 *
 * @see <a href="https://learn.microsoft.com/azure/key-vault/keys/about-keys">About keys</a>
 */
public enum Assurance {
  SOFTWARE("0"),
  /** A module validated to FIPS 140-2 level 2. */
  LEVEL_2("1"),
  /** A module validated to FIPS 140-3 level 3. */
  LEVEL_3("2");

  private final String hsmPlatform;

  Assurance(String hsmPlatform) {
    this.hsmPlatform = hsmPlatform;
  }

  public String hsmPlatform() {
    return hsmPlatform;
  }
}
