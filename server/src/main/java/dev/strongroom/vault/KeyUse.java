package dev.strongroom.vault;

import dev.strongroom.model.Container;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.ObjectName;
import dev.strongroom.model.Origin;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which key is to be used, and how.
 *
 * @param algorithm empty where the key has only one, as those of type AKP
 * @param kid the key's URL, for refusals that name it
 */
public record KeyUse(
    Container container,
    ObjectName name,
    Optional<Id> version,
    Optional<KeyAlgorithm> algorithm,
    Function<VaultObject, String> kid,
    Origin origin) {}
