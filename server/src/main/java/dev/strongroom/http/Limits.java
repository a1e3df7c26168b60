package dev.strongroom.http;

import java.time.Duration;

/**
 * What a client may cost before it is let go.
 *
 * @param handshake from the connection to the end of the TLS handshake
 * @param header from the first byte of a request to the end of its headers
 * @param body for the whole body, from when it is asked for
 * @param idle without a request on an open connection; never while one is worked on
 * @param leftover for a body that nobody read, after its answer
 * @param lineBytes the request line, or {@code :path}
 * @param headerBytes all headers of a request
 * @param leftoverBytes of a body that nobody read
 * @param streams HTTP/2 requests of one connection at once
 * @param resetsPerWindow HTTP/2 resets of one connection within 30 s
 * @param working requests that are worked on at once; further ones are told to come again
 */
public record Limits(
    Duration handshake,
    Duration header,
    Duration body,
    Duration idle,
    Duration leftover,
    int lineBytes,
    int headerBytes,
    int leftoverBytes,
    int streams,
    int resetsPerWindow,
    int working) {

  public static Limits standard() {
    return new Limits(
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        Duration.ofSeconds(5),
        8 << 10,
        32 << 10,
        256 << 10,
        100,
        200,
        1024);
  }

  /** For public documents in the clear: little is asked, and nobody has signed in. */
  public static Limits ofPublicDocuments() {
    return new Limits(
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofSeconds(1),
        8 << 10,
        8 << 10,
        16 << 10,
        1,
        1,
        256);
  }
}
