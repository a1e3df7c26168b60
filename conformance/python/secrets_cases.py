"""Runs the shared case list with the Azure SDK for Python and reports one line per case (TAP).

Reads the scene, a JSON file named by STRONGROOM_SCENE: URLs, applications and tokens.
"""

import json
import os
import sys
import time
from datetime import datetime, timezone

from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    WorkloadIdentityCredential,
)
from azure.keyvault.secrets import SecretClient

with open(os.environ["STRONGROOM_SCENE"], encoding="utf-8") as file:
    SCENE = json.load(file)

LOGIN = {"authority": SCENE["authorityHost"], "disable_instance_discovery": True}
CASES = []


def case(name):
    def register(function):
        CASES.append((name, function))
        return function

    return register


class FixedToken:
    """A credential that always answers the same token, whatever it is worth."""

    def __init__(self, token):
        self._token = token

    def get_token(self, *scopes, **kwargs):
        return AccessToken(self._token, int(time.time()) + 3600)


def client(credential, vault_url=SCENE["vaultUrl"]):
    return SecretClient(vault_url, credential, retry_total=0)


def by_secret(application):
    return ClientSecretCredential(
        SCENE["tenantId"], application["clientId"], application["clientSecret"], **LOGIN
    )


ADMIN = client(by_secret(SCENE["admin"]))
READER = client(by_secret(SCENE["reader"]))
ROLELESS = client(by_secret(SCENE["roleless"]))


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def equal(actual, expected, what):
    check(actual == expected, f"{what}: expected {expected!r}, got {actual!r}")


def refused(status, code, action):
    try:
        result = action()
        if hasattr(result, "__iter__"):
            list(result)
    except HttpResponseError as error:
        text = error.response.text() if error.response is not None else ""
        equal(error.status_code, status, f"status of {text or error}")
        body = json.loads(text)["error"]
        inner = (body.get("innererror") or {}).get("code")
        equal(inner or body["code"], code, "error code")
        return error
    raise AssertionError(f"was not refused with {status} {code}")



def delete_and_settle(name):
    poller = ADMIN.begin_delete_secret(name, _polling_interval=0.2)
    poller.wait(60)
    check(poller.done(), f"{name} was not deleted within a minute")
    return poller.result()


def recover_and_settle(name):
    poller = ADMIN.begin_recover_deleted_secret(name, _polling_interval=0.2)
    poller.wait(60)
    check(poller.done(), f"{name} was not recovered within a minute")
    return poller.result()


def reads_with(credential):
    ADMIN.set_secret("login", "reached")
    equal(client(credential).get_secret("login").value, "reached", "value")


def with_environment(variables, action):
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        action()
    finally:
        os.environ.clear()
        os.environ.update(before)


@case("login_clientSecret_readsSecret")
def _():
    reads_with(by_secret(SCENE["admin"]))


@case("login_certificate_readsSecret")
def _():
    application = SCENE["certificate"]
    reads_with(
        CertificateCredential(
            SCENE["tenantId"],
            application["clientId"],
            certificate_path=application["certificateFile"],
            **LOGIN,
        )
    )


@case("login_workloadIdentity_readsSecret")
def _():
    application = SCENE["federated"]
    reads_with(
        WorkloadIdentityCredential(
            tenant_id=SCENE["tenantId"],
            client_id=application["clientId"],
            token_file_path=application["tokenFile"],
            **LOGIN,
        )
    )


@case("login_defaultCredentialBySecret_readsSecret")
def _():
    with_environment(
        {
            "AZURE_AUTHORITY_HOST": SCENE["authorityHost"],
            "AZURE_TENANT_ID": SCENE["tenantId"],
            "AZURE_CLIENT_ID": SCENE["admin"]["clientId"],
            "AZURE_CLIENT_SECRET": SCENE["admin"]["clientSecret"],
        },
        lambda: reads_with(DefaultAzureCredential(disable_instance_discovery=True)),
    )


@case("login_defaultCredentialByWorkloadIdentity_readsSecret")
def _():
    with_environment(
        {
            "AZURE_AUTHORITY_HOST": SCENE["authorityHost"],
            "AZURE_TENANT_ID": SCENE["tenantId"],
            "AZURE_CLIENT_ID": SCENE["federated"]["clientId"],
            "AZURE_FEDERATED_TOKEN_FILE": SCENE["federated"]["tokenFile"],
        },
        lambda: reads_with(DefaultAzureCredential(disable_instance_discovery=True)),
    )


