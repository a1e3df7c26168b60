package dev.strongroom.http;

/**
 * What a host of this server stands for; it decides which routes, tokens and error shapes apply.
 */
public enum Role {
  /** Objects of one container. */
  VAULT,
  /** Tokens and discovery. */
  LOGIN,
  /** Resources, as Azure Resource Manager. */
  MANAGEMENT
}
