/**
 * Who may do what: role assignments and access policies become one {@link
 * dev.strongroom.access.Decision}.
 *
 * <p>It promises that nothing is allowed without a rule that says so, that times are looked at per
 * request, and that what is cached are rules, never outcomes. It knows {@code store} and {@code
 * model}. Start reading at {@link dev.strongroom.access.Access}.
 */
package dev.strongroom.access;
