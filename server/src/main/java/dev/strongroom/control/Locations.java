package dev.strongroom.control;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names of locations: "West Europe" and "westeurope" are one. Any name will do. */
public final class Locations {
  private static final Pattern ALLOWED = Pattern.compile("[a-z0-9]{1,64}");

  private Locations() {}

  public static String fold(String location) {
    String folded = location.replace(" ", "").toLowerCase(Locale.ROOT);
    if (!ALLOWED.matcher(folded).matches()) {
      throw VaultException.of(
          ErrorCode.ARM_PROPERTY_INVALID,
          "property",
          "location",
          "reason",
          "it may hold letters, digits and spaces only");
    }
    return folded;
  }
}
