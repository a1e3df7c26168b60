package dev.strongroom.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Addresses and networks of the proxies in front of a listener. What others say in {@code
 * X-Forwarded-} headers is ignored.
 */
public final class Proxies {
  public static final Proxies NONE = new Proxies(List.of());

  // because InetAddress would ask the resolver about anything else
  private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private record Network(byte[] address, int bits) {}

  private final List<Network> networks;

  private Proxies(List<Network> networks) {
    this.networks = List.copyOf(networks);
  }

  /** Each an IP address or a network such as 10.0.0.0/8. */
  public static Proxies of(List<String> texts) {
    List<Network> networks = new ArrayList<>();
    for (String text : texts) {
      int slash = text.indexOf('/');
      byte[] address = bytes(slash < 0 ? text : text.substring(0, slash));
      if (address.length == 0) {
        throw new IllegalArgumentException("not an IP address or network: " + text);
      }
      int bits = slash < 0 ? address.length * 8 : Integer.parseInt(text.substring(slash + 1));
      if (bits < 0 || bits > address.length * 8) {
        throw new IllegalArgumentException("not a network: " + text);
      }
      networks.add(new Network(address, bits));
    }
    return new Proxies(networks);
  }

  public boolean trust(String address) {
    if (networks.isEmpty()) {
      return false;
    }
    byte[] bytes = bytes(address);
    return networks.stream().anyMatch(network -> contains(network, bytes));
  }

  /**
   * Who really asked: the last address of {@code X-Forwarded-For} that is no trusted proxy; the
   * sender itself when it is not trusted or the header does not hold addresses.
   */
  public String client(String remoteAddress, List<String> forwardedFor) {
    String client = remoteAddress;
    List<String> hops = new ArrayList<>();
    forwardedFor.forEach(value -> hops.addAll(List.of(value.split(",", -1))));
    while (!hops.isEmpty() && trust(client)) {
      String hop = hops.removeLast().strip();
      if (bytes(hop).length == 0) {
        break;
      }
      client = hop;
    }
    return client;
  }

  private static boolean contains(Network network, byte[] address) {
    if (network.address().length != address.length) {
      return false;
    }
    for (int bit = 0; bit < network.bits(); bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((network.address()[bit >> 3] & mask) != (address[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] bytes(String literal) {
    if (!LITERAL.matcher(literal).matches()) {
      return new byte[0];
    }
    try {
      return InetAddress.getByName(literal).getAddress();
    } catch (UnknownHostException e) {
      return new byte[0];
    }
  }
}
