// Runs the shared case list with the Azure SDK for JavaScript and reports one line per case (TAP).
// Reads the scene, a JSON file named by STRONGROOM_SCENE: URLs, applications and tokens.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";

const scene = JSON.parse(readFileSync(process.env.STRONGROOM_SCENE, "utf8"));
const login = { authorityHost: scene.authorityHost, disableInstanceDiscovery: true };
const poll = { intervalInMs: 200 };
const cases = [];

function test(name, run) {
  cases.push({ name, run });
}

function client(credential, vaultUrl = scene.vaultUrl) {
  return new SecretClient(vaultUrl, credential, { retryOptions: { maxRetries: 0 } });
}

function bySecret({ clientId, clientSecret }) {
  return new ClientSecretCredential(scene.tenantId, clientId, clientSecret, login);
}

/** A credential that always answers the same token, whatever it is worth. */
function fixedToken(token) {
  return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
}

const admin = client(bySecret(scene.admin));
const reader = client(bySecret(scene.reader));
const roleless = client(bySecret(scene.roleless));

async function refused(status, code, action) {
  let error;
  try {
    await action();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error, `was not refused with ${status} ${code}`);
  assert.equal(error.statusCode, status, `status of: ${error.message}`);
  assert.equal(error.details?.error.innerError?.code ?? error.code, code, "error code");
}

async function deleteAndSettle(name) {
  const poller = await admin.beginDeleteSecret(name, poll);
  return poller.pollUntilDone({ abortSignal: AbortSignal.timeout(60_000) });
}

async function recoverAndSettle(name) {
  const poller = await admin.beginRecoverDeletedSecret(name, poll);
  return poller.pollUntilDone({ abortSignal: AbortSignal.timeout(60_000) });
}

async function all(items) {
  const result = [];
  for await (const item of items) {
    result.push(item);
  }
  return result;
}

async function readsWith(credential) {
  await admin.setSecret("login", "reached");
  assert.equal((await client(credential).getSecret("login")).value, "reached");
}

async function withEnvironment(variables, action) {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await action();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = before[name];
      }
    }
  }
}

test("login_clientSecret_readsSecret", () => readsWith(bySecret(scene.admin)));

test("login_certificate_readsSecret", () =>
  readsWith(
    new ClientCertificateCredential(
      scene.tenantId,
      scene.certificate.clientId,
      { certificatePath: scene.certificate.certificateFile },
      login,
    ),
  ));

test("login_workloadIdentity_readsSecret", () =>
  readsWith(
    new WorkloadIdentityCredential({
      tenantId: scene.tenantId,
      clientId: scene.federated.clientId,
      tokenFilePath: scene.federated.tokenFile,
      ...login,
    }),
  ));

test("login_defaultCredentialBySecret_readsSecret", () =>
  withEnvironment(
    {
      AZURE_AUTHORITY_HOST: scene.authorityHost,
      AZURE_TENANT_ID: scene.tenantId,
      AZURE_CLIENT_ID: scene.admin.clientId,
      AZURE_CLIENT_SECRET: scene.admin.clientSecret,
    },
    () => readsWith(new DefaultAzureCredential({ disableInstanceDiscovery: true })),
  ));

test("login_defaultCredentialByWorkloadIdentity_readsSecret", () =>
  withEnvironment(
    {
      AZURE_AUTHORITY_HOST: scene.authorityHost,
      AZURE_TENANT_ID: scene.tenantId,
      AZURE_CLIENT_ID: scene.federated.clientId,
      AZURE_FEDERATED_TOKEN_FILE: scene.federated.tokenFile,
    },
    () => readsWith(new DefaultAzureCredential({ disableInstanceDiscovery: true })),
  ));

test("login_wrongClientSecret_isRefused", () => {
  const wrong = bySecret({ clientId: scene.admin.clientId, clientSecret: "not-the-secret" });
  return assert.rejects(client(wrong).getSecret("login"), /AADSTS7000215/);
});