@case("login_wrongClientSecret_isRefused")
def _():
    wrong = {"clientId": SCENE["admin"]["clientId"], "clientSecret": "not-the-secret"}
    try:
        client(by_secret(wrong)).get_secret("login")
    except ClientAuthenticationError as error:
        check("AADSTS7000215" in str(error), f"expected AADSTS7000215 in {error}")
        return
    raise AssertionError("a wrong client secret was accepted")


@case("secretSet_newName_returnsWhatWasSet")
def _():
    secret = ADMIN.set_secret("Set-New", "v1", content_type="text/plain", tags={"a": "b"})
    equal(secret.name, "Set-New", "name")
    equal(secret.value, "v1", "value")
    equal(secret.properties.content_type, "text/plain", "content type")
    equal(secret.properties.tags, {"a": "b"}, "tags")
    equal(len(secret.properties.version), 32, "length of the version")
    equal(secret.id, f"{SCENE['vaultUrl']}/secrets/Set-New/{secret.properties.version}", "id")
    check(secret.properties.enabled, "a new secret is enabled")
    check(secret.properties.created_on is not None, "created is set")
    check(secret.properties.recovery_level, "recovery level is set")


@case("secretGet_latest_returnsNewestVersion")
def _():
    ADMIN.set_secret("get-latest", "old")
    newest = ADMIN.set_secret("get-latest", "new")
    secret = ADMIN.get_secret("get-latest")
    equal(secret.value, "new", "value")
    equal(secret.properties.version, newest.properties.version, "version")


@case("secretGet_olderVersion_returnsItsValue")
def _():
    older = ADMIN.set_secret("get-older", "old")
    ADMIN.set_secret("get-older", "new")
    secret = ADMIN.get_secret("get-older", older.properties.version)
    equal(secret.value, "old", "value")
    equal(secret.id, older.id, "id")


@case("secretGet_unusualValue_returnsItUnchanged")
def _():
    value = 'line\nquote " backslash \\ tab \t umlaut ü kanji 鍵 emoji 🔑 '
    ADMIN.set_secret("unusual", value)
    equal(ADMIN.get_secret("unusual").value, value, "value")
    ADMIN.set_secret("unusual", "x" * 25_000)
    equal(ADMIN.get_secret("unusual").value, "x" * 25_000, "long value")


@case("secretGet_outsideNotBeforeAndExpiry_returnsValueAndTimes")
def _():
    past = datetime(2020, 1, 1, tzinfo=timezone.utc)
    future = datetime(2035, 1, 1, tzinfo=timezone.utc)
    ADMIN.set_secret("expired", "v", expires_on=past)
    ADMIN.set_secret("not-yet", "v", not_before=future)
    expired = ADMIN.get_secret("expired")
    equal(expired.value, "v", "value of the expired secret")
    equal(expired.properties.expires_on, past, "expiry")
    not_yet = ADMIN.get_secret("not-yet")
    equal(not_yet.value, "v", "value of the secret that is not valid yet")
    equal(not_yet.properties.not_before, future, "not before")


@case("secretListVersions_severalVersions_listsEachOnce")
def _():
    made = {ADMIN.set_secret("versions", f"v{n}").properties.version for n in range(4)}
    listed = [p.version for p in ADMIN.list_properties_of_secret_versions("versions")]
    equal(len(listed), 4, "number of versions")
    equal(set(listed), made, "versions")


@case("secretList_overSixtySecrets_listsEachOnceInPages")
def _():
    made = {f"many-{n:02}" for n in range(62)}
    for name in made:
        ADMIN.set_secret(name, "v")
    pages = [[p.name for p in page] for page in ADMIN.list_properties_of_secrets().by_page()]
    check(len(pages) >= 3, f"expected three pages or more, got {len(pages)}")
    check(all(len(page) <= 25 for page in pages), "a page holds at most 25 secrets")
    listed = [name for page in pages for name in page]
    equal(len(listed), len(set(listed)), "number of different names")
    check(made <= set(listed), f"not listed: {made - set(listed)}")


