package dev.strongroom.store;

import dev.strongroom.model.SecretBytes;

/** How to reach PostgreSQL: a JDBC address, a role and its password. */
public record PostgresSettings(String url, String user, SecretBytes password, int poolSize) {
  public PostgresSettings {
    if (poolSize < 2) {
      // because the committer keeps one connection for itself
      throw new IllegalArgumentException("a pool for PostgreSQL needs at least 2 connections");
    }
  }
}
