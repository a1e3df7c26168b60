package dev.strongroom.crypto;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * Distinguished names as text (RFC 4514: the last relative name first) and as they stand in
 * certificates.
 */
public final class DistinguishedName {
  private static final int LONGEST = 1_024;

  /** The upper bounds of RFC 5280 appendix A.1, where this server checks them. */
  private static final Map<ASN1ObjectIdentifier, Integer> BOUNDS = new HashMap<>();

  static {
    BOUNDS.put(BCStyle.CN, 64);
    BOUNDS.put(BCStyle.O, 64);
    BOUNDS.put(BCStyle.OU, 64);
    BOUNDS.put(BCStyle.L, 128);
    BOUNDS.put(BCStyle.ST, 128);
    BOUNDS.put(BCStyle.SERIALNUMBER, 64);
    BOUNDS.put(BCStyle.EmailAddress, 255);
  }

  private DistinguishedName() {}

  /** Refuses what is no distinguished name that a certificate may have. */
  public static void check(String text) {
    parse(text);
  }

  /** The common names in it. */
  public static List<String> commonNames(String text) {
    return Arrays.stream(parse(text).getRDNs())
        .flatMap(part -> Arrays.stream(part.getTypesAndValues()))
        .filter(value -> value.getType().equals(BCStyle.CN))
        .map(value -> value.getValue() instanceof ASN1String name ? name.getString() : "")
        .toList();
  }

  static X500Name parse(String text) {
    if (text.length() > LONGEST) {
      throw invalid("the subject has more than " + LONGEST + " characters");
    }
    if (text.isBlank()) {
      return new X500Name(new RDN[0]);
    }
    RDN[] parts;
    try {
      parts = new X500Name(BCStyle.INSTANCE, text).getRDNs();
    } catch (IllegalArgumentException e) {
      throw invalid("the subject is not a distinguished name");
    }
    for (RDN part : parts) {
      for (AttributeTypeAndValue value : part.getTypesAndValues()) {
        String said = IETFUtils.valueToString(value.getValue());
        boolean fits =
            value.getType().equals(BCStyle.C)
                ? said.matches("[A-Z]{2}")
                : !said.isBlank()
                    && said.length() <= BOUNDS.getOrDefault(value.getType(), LONGEST);
        if (!fits) {
          throw invalid(
              "the subject's "
                  + BCStyle.INSTANCE.oidToDisplayName(value.getType())
                  + " is empty, too long or of the wrong form");
        }
      }
    }
    return new X500Name(BCStyle.INSTANCE, reversed(parts));
  }

  static String text(X500Name name) {
    return BCStyle.INSTANCE.toString(new X500Name(BCStyle.INSTANCE, reversed(name.getRDNs())));
  }

  private static RDN[] reversed(RDN[] parts) {
    RDN[] out = new RDN[parts.length];
    for (int i = 0; i < parts.length; i++) {
      out[i] = parts[parts.length - 1 - i];
    }
    return out;
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.CERTIFICATE_POLICY_INVALID, "reason", reason);
  }
}
