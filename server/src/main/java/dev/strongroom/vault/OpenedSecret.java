package dev.strongroom.vault;

import dev.strongroom.model.SecretBytes;

/** A secret with its value, which whoever renders it closes. */
public record OpenedSecret(Secret secret, SecretBytes value) {}
