package dev.strongroom.identity;

import dev.strongroom.model.ErrorCode;

/** Every rule that can refuse an access token, with the answer it leads to. Each is counted. */
public enum Refusal {
  TOO_LONG(ErrorCode.UNAUTHORIZED_MALFORMED, ""),
  NOT_A_JWS(ErrorCode.UNAUTHORIZED_MALFORMED, ""),
  HEADER_NOT_JSON(ErrorCode.UNAUTHORIZED_MALFORMED, ""),
  HEADER_PARAMETER(
      ErrorCode.UNAUTHORIZED_INVALID, "its header has a parameter that is not allowed"),
  TYPE(ErrorCode.UNAUTHORIZED_INVALID, "its typ is not that of an access token"),
  ALGORITHM(ErrorCode.UNAUTHORIZED_INVALID, "its algorithm is not allowed"),
  KEY_UNKNOWN(ErrorCode.UNAUTHORIZED_INVALID, "its signing key is not known"),
  KEY_RETIRED(ErrorCode.UNAUTHORIZED_INVALID, "its signing key is no longer used"),
  SIGNATURE(ErrorCode.UNAUTHORIZED_INVALID, "its signature does not match"),
  CLAIMS_NOT_JSON(ErrorCode.UNAUTHORIZED_MALFORMED, ""),
  CLAIM(ErrorCode.UNAUTHORIZED_INVALID, "a claim is missing or of the wrong form"),
  TOKEN_USE(ErrorCode.UNAUTHORIZED_INVALID, "it is not an access token"),
  LIFETIME(ErrorCode.UNAUTHORIZED_INVALID, "it lives longer than allowed"),
  ISSUER(ErrorCode.UNAUTHORIZED_ISSUER, ""),
  OTHER_TENANT(ErrorCode.UNAUTHORIZED_ISSUER, ""),
  AUDIENCE(ErrorCode.UNAUTHORIZED_AUDIENCE, ""),
  EXPIRED(ErrorCode.UNAUTHORIZED_EXPIRED, ""),
  NOT_YET_VALID(ErrorCode.UNAUTHORIZED_INVALID, "it is not valid yet"),
  APPLICATION_UNKNOWN(ErrorCode.UNAUTHORIZED_INVALID, "its application does not exist"),
  APPLICATION_DISABLED(ErrorCode.UNAUTHORIZED_INVALID, "its application is disabled"),
  CREDENTIAL_REMOVED(
      ErrorCode.UNAUTHORIZED_INVALID, "the credential that it was obtained with was removed");

  private final ErrorCode code;
  private final String reason;

  Refusal(ErrorCode code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  public ErrorCode code() {
    return code;
  }

  String reason() {
    return reason;
  }
}
