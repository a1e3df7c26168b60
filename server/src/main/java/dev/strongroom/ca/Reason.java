package dev.strongroom.ca;

import java.util.Arrays;
import java.util.Optional;

/**
 * Why a certificate is revoked (RFC 5280 section 5.3.1). A hold is not among them, because nothing
 * here is ever taken back.
 */
public enum Reason {
  UNSPECIFIED("unspecified", 0),
  KEY_COMPROMISE("keyCompromise", 1),
  AFFILIATION_CHANGED("affiliationChanged", 3),
  SUPERSEDED("superseded", 4),
  CESSATION_OF_OPERATION("cessationOfOperation", 5),
  PRIVILEGE_WITHDRAWN("privilegeWithdrawn", 9);

  private final String text;
  private final int code;

  Reason(String text, int code) {
    this.text = text;
    this.code = code;
  }

  public String text() {
    return text;
  }

  int code() {
    return code;
  }

  public static Optional<Reason> find(String text) {
    return Arrays.stream(values()).filter(one -> one.text.equalsIgnoreCase(text)).findFirst();
  }

  public static Optional<Reason> find(int code) {
    return Arrays.stream(values()).filter(one -> one.code == code).findFirst();
  }
}