test("secretSet_newName_returnsWhatWasSet", async () => {
  const { name, value, properties } = await admin.setSecret("Set-New", "v1", {
    contentType: "text/plain",
    tags: { a: "b" },
  });
  assert.equal(name, "Set-New");
  assert.equal(value, "v1");
  assert.equal(properties.contentType, "text/plain");
  assert.deepEqual({ ...properties.tags }, { a: "b" });
  assert.match(properties.version, /^[0-9a-f]{32}$/);
  assert.equal(properties.id, `${scene.vaultUrl}/secrets/Set-New/${properties.version}`);
  assert.equal(properties.enabled, true);
  assert.ok(properties.createdOn instanceof Date, "created is set");
  assert.ok(properties.recoveryLevel, "recovery level is set");
});

test("secretGet_latest_returnsNewestVersion", async () => {
  await admin.setSecret("get-latest", "old");
  const newest = await admin.setSecret("get-latest", "new");
  const secret = await admin.getSecret("get-latest");
  assert.equal(secret.value, "new");
  assert.equal(secret.properties.version, newest.properties.version);
});

test("secretGet_olderVersion_returnsItsValue", async () => {
  const older = await admin.setSecret("get-older", "old");
  await admin.setSecret("get-older", "new");
  const secret = await admin.getSecret("get-older", { version: older.properties.version });
  assert.equal(secret.value, "old");
  assert.equal(secret.properties.id, older.properties.id);
});

test("secretGet_unusualValue_returnsItUnchanged", async () => {
  const value = 'line\nquote " backslash \\ tab \t umlaut ü kanji 鍵 emoji 🔑 ';
  await admin.setSecret("unusual", value);
  assert.equal((await admin.getSecret("unusual")).value, value);
  await admin.setSecret("unusual", "x".repeat(25_000));
  assert.equal((await admin.getSecret("unusual")).value, "x".repeat(25_000));
});

test("secretGet_outsideNotBeforeAndExpiry_returnsValueAndTimes", async () => {
  const expiresOn = new Date("2020-01-01T00:00:00Z");
  const notBefore = new Date("2035-01-01T00:00:00Z");
  await admin.setSecret("expired", "v", { expiresOn });
  await admin.setSecret("not-yet", "v", { notBefore });
  const expired = await admin.getSecret("expired");
  assert.equal(expired.value, "v");
  assert.deepEqual(expired.properties.expiresOn, expiresOn);
  const notYet = await admin.getSecret("not-yet");
  assert.equal(notYet.value, "v");
  assert.deepEqual(notYet.properties.notBefore, notBefore);
});

test("secretListVersions_severalVersions_listsEachOnce", async () => {
  const made = [];
  for (const value of ["v0", "v1", "v2", "v3"]) {
    made.push((await admin.setSecret("versions", value)).properties.version);
  }
  const listed = await all(admin.listPropertiesOfSecretVersions("versions"));
  assert.deepEqual(listed.map((p) => p.version).sort(), made.sort());
});

test("secretList_overSixtySecrets_listsEachOnceInPages", async () => {
  const made = Array.from({ length: 62 }, (_, n) => `many-${String(n).padStart(2, "0")}`);
  for (const name of made) {
    await admin.setSecret(name, "v");
  }
  const pages = await all(admin.listPropertiesOfSecrets().byPage());
  assert.ok(pages.length >= 3, `expected three pages or more, got ${pages.length}`);
  assert.ok(
    pages.every((page) => page.length <= 25),
    "a page holds at most 25 secrets",
  );
  const listed = pages.flat().map((p) => p.name);
  assert.equal(new Set(listed).size, listed.length, "a name is listed twice");
  assert.deepEqual(
    made.filter((name) => !listed.includes(name)),
    [],
    "not listed",
  );
});