@case("secretUpdate_attributesTagsAndContentType_areKept")
def _():
    secret = ADMIN.set_secret("update", "v", content_type="a", tags={"old": "1"})
    start = datetime(2024, 1, 1, tzinfo=timezone.utc)
    end = datetime(2034, 1, 1, tzinfo=timezone.utc)
    ADMIN.update_secret_properties(
        "update",
        secret.properties.version,
        content_type="b",
        tags={"new": "2"},
        not_before=start,
        expires_on=end,
    )
    updated = ADMIN.get_secret("update")
    equal(updated.value, "v", "value")
    equal(updated.properties.version, secret.properties.version, "version")
    equal(updated.properties.content_type, "b", "content type")
    equal(updated.properties.tags, {"new": "2"}, "tags")
    equal(updated.properties.not_before, start, "not before")
    equal(updated.properties.expires_on, end, "expiry")


@case("secretDelete_live_endsInDeletedState")
def _():
    ADMIN.set_secret("delete", "v")
    delete_and_settle("delete")
    refused(404, "SecretNotFound", lambda: ADMIN.get_secret("delete"))


@case("secretGetDeleted_deleted_returnsRecoveryAndTimes")
def _():
    ADMIN.set_secret("get-deleted", "v")
    delete_and_settle("get-deleted")
    deleted = ADMIN.get_deleted_secret("get-deleted")
    equal(deleted.name, "get-deleted", "name")
    equal(deleted.recovery_id, f"{SCENE['vaultUrl']}/deletedsecrets/get-deleted", "recovery id")
    check(deleted.scheduled_purge_date > deleted.deleted_date, "is purged after it was deleted")


@case("secretListDeleted_severalDeleted_listsEach")
def _():
    names = {"list-deleted-1", "list-deleted-2", "list-deleted-3"}
    for name in names:
        ADMIN.set_secret(name, "v")
        delete_and_settle(name)
    listed = {deleted.name for deleted in ADMIN.list_deleted_secrets()}
    check(names <= listed, f"not listed: {names - listed}")


@case("secretRecover_deleted_bringsBackEveryVersion")
def _():
    first = ADMIN.set_secret("recover", "one")
    second = ADMIN.set_secret("recover", "two")
    delete_and_settle("recover")
    recover_and_settle("recover")
    equal(ADMIN.get_secret("recover").id, second.id, "id of the newest version")
    equal(ADMIN.get_secret("recover", first.properties.version).value, "one", "older value")
    refused(404, "SecretNotFound", lambda: ADMIN.get_deleted_secret("recover"))


@case("secretPurge_deleted_leavesNothing")
def _():
    ADMIN.set_secret("purge", "v")
    delete_and_settle("purge")
    ADMIN.purge_deleted_secret("purge")
    refused(404, "SecretNotFound", lambda: ADMIN.get_deleted_secret("purge"))
    refused(404, "SecretNotFound", lambda: ADMIN.get_secret("purge"))


@case("secretRestore_afterPurge_bringsBackSameVersions")
def _():
    first = ADMIN.set_secret("restored", "one", tags={"n": "1"})
    second = ADMIN.set_secret("restored", "two")
    backup = ADMIN.backup_secret("restored")
    delete_and_settle("restored")
    ADMIN.purge_deleted_secret("restored")
    equal(ADMIN.restore_secret_backup(backup).name, "restored", "restored name")
    listed = {p.version for p in ADMIN.list_properties_of_secret_versions("restored")}
    equal(listed, {first.properties.version, second.properties.version}, "versions")
    equal(ADMIN.get_secret("restored").value, "two", "newest value")
    older = ADMIN.get_secret("restored", first.properties.version)
    equal(older.value, "one", "older value")
    equal(older.properties.tags, {"n": "1"}, "tags of the older version")
    equal(older.properties.created_on, first.properties.created_on, "creation time")


@case("secretGet_withReadingRole_returnsValue")
def _():
    ADMIN.set_secret("for-reader", "v")
    equal(READER.get_secret("for-reader").value, "v", "value")


@case("secretSet_withReadingRole_isForbiddenByRbac")
def _():
    refused(403, "ForbiddenByRbac", lambda: READER.set_secret("by-reader", "v"))
    refused(404, "SecretNotFound", lambda: ADMIN.get_secret("by-reader"))


