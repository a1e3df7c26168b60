package dev.strongroom.http;

import java.util.Map;

/**
 * What goes on the wire. Of what belongs to vaults only {@link Gateway#settle} makes one, after the
 * audit record is written.
 *
 * @param closes whether the connection ends with it, because where the next request begins is
 *     unknown
 */
public record Reply(int status, Map<String, String> headers, byte[] body, boolean closes) {}
