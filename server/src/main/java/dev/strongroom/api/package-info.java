/**
 * The wire: each {@code ...Api} parses requests, calls what they mean, and renders Azure's JSON.
 *
 * <p>It promises that past the parser nothing is a raw string, that members unknown to the request's
 * api-version are neither read nor written, and that an answer holds what its api-version says. It
 * knows {@code control}, {@code vault}, {@code identity}, {@code access} and {@code model}; it never
 * sees the HTTP library. Start reading at {@link dev.strongroom.api.SecretsApi}.
 */
package dev.strongroom.api;
