package dev.strongroom.vault;

import dev.strongroom.model.SecretBytes;

/** A secret in one version with its value, which whoever renders it closes. */
public record Secret(VaultObject object, SecretBytes value) {}
