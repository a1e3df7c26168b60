/**
 * The edge: listeners, the table of routes, and the one pipeline that every request takes, in one
 * order of answers.
 *
 * <p>It promises that no operation can be reached around {@link dev.strongroom.http.Gateway}, that
 * a body is read only after permission, that every answer (also to what never became a request) has
 * its audit record before it leaves, and that what a client can make the server hold is bounded.
 * Beside it stands {@link dev.strongroom.http.PublicDocuments}, in the clear and without records,
 * from which nothing of a vault can be reached.
 * The HTTP library is seen by {@link dev.strongroom.http.Listener} and what it is made of, nowhere
 * else. It knows {@code api}, {@code control}, {@code identity}, {@code access}, {@code audit} and
 * {@code model}. Start reading at {@link dev.strongroom.http.Gateway}.
 */
package dev.strongroom.http;
