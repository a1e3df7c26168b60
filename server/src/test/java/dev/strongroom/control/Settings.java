package dev.strongroom.control;

import dev.strongroom.model.Container.AccessPolicy;
import dev.strongroom.model.Id;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds settings of a request, one member at a time. */
final class Settings {
  private boolean recover;
  private Optional<String> location = Optional.empty();
  private Optional<Id> tenant = Optional.empty();
  private Optional<String> sku = Optional.empty();
  private Optional<Boolean> rbac = Optional.empty();
  private Optional<List<AccessPolicy>> policies = Optional.empty();
  private Optional<Integer> retention = Optional.empty();
  private Optional<Boolean> purgeProtection = Optional.empty();
  private Optional<Map<String, String>> tags = Optional.empty();

  static Settings none() {
    return new Settings();
  }

  static Settings of(Estate estate) {
    Settings settings = new Settings();
    settings.location = Optional.of(Estate.LOCATION);
    settings.tenant = Optional.of(estate.tenant);
    settings.sku = Optional.of("standard");
    settings.rbac = Optional.of(true);
    return settings;
  }

  Settings recover() {
    recover = true;
    return this;
  }

  Settings location(String value) {
    location = Optional.of(value);
    return this;
  }

  Settings tenant(Id value) {
    tenant = Optional.of(value);
    return this;
  }

  Settings sku(String value) {
    sku = Optional.of(value);
    return this;
  }

  Settings rbac(Optional<Boolean> value) {
    rbac = value;
    return this;
  }

  Settings policies(List<AccessPolicy> value) {
    policies = Optional.of(value);
    return this;
  }

  Settings retention(int value) {
    retention = Optional.of(value);
    return this;
  }

  Settings purgeProtection(boolean value) {
    purgeProtection = Optional.of(value);
    return this;
  }

  Settings tags(Map<String, String> value) {
    tags = Optional.of(value);
    return this;
  }

  VaultSettings build() {
    return new VaultSettings(
        recover,
        location,
        tenant,
        sku,
        rbac,
        policies,
        retention,
        purgeProtection,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        tags);
  }
}
