package dev.strongroom.access;

import java.util.Optional;

/**
 * The answer to "may this principal do this there", with what said so: the audit record and the
 * refusal are filled from it.
 *
 * @param rule the role assignment's id, or "accessPolicy"
 * @param reason Azure's decision reason on a refusal
 */
public record Decision(boolean allowed, Optional<String> rule, String reason) {}