test("secretUpdate_attributesTagsAndContentType_areKept", async () => {
  const secret = await admin.setSecret("update", "v", { contentType: "a", tags: { old: "1" } });
  const change = {
    contentType: "b",
    tags: { new: "2" },
    notBefore: new Date("2024-01-01T00:00:00Z"),
    expiresOn: new Date("2034-01-01T00:00:00Z"),
  };
  await admin.updateSecretProperties("update", secret.properties.version, change);
  const { value, properties } = await admin.getSecret("update");
  assert.equal(value, "v");
  assert.equal(properties.version, secret.properties.version);
  assert.equal(properties.contentType, "b");
  assert.deepEqual({ ...properties.tags }, { new: "2" });
  assert.deepEqual(properties.notBefore, change.notBefore);
  assert.deepEqual(properties.expiresOn, change.expiresOn);
});

test("secretDelete_live_endsInDeletedState", async () => {
  await admin.setSecret("delete", "v");
  await deleteAndSettle("delete");
  await refused(404, "SecretNotFound", () => admin.getSecret("delete"));
});

test("secretGetDeleted_deleted_returnsRecoveryAndTimes", async () => {
  await admin.setSecret("get-deleted", "v");
  await deleteAndSettle("get-deleted");
  const deleted = await admin.getDeletedSecret("get-deleted");
  assert.equal(deleted.name, "get-deleted");
  assert.equal(deleted.properties.recoveryId, `${scene.vaultUrl}/deletedsecrets/get-deleted`);
  assert.ok(deleted.properties.scheduledPurgeDate > deleted.properties.deletedOn);
});

test("secretListDeleted_severalDeleted_listsEach", async () => {
  const names = ["list-deleted-1", "list-deleted-2", "list-deleted-3"];
  for (const name of names) {
    await admin.setSecret(name, "v");
    await deleteAndSettle(name);
  }
  const listed = (await all(admin.listDeletedSecrets())).map((deleted) => deleted.name);
  assert.deepEqual(
    names.filter((name) => !listed.includes(name)),
    [],
    "not listed",
  );
});

test("secretRecover_deleted_bringsBackEveryVersion", async () => {
  const first = await admin.setSecret("recover", "one");
  const second = await admin.setSecret("recover", "two");
  await deleteAndSettle("recover");
  await recoverAndSettle("recover");
  assert.equal((await admin.getSecret("recover")).properties.id, second.properties.id);
  const older = await admin.getSecret("recover", { version: first.properties.version });
  assert.equal(older.value, "one");
  await refused(404, "SecretNotFound", () => admin.getDeletedSecret("recover"));
});

test("secretPurge_deleted_leavesNothing", async () => {
  await admin.setSecret("purge", "v");
  await deleteAndSettle("purge");
  await admin.purgeDeletedSecret("purge");
  await refused(404, "SecretNotFound", () => admin.getDeletedSecret("purge"));
  await refused(404, "SecretNotFound", () => admin.getSecret("purge"));
});

test("secretRestore_afterPurge_bringsBackSameVersions", async () => {
  const first = await admin.setSecret("restored", "one", { tags: { n: "1" } });
  const second = await admin.setSecret("restored", "two");
  const backup = await admin.backupSecret("restored");
  await deleteAndSettle("restored");
  await admin.purgeDeletedSecret("restored");
  assert.equal((await admin.restoreSecretBackup(backup)).name, "restored");
  const listed = await all(admin.listPropertiesOfSecretVersions("restored"));
  assert.deepEqual(
    listed.map((p) => p.version).sort(),
    [first.properties.version, second.properties.version].sort(),
  );
  assert.equal((await admin.getSecret("restored")).value, "two");
  const older = await admin.getSecret("restored", { version: first.properties.version });
  assert.equal(older.value, "one");
  assert.deepEqual({ ...older.properties.tags }, { n: "1" });
  assert.deepEqual(older.properties.createdOn, first.properties.createdOn);
});

test("secretGet_withReadingRole_returnsValue", async () => {
  await admin.setSecret("for-reader", "v");
  assert.equal((await reader.getSecret("for-reader")).value, "v");
});

