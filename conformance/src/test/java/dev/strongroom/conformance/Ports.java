package dev.strongroom.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of loopback that nobody uses. */
final class Ports {
  private Ports() {}

  static int free(String address) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      return free.getLocalPort();
    }
  }
}
