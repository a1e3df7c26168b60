package dev.strongroom.model;

import static dev.strongroom.model.KeyOperation.DECRYPT;
import static dev.strongroom.model.KeyOperation.ENCRYPT;
import static dev.strongroom.model.KeyOperation.SIGN;
import static dev.strongroom.model.KeyOperation.UNWRAP_KEY;
import static dev.strongroom.model.KeyOperation.VERIFY;
import static dev.strongroom.model.KeyOperation.WRAP_KEY;

import java.util.List;
import java.util.Optional;

/**
 * The key types of Key Vault (JWK member {@code kty}), with the sizes that exist and what a key of
 * the type is for when {@code key_ops} does not say. The forms ending in -HSM are keys of hardware
 * modules; each knows its software form.
 */
public enum KeyType {
  RSA(
      "RSA",
      null,
      ApiVersion.V2015_06_01,
      List.of(2048, 3072, 4096),
      List.of(ENCRYPT, DECRYPT, SIGN, VERIFY, WRAP_KEY, UNWRAP_KEY)),
  EC("EC", null, ApiVersion.V2015_06_01, List.of(), List.of(SIGN, VERIFY)),
  OCT(
      "oct",
      null,
      ApiVersion.V2015_06_01,
      List.of(128, 192, 256),
      List.of(WRAP_KEY, UNWRAP_KEY, DECRYPT, ENCRYPT)),
  AKP("AKP", null, ApiVersion.V2026_05_01_PREVIEW, List.of(), List.of(SIGN, VERIFY)),
  RSA_HSM("RSA-HSM", RSA, ApiVersion.V2015_06_01, RSA.sizes, RSA.defaultOperations),
  EC_HSM("EC-HSM", EC, ApiVersion.V2016_10_01, EC.sizes, EC.defaultOperations),
  OCT_HSM("oct-HSM", OCT, ApiVersion.V7_2_PREVIEW, OCT.sizes, OCT.defaultOperations),
  AKP_HSM("AKP-HSM", AKP, ApiVersion.V2026_05_01_PREVIEW, AKP.sizes, AKP.defaultOperations);

  private final String wire;
  private final KeyType software;
  private final ApiVersion first;
  private final List<Integer> sizes;
  private final List<KeyOperation> defaultOperations;

  KeyType(
      String wire,
      KeyType software,
      ApiVersion first,
      List<Integer> sizes,
      List<KeyOperation> defaultOperations) {
    this.wire = wire;
    this.software = software == null ? this : software;
    this.first = first;
    this.sizes = sizes;
    this.defaultOperations = defaultOperations;
  }

  public String wire() {
    return wire;
  }

  /** The same type without hardware; itself where it is that already. */
  public KeyType software() {
    return software;
  }

  public boolean isHardware() {
    return software != this;
  }

  public ApiVersion first() {
    return first;
  }

  /** In bits; empty where a curve or an algorithm says it. */
  public List<Integer> sizes() {
    return sizes;
  }

  /** In the order in which Key Vault answers them. */
  public List<KeyOperation> defaultOperations() {
    return defaultOperations;
  }

  public static Optional<KeyType> find(String wire) {
    for (KeyType type : values()) {
      if (type.wire.equals(wire)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
