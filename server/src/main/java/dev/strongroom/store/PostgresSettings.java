package dev.strongroom.store;

import dev.strongroom.model.SecretBytes;

/** How to reach PostgreSQL: a JDBC address, a role and its password. */
public record PostgresSettings(String url, String user, SecretBytes password, int poolSize) {}
