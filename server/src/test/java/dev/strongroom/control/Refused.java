package dev.strongroom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Says with which row of the error table a call is refused. */
public final class Refused {
  private Refused() {}

  public static VaultException with(ErrorCode code, ThrowingCallable call) {
    VaultException refusal = catchThrowableOfType(VaultException.class, call);
    assertThat(refusal).as("refused with " + code).isNotNull();
    assertThat(refusal.code()).as(refusal.getMessage()).isEqualTo(code);
    return refusal;
  }
}