test("secretSet_withReadingRole_isForbiddenByRbac", async () => {
  await refused(403, "ForbiddenByRbac", () => reader.setSecret("by-reader", "v"));
  await refused(404, "SecretNotFound", () => admin.getSecret("by-reader"));
});

test("secretGet_withoutRole_isForbiddenByRbac", async () => {
  await admin.setSecret("for-nobody", "v");
  await refused(403, "ForbiddenByRbac", () => roleless.getSecret("for-nobody"));
});

// Of a list this client keeps the outer code alone.
test("secretList_withoutRole_isForbiddenByRbac", () =>
  refused(403, "Forbidden", () => all(roleless.listPropertiesOfSecrets())));

test("secretGet_unknownWithoutRole_isForbiddenByRbac", () =>
  refused(403, "ForbiddenByRbac", () => roleless.getSecret("does-not-exist")));

test("secretGet_inOtherVault_isForbiddenByRbac", () =>
  refused(403, "ForbiddenByRbac", () =>
    client(bySecret(scene.admin), scene.otherVaultUrl).getSecret("login"),
  ));

async function unauthorizedWith(token) {
  await admin.setSecret("for-tokens", "v");
  await refused(401, "Unauthorized", () => client(fixedToken(token)).getSecret("for-tokens"));
}

test("secretGet_expiredToken_isUnauthorized", () => unauthorizedWith(scene.tokens.expired));

test("secretGet_forgedToken_isUnauthorized", () => unauthorizedWith(scene.tokens.forged));

test("secretGet_tokenOfOtherTenant_isUnauthorized", () =>
  unauthorizedWith(scene.tokens.otherTenant));

test("secretGet_tokenForOtherAudience_isUnauthorized", () =>
  unauthorizedWith(scene.tokens.otherAudience));

test("secretGet_disabled_isSecretDisabled", async () => {
  const { properties } = await admin.setSecret("disabled", "v", { enabled: false });
  await refused(403, "SecretDisabled", () => admin.getSecret("disabled"));
  await admin.updateSecretProperties("disabled", properties.version, { enabled: true });
  assert.equal((await admin.getSecret("disabled")).value, "v");
});

test("secretSet_nameInDeletedState_isObjectIsDeletedButRecoverable", async () => {
  await admin.setSecret("taken", "v");
  await deleteAndSettle("taken");
  await refused(409, "ObjectIsDeletedButRecoverable", () => admin.setSecret("taken", "w"));
});

test("secretGet_unknown_isSecretNotFound", () =>
  refused(404, "SecretNotFound", () => admin.getSecret("does-not-exist")));

test("secretGet_unknownVersion_isSecretNotFound", async () => {
  await admin.setSecret("one-version", "v");
  await refused(404, "SecretNotFound", () =>
    admin.getSecret("one-version", { version: "0".repeat(32) }),
  );
});

test("secretGetDeleted_live_isSecretNotFound", async () => {
  await admin.setSecret("alive", "v");
  await refused(404, "SecretNotFound", () => admin.getDeletedSecret("alive"));
});

test("secretSet_badName_isBadParameter", () =>
  refused(400, "BadParameter", () => admin.setSecret("bad_name", "v")));

test("secretSet_valueTooLong_isBadParameter", () =>
  refused(400, "BadParameter", () => admin.setSecret("too-long", "x".repeat(25_601))));

test("secretRestore_malformedBackup_isBadParameter", () =>
  refused(400, "BadParameter", () =>
    admin.restoreSecretBackup(new TextEncoder().encode("not a backup")),
  ));

test("secretRestore_nameInUse_isConflict", async () => {
  await admin.setSecret("in-use", "v");
  const backup = await admin.backupSecret("in-use");
  await refused(409, "Conflict", () => admin.restoreSecretBackup(backup));
});

console.log(`1..${cases.length}`);
for (const { name, run } of cases) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`not ok ${name} - ${String(error).replace(/\s+/g, " ")}`);
  }
}
