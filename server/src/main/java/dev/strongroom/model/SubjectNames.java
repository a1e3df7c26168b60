package dev.strongroom.model;

import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The alternative names of a certificate's subject (RFC 5280 section 4.2.1.6), by kind. They are what
 * somebody wrote: {@link #check} says whether a certificate can have them.
 */
public record SubjectNames(
    List<String> emails,
    List<String> dnsNames,
    List<String> upns,
    List<String> uris,
    List<String> ipAddresses) {
  public static final SubjectNames NONE =
      new SubjectNames(List.of(), List.of(), List.of(), List.of(), List.of());

  private static final int MOST = 100;
  private static final int MOST_CHARACTERS = 16_384;
  private static final int LONGEST_DNS = 253;
  private static final Pattern DNS =
      Pattern.compile(
          "(\\*\\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*"
              + "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
  private static final Pattern EMAIL =
      Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}");
  private static final Pattern URI =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:[\\x21-\\x7e]{1,2048}");
  private static final Pattern IP_V4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern IP_V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

  public SubjectNames {
    emails = List.copyOf(emails);
    dnsNames = List.copyOf(dnsNames);
    upns = List.copyOf(upns);
    uris = List.copyOf(uris);
    ipAddresses = List.copyOf(ipAddresses);
  }

  public boolean isEmpty() {
    return all().findAny().isEmpty();
  }

  /** Refuses names of the wrong form, and more than a certificate should have. */
  public void check() {
    requireAll(emails, EMAIL, "emails");
    requireAll(uris, URI, "uris");
    for (String name : dnsNames) {
      require(name.length() <= LONGEST_DNS && DNS.matcher(name).matches(), "dns_names", name);
    }
    for (String upn : upns) {
      require(!upn.isBlank() && upn.length() <= 1024, "upns", upn);
    }
    for (String address : ipAddresses) {
      require(isAddress(address), "ipAddresses", address);
    }
    if (all().count() > MOST || all().mapToInt(String::length).sum() > MOST_CHARACTERS) {
      throw invalid(
          "sans has more than " + MOST + " names or " + MOST_CHARACTERS + " characters");
    }
  }

  /** Whether a text is an address of IPv4 or IPv6 as certificates name it. */
  public static boolean isAddress(String text) {
    return IP_V4.matcher(text).matches()
        || text.indexOf(':') >= 0 && IP_V6.matcher(text).matches() && isLiteral(text);
  }

  private static boolean isLiteral(String address) {
    try {
      InetAddress.ofLiteral(address);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Stream<String> all() {
    return Stream.of(emails, dnsNames, upns, uris, ipAddresses).flatMap(List::stream);
  }

  private static void requireAll(List<String> names, Pattern form, String member) {
    names.forEach(name -> require(form.matcher(name).matches(), member, name));
  }

  private static void require(boolean fits, String member, String name) {
    if (!fits) {
      throw invalid("sans." + member + " has " + name.substring(0, Math.min(64, name.length())));
    }
  }

  private static VaultException invalid(String reason) {
    return VaultException.of(ErrorCode.CERTIFICATE_POLICY_INVALID, "reason", reason);
  }
}
