package dev.strongroom.api;

import dev.strongroom.model.ErrorCode;
import dev.strongroom.model.VaultException;
import java.util.List;

/**
 * The api-versions of resource manager that each provider takes, newest first: those that official
 * clients send or have sent. They differ in what stands in {@link ControlApi}, not in shape.
 */
enum ControlVersions {
  KEY_VAULT(
      List.of(
          "2026-05-15",
          "2026-04-01",
          "2026-03-01-preview",
          "2026-02-01",
          "2025-05-01",
          "2024-12-01-preview",
          "2024-11-01",
          "2024-04-01-preview",
          "2023-07-01",
          "2023-02-01",
          "2022-11-01",
          "2022-07-01",
          "2022-02-01-preview",
          "2021-11-01-preview",
          "2021-10-01",
          "2021-06-01-preview",
          "2021-04-01-preview",
          "2020-04-01-preview",
          "2019-09-01",
          "2018-02-14",
          "2018-02-14-preview",
          "2016-10-01",
          "2015-06-01")),
  AUTHORIZATION(
      List.of(
          "2022-05-01-preview",
          "2022-04-01",
          "2020-10-01-preview",
          "2020-08-01-preview",
          "2020-04-01-preview",
          "2020-03-01-preview",
          "2018-09-01-preview",
          "2018-07-01",
          "2018-01-01-preview",
          "2017-10-01-preview",
          "2015-07-01")),
  LOCKS(List.of("2020-05-01", "2017-04-01", "2016-09-01", "2015-01-01")),
  RESOURCES(
      List.of(
          "2025-04-01",
          "2025-03-01",
          "2024-11-01",
          "2024-07-01",
          "2024-03-01",
          "2023-07-01",
          "2022-12-01",
          "2022-09-01",
          "2021-04-01",
          "2021-01-01",
          "2020-10-01",
          "2020-08-01",
          "2020-06-01",
          "2020-01-01",
          "2019-11-01",
          "2019-10-01",
          "2019-08-01",
          "2019-07-01",
          "2019-06-01",
          "2019-05-10",
          "2019-05-01",
          "2019-03-01",
          "2018-08-01",
          "2018-06-01",
          "2018-05-01",
          "2018-02-01",
          "2018-01-01",
          "2017-05-10",
          "2016-09-01",
          "2016-07-01",
          "2016-06-01",
          "2016-02-01",
          "2015-11-01",
          "2015-01-01",
          "2014-04-01"));

  /** From here on a new vault goes by role assignments unless the client says otherwise. */
  private static final String RBAC_BY_DEFAULT = "2026-02-01";

  private final List<String> all;

  ControlVersions(List<String> all) {
    this.all = all;
  }

  List<String> all() {
    return all;
  }

  /** The request's version, or the refusal of one that is not known here. */
  String of(Call call) {
    String version =
        call.query("api-version")
            .orElseThrow(() -> VaultException.of(ErrorCode.ARM_API_VERSION_MISSING));
    if (!all.contains(version)) {
      throw VaultException.of(ErrorCode.ARM_API_VERSION_UNKNOWN, "version", version);
    }
    return version;
  }

  static boolean isRbacByDefault(String version) {
    return version.compareTo(RBAC_BY_DEFAULT) >= 0;
  }
}
