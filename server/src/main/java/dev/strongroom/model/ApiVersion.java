package dev.strongroom.model;

import java.util.Optional;

/** Every api-version of the data plane, oldest first: the order decides what a member needs. */
public enum ApiVersion {
  V2015_06_01("2015-06-01"),
  V2016_10_01("2016-10-01"),
  V7_0_PREVIEW("7.0-preview"),
  V7_0("7.0"),
  V7_1_PREVIEW("7.1-preview"),
  V7_1("7.1"),
  V7_2_PREVIEW("7.2-preview"),
  V7_2("7.2"),
  V7_3_PREVIEW("7.3-preview"),
  V7_3("7.3"),
  V7_4_PREVIEW_1("7.4-preview.1"),
  V7_4("7.4"),
  V7_5_PREVIEW_1("7.5-preview.1"),
  V7_5("7.5"),
  V7_6_PREVIEW_1("7.6-preview.1"),
  V7_6_PREVIEW_2("7.6-preview.2"),
  V7_6("7.6"),
  V2025_06_01_PREVIEW("2025-06-01-preview"),
  V2025_07_01("2025-07-01"),
  V2026_01_01_PREVIEW("2026-01-01-preview"),
  V2026_03_01_PREVIEW("2026-03-01-preview"),
  V2026_04_01("2026-04-01"),
  V2026_05_01_PREVIEW("2026-05-01-preview"),
  V2026_07_01_PREVIEW("2026-07-01-preview");

  private final String wire;

  ApiVersion(String wire) {
    this.wire = wire;
  }

  public String wire() {
    return wire;
  }

  public boolean atLeast(ApiVersion other) {
    return compareTo(other) >= 0;
  }

  public static Optional<ApiVersion> find(String wire) {
    for (ApiVersion version : values()) {
      if (version.wire.equals(wire)) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }
}
