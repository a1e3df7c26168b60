package dev.strongroom.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.model.Id;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScopesTest {
  private static final Id TENANT = Id.guid("11111111-1111-1111-1111-111111111111");

  @ParameterizedTest
  @CsvSource({
    "/, /, true",
    "/, /subscriptions/s, true",
    "/subscriptions/s, /subscriptions/s, true",
    "/subscriptions/s, /SUBSCRIPTIONS/S/resourcegroups/g, true",
    "/subscriptions/s, /subscriptions/s2, false",
    "/subscriptions/s, /, false",
    "/subscriptions/s/resourceGroups/g, /subscriptions/s, false",
    "/subscriptions/s/resourceGroups/g, /subscriptions/s/resourceGroups/g-2, false",
  })
  void covers_isByWholeSegmentsWithoutCase(String scope, String resource, boolean expected) {
    assertThat(Scopes.covers(scope, resource, TENANT)).isEqualTo(expected);
  }

  @Test
  void covers_rootManagementGroup_isEverySubscriptionOfItsTenantOnly() {
    String group = Scopes.rootManagementGroup(TENANT);

    assertThat(Scopes.covers(group, "/subscriptions/s/resourceGroups/g", TENANT)).isTrue();
    assertThat(Scopes.covers(group, "/", TENANT)).isFalse();
    assertThat(Scopes.covers(group, group, TENANT)).isTrue();
    assertThat(
            Scopes.covers(
                Scopes.rootManagementGroup(Id.guid("22222222-2222-2222-2222-222222222222")),
                "/subscriptions/s",
                TENANT))
        .isFalse();
  }

  @Test
  void subscriptionOf_readsTheSecondSegment() {
    assertThat(Scopes.subscriptionOf("/Subscriptions/" + TENANT.guid() + "/resourceGroups/g"))
        .contains(TENANT);
    assertThat(Scopes.subscriptionOf("/subscriptions/none")).isEmpty();
    assertThat(Scopes.subscriptionOf("/")).isEmpty();
  }
}