@case("secretGet_withoutRole_isForbiddenByRbac")
def _():
    ADMIN.set_secret("for-nobody", "v")
    refused(403, "ForbiddenByRbac", lambda: ROLELESS.get_secret("for-nobody"))


@case("secretList_withoutRole_isForbiddenByRbac")
def _():
    refused(403, "ForbiddenByRbac", ROLELESS.list_properties_of_secrets)


@case("secretGet_unknownWithoutRole_isForbiddenByRbac")
def _():
    refused(403, "ForbiddenByRbac", lambda: ROLELESS.get_secret("does-not-exist"))


@case("secretGet_inOtherVault_isForbiddenByRbac")
def _():
    other = client(by_secret(SCENE["admin"]), SCENE["otherVaultUrl"])
    refused(403, "ForbiddenByRbac", lambda: other.get_secret("login"))


def unauthorized_with(token):
    ADMIN.set_secret("for-tokens", "v")
    refused(401, "Unauthorized", lambda: client(FixedToken(token)).get_secret("for-tokens"))


@case("secretGet_expiredToken_isUnauthorized")
def _():
    unauthorized_with(SCENE["tokens"]["expired"])


@case("secretGet_forgedToken_isUnauthorized")
def _():
    unauthorized_with(SCENE["tokens"]["forged"])


@case("secretGet_tokenOfOtherTenant_isUnauthorized")
def _():
    unauthorized_with(SCENE["tokens"]["otherTenant"])


@case("secretGet_tokenForOtherAudience_isUnauthorized")
def _():
    unauthorized_with(SCENE["tokens"]["otherAudience"])


@case("secretGet_disabled_isSecretDisabled")
def _():
    secret = ADMIN.set_secret("disabled", "v", enabled=False)
    refused(403, "SecretDisabled", lambda: ADMIN.get_secret("disabled"))
    ADMIN.update_secret_properties("disabled", secret.properties.version, enabled=True)
    equal(ADMIN.get_secret("disabled").value, "v", "value once enabled again")


@case("secretSet_nameInDeletedState_isObjectIsDeletedButRecoverable")
def _():
    ADMIN.set_secret("taken", "v")
    delete_and_settle("taken")
    refused(409, "ObjectIsDeletedButRecoverable", lambda: ADMIN.set_secret("taken", "w"))


@case("secretGet_unknown_isSecretNotFound")
def _():
    error = refused(404, "SecretNotFound", lambda: ADMIN.get_secret("does-not-exist"))
    check(isinstance(error, ResourceNotFoundError), "is a ResourceNotFoundError")


@case("secretGet_unknownVersion_isSecretNotFound")
def _():
    ADMIN.set_secret("one-version", "v")
    refused(404, "SecretNotFound", lambda: ADMIN.get_secret("one-version", "0" * 32))


@case("secretGetDeleted_live_isSecretNotFound")
def _():
    ADMIN.set_secret("alive", "v")
    refused(404, "SecretNotFound", lambda: ADMIN.get_deleted_secret("alive"))


@case("secretSet_badName_isBadParameter")
def _():
    refused(400, "BadParameter", lambda: ADMIN.set_secret("bad_name", "v"))


@case("secretSet_valueTooLong_isBadParameter")
def _():
    refused(400, "BadParameter", lambda: ADMIN.set_secret("too-long", "x" * 25_601))


@case("secretRestore_malformedBackup_isBadParameter")
def _():
    refused(400, "BadParameter", lambda: ADMIN.restore_secret_backup(b"not a backup"))


@case("secretRestore_nameInUse_isConflict")
def _():
    ADMIN.set_secret("in-use", "v")
    backup = ADMIN.backup_secret("in-use")
    refused(409, "Conflict", lambda: ADMIN.restore_secret_backup(backup))


print(f"1..{len(CASES)}", flush=True)
failures = 0
for case_name, run in CASES:
    try:
        run()
        print(f"ok {case_name}", flush=True)
    except Exception as problem:  # every problem is this case's result
        failures += 1
        reason = f"{type(problem).__name__}: {problem}".replace("\n", " ").replace("\r", " ")
        print(f"not ok {case_name} - {reason}", flush=True)
sys.exit(1 if failures else 0)
