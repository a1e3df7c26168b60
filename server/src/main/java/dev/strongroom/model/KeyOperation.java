package dev.strongroom.model;

import java.util.Optional;

/** What a key may be used for, as the JWK member {@code key_ops} says it. */
public enum KeyOperation {
  ENCRYPT("encrypt", ApiVersion.V2015_06_01),
  DECRYPT("decrypt", ApiVersion.V2015_06_01),
  SIGN("sign", ApiVersion.V2015_06_01),
  VERIFY("verify", ApiVersion.V2015_06_01),
  WRAP_KEY("wrapKey", ApiVersion.V2015_06_01),
  UNWRAP_KEY("unwrapKey", ApiVersion.V2015_06_01),
  /** Of a key exchange key, alone: to bring keys of hardware modules. */
  IMPORT("import", ApiVersion.V7_0),
  /** Of an exportable key, for secure key release. */
  EXPORT("export", ApiVersion.V7_3_PREVIEW),
  SECURE_WRAP_KEY("secureWrapKey", ApiVersion.V2026_05_01_PREVIEW),
  SECURE_UNWRAP_KEY("secureUnwrapKey", ApiVersion.V2026_05_01_PREVIEW);

  private final String wire;
  private final ApiVersion first;

  KeyOperation(String wire, ApiVersion first) {
    this.wire = wire;
    this.first = first;
  }

  public String wire() {
    return wire;
  }

  public ApiVersion first() {
    return first;
  }

  public static Optional<KeyOperation> find(String wire) {
    for (KeyOperation operation : values()) {
      if (operation.wire.equals(wire)) {
        return Optional.of(operation);
      }
    }
    return Optional.empty();
  }
}
