// Runs the shared list of certificate cases with the Azure SDK for JavaScript and reports one line per
// case (TAP). What the server makes is opened with node:crypto and openssl, which also signs its
// requests. Reads the scene, a JSON file named by STRONGROOM_SCENE.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClientSecretCredential } from "@azure/identity";
import { CertificateClient } from "@azure/keyvault-certificates";
import { KeyClient } from "@azure/keyvault-keys";
import { SecretClient } from "@azure/keyvault-secrets";

const scene = JSON.parse(readFileSync(process.env.STRONGROOM_SCENE, "utf8"));
const login = { authorityHost: scene.authorityHost, disableInstanceDiscovery: true };
const once = { retryOptions: { maxRetries: 0 } };
const poll = { intervalInMs: 200 };
const work = mkdtempSync(path.join(tmpdir(), "certificates-"));
const cases = [];

function test(name, run) {
  cases.push({ name, run });
}

function client(kind, { clientId, clientSecret }) {
  const credential = new ClientSecretCredential(scene.tenantId, clientId, clientSecret, login);
  return new kind(scene.vaultUrl, credential, once);
}

const admin = client(CertificateClient, scene.admin);
const roleless = client(CertificateClient, scene.roleless);
const secrets = client(SecretClient, scene.admin);
const keys = client(KeyClient, scene.admin);

async function refused(status, code, action) {
  let error;
  try {
    await action();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error, `was not refused with ${status} ${code}`);
  assert.equal(error.statusCode, status, `status of: ${error.message}`);
  const inner = error.details?.error.innerError?.code ?? error.details?.error.innererror?.code;
  assert.equal(inner ?? error.code, code, "error code");
}

async function all(items) {
  const result = [];
  for await (const item of items) {
    result.push(item);
  }
  return result;
}

function policy(name, options = {}) {
  return { issuerName: "Self", subject: `CN=${name}`, keyType: "EC", ...options };
}

async function create(name, wanted = policy(name)) {
  return (await admin.beginCreateCertificate(name, wanted, poll)).pollUntilDone();
}

/** Begins one that waits for merge; the poller is not asked again. */
async function pending(name) {
  await admin.beginCreateCertificate(name, policy(name, { issuerName: "Unknown" }), poll);
  return operation(name);
}

async function operation(name) {
  return (await admin.getCertificateOperation(name)).getOperationState().certificateOperation;
}

async function remove(name) {
  return (await admin.beginDeleteCertificate(name, poll)).pollUntilDone();
}

function openssl(...parts) {
  return execFileSync("openssl", parts, { cwd: work, stdio: ["ignore", "pipe", "pipe"] });
}

function newCertificate(name) {
  openssl(
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"],
    ...["-subj", `/CN=${name}`, "-days", "90", "-keyout", `${name}.key`, "-out", `${name}.pem`],
  );
  return new crypto.X509Certificate(readFileSync(path.join(work, `${name}.pem`)));
}

function newPfx(name) {
  const certificate = newCertificate(name);
  openssl(
    ...["pkcs12", "-export", "-inkey", `${name}.key`, "-in", `${name}.pem`],
    ...["-passout", "pass:word", "-out", `${name}.p12`],
  );
  return { certificate, pfx: readFileSync(path.join(work, `${name}.p12`)) };
}

/** PEM of key and certificates, as every TLS server takes it. */
function opens(pem, cer) {
  const certificate = new crypto.X509Certificate(cer);
  assert.ok(certificate.checkPrivateKey(crypto.createPrivateKey(pem)), "the key is another");
  assert.ok(pem.includes("-----BEGIN CERTIFICATE-----"));
}

function pfxToPem(base64) {
  writeFileSync(path.join(work, "secret.p12"), Buffer.from(base64, "base64"));
  return openssl("pkcs12", "-in", "secret.p12", "-passin", "pass:", "-noenc").toString();
}

test("certificateCreate_self_completesWithKeyAndSecret", async () => {
  const made = await create("self", { issuerName: "Self", subject: "CN=site.test" });
  assert.equal(made.policy.keyType, "RSA");
  assert.equal(made.policy.keySize, 2048);
  assert.equal(made.policy.contentType, "application/x-pkcs12");
  assert.equal(made.policy.validityInMonths, 12);
  const certificate = new crypto.X509Certificate(made.cer);
  assert.equal(certificate.subject, "CN=site.test");
  assert.ok(certificate.verify(certificate.publicKey));
  const key = await keys.getKey("self");
  assert.equal(key.id, made.keyId);
  assert.equal(key.properties.managed, true);
  const secret = await secrets.getSecret("self");
  assert.equal(secret.properties.id, made.secretId);
  assert.equal(secret.properties.certificateKeyId, made.keyId);
});

test("certificateCreate_everyProperty_isKept", async () => {
  const made = await create(
    "every",
    policy("every", {
      subjectAlternativeNames: {
        dnsNames: ["every.test", "*.every.test"],
        emails: ["a@every.test"],
        userPrincipalNames: ["u@every.test"],
        uniformResourceIdentifiers: ["spiffe://every.test/x"],
        ipAddresses: ["192.0.2.1"],
      },
      enhancedKeyUsage: ["1.3.6.1.5.5.7.3.2"],
      keyUsage: ["digitalSignature"],
      keyCurveName: "P-384",
      reuseKey: true,
      validityInMonths: 3,
      lifetimeActions: [{ action: "AutoRenew", daysBeforeExpiry: 20 }],
    }),
  );
  const kept = made.policy;
  assert.deepEqual(kept.subjectAlternativeNames.userPrincipalNames, ["u@every.test"]);
  assert.deepEqual(kept.subjectAlternativeNames.ipAddresses, ["192.0.2.1"]);
  assert.equal(kept.keyCurveName, "P-384");
  assert.equal(kept.reuseKey, true);
  assert.equal(kept.lifetimeActions[0].daysBeforeExpiry, 20);
  const certificate = new crypto.X509Certificate(made.cer);
  for (const name of ["DNS:*.every.test", "URI:spiffe://every.test/x", "IP Address:192.0.2.1"]) {
    assert.ok(certificate.subjectAltName.includes(name), certificate.subjectAltName);
  }
  assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
});

test("certificateCreate_again_isANewVersion", async () => {
  const first = await create("again");
  const second = await create("again");
  const listed = await all(admin.listPropertiesOfCertificateVersions("again"));
  assert.deepEqual(
    listed.map((item) => item.version).sort(),
    [first.properties.version, second.properties.version].sort(),
  );
  const old = await admin.getCertificateVersion("again", first.properties.version);
  assert.deepEqual(old.cer, first.cer);
});

test("certificateCreate_builtInAuthority_isSignedByIt", async () => {
  const made = await create("issued", policy("issued", { issuerName: "Strongroom" }));
  const leaf = new crypto.X509Certificate(made.cer);
  assert.equal(leaf.issuer, "CN=Conformance Issuing CA");
  const chain = pfxToPem((await secrets.getSecret("issued")).value);
  assert.equal(chain.match(/BEGIN CERTIFICATE/g).length, 2);
});

test("certificateSecret_pfx_opensElsewhere", async () => {
  const made = await create("pfx");
  opens(pfxToPem((await secrets.getSecret("pfx")).value), made.cer);
});

test("certificateSecret_pem_opensElsewhere", async () => {
  const made = await create("pem", policy("pem", { contentType: "application/x-pem-file" }));
  opens((await secrets.getSecret("pem")).value, made.cer);
});

test("certificateMerge_requestSignedElsewhere_isThatCertificate", async () => {
  const begun = await pending("merge");
  assert.equal(begun.status, "inProgress");
  writeFileSync(path.join(work, "merge.csr"), begun.csr);
  newCertificate("issuer");
  openssl(
    ...["x509", "-req", "-inform", "DER", "-in", "merge.csr", "-days", "90", "-CA"],
    ...["issuer.pem", "-CAkey", "issuer.key", "-outform", "DER", "-out", "merge.cer"],
  );
  const der = readFileSync(path.join(work, "merge.cer"));
  const merged = await admin.mergeCertificate("merge", [der]);
  assert.deepEqual(Buffer.from(merged.cer), der);
  opens(pfxToPem((await secrets.getSecret("merge")).value), der);
  assert.equal((await operation("merge")).status, "completed");
});

test("certificateCancel_pending_isCanceled", async () => {
  await pending("cancel");
  const poller = await admin.getCertificateOperation("cancel");
  await poller.cancelOperation();
  assert.equal((await operation("cancel")).status, "canceled");
  assert.equal((await operation("cancel")).cancellationRequested, true);
  const again = await admin.getCertificateOperation("cancel");
  await refused(400, "BadRequest", () => again.cancelOperation());
});

test("certificateDeletePending_pending_isGone", async () => {
  await pending("forget");
  await admin.deleteCertificateOperation("forget");
  await refused(404, "PendingCertificateNotFound", () => operation("forget"));
});

test("certificateImport_pfx_isTheSameCertificate", async () => {
  const { certificate, pfx } = newPfx("imported");
  const made = await admin.importCertificate("import-pfx", pfx, { password: "word" });
  assert.deepEqual(Buffer.from(made.cer), certificate.raw);
  assert.equal(made.policy.issuerName, "Unknown");
  assert.equal(made.policy.subject, "CN=imported");
});

test("certificateImport_pem_isTheSameCertificate", async () => {
  const certificate = newCertificate("imported");
  const pem = Buffer.concat(
    ["key", "pem"].map((end) => readFileSync(path.join(work, `imported.${end}`))),
  );
  const made = await admin.importCertificate("import-pem", pem, {
    policy: { contentType: "application/x-pem-file" },
  });
  assert.deepEqual(Buffer.from(made.cer), certificate.raw);
  assert.equal(made.policy.contentType, "application/x-pem-file");
});

test("certificateImport_wrongPassword_isBadParameter", async () => {
  const { pfx } = newPfx("locked");
  await refused(400, "BadParameter", () =>
    admin.importCertificate("locked", pfx, { password: "wrong" }),
  );
});

test("certificateUpdate_disabledAndTags_areKept", async () => {
  await create("update");
  await admin.updateCertificateProperties("update", "", { enabled: false, tags: { a: "1" } });
  const kept = (await admin.getCertificate("update")).properties;
  assert.equal(kept.enabled, false);
  assert.deepEqual({ ...kept.tags }, { a: "1" });
  await refused(403, "SecretDisabled", () => secrets.getSecret("update"));
});

test("certificatePolicy_changed_isKept", async () => {
  await create("policy");
  const kept = await admin.getCertificatePolicy("policy");
  await admin.updateCertificatePolicy("policy", { ...kept, validityInMonths: 24 });
  const changed = await admin.getCertificatePolicy("policy");
  assert.equal(changed.validityInMonths, 24);
  assert.equal(changed.subject, "CN=policy");
});

test("certificateIssuers_setListedDeleted_comeBack", async () => {
  await admin.createIssuer("ours", "DigiCert", {
    accountId: "account",
    password: "hidden",
    organizationId: "7",
    administratorContacts: [{ firstName: "A", email: "a@b.test" }],
  });
  const issuer = await admin.getIssuer("ours");
  assert.equal(issuer.provider, "DigiCert");
  assert.equal(issuer.accountId, "account");
  assert.equal(issuer.password, undefined);
  assert.equal(issuer.administratorContacts[0].email, "a@b.test");
  await admin.updateIssuer("ours", { organizationId: "8" });
  assert.equal((await admin.getIssuer("ours")).organizationId, "8");
  const listed = await all(admin.listPropertiesOfIssuers());
  assert.deepEqual(
    listed.map((item) => item.id),
    [issuer.id],
  );
  await admin.deleteIssuer("ours");
  await refused(404, "CertificateIssuerNotFound", () => admin.getIssuer("ours"));
});

test("certificateContacts_setAndDeleted_comeBack", async () => {
  await admin.setContacts([{ email: "a@b.test", name: "A", phone: "1" }]);
  assert.equal((await admin.getContacts())[0].email, "a@b.test");
  await admin.deleteContacts();
  await refused(404, "ContactsNotFound", () => admin.getContacts());
});

test("certificateList_pending_isListedWhenAskedFor", async () => {
  await pending("waiting");
  const names = async (options) =>
    (await all(admin.listPropertiesOfCertificates(options))).map((item) => item.name);
  const listed = await names();
  assert.ok(!listed.includes("waiting"), "it is listed");
  assert.equal(new Set(listed).size, listed.length);
  assert.ok((await names({ includePending: true })).includes("waiting"), "it is not listed");
});

test("certificateDelete_live_endsInDeletedStateAndRecovers", async () => {
  const made = await create("deleted");
  const deleted = await remove("deleted");
  assert.ok(deleted.recoveryId.endsWith("/deletedcertificates/deleted"), deleted.recoveryId);
  await refused(404, "SecretNotFound", () => secrets.getSecret("deleted"));
  await (await admin.beginRecoverDeletedCertificate("deleted", poll)).pollUntilDone();
  assert.deepEqual((await admin.getCertificate("deleted")).cer, made.cer);
  assert.equal((await secrets.getSecret("deleted")).properties.id, made.secretId);
});

test("certificatePurge_deleted_leavesNothing", async () => {
  await create("purged");
  await remove("purged");
  await admin.purgeDeletedCertificate("purged");
  await refused(404, "CertificateNotFound", () => admin.getDeletedCertificate("purged"));
  await refused(404, "SecretNotFound", () => secrets.getDeletedSecret("purged"));
});

test("certificateRestore_afterPurge_isTheSameCertificate", async () => {
  const made = await create("backup");
  const blob = await admin.backupCertificate("backup");
  await remove("backup");
  await admin.purgeDeletedCertificate("backup");
  assert.equal((await admin.restoreCertificateBackup(blob)).id, made.id);
  assert.equal((await secrets.getSecret("backup")).properties.id, made.secretId);
});

test("certificateGet_unknown_isCertificateNotFound", () =>
  refused(404, "CertificateNotFound", () => admin.getCertificate("does-not-exist")));

test("certificateCreate_withoutRole_isForbiddenByRbac", () =>
  refused(403, "ForbiddenByRbac", () =>
    roleless.beginCreateCertificate("forbidden", policy("a"), poll),
  ));

test("certificateSecret_setByHand_isForbidden", async () => {
  await create("managed");
  await refused(403, "Forbidden", () => secrets.setSecret("managed", "value"));
  await refused(403, "Forbidden", () => secrets.beginDeleteSecret("managed", poll));
});

// the last one, since tokens from before are months old after it
test("certificateRenewal_elevenMonthsPass_isRenewedOnceByItsPolicy", async () => {
  const first = await create(
    "renewed",
    policy("renewed", { lifetimeActions: [{ action: "AutoRenew", lifetimePercentage: 80 }] }),
  );
  const [program, ...rest] = scene.elevenMonthsPass;
  execFileSync(program, rest, { stdio: "ignore" });
  const later = client(CertificateClient, scene.admin);
  let versions = [];
  for (let i = 0; i < 100 && versions.length < 2; i++) {
    await sleep(200);
    versions = await all(later.listPropertiesOfCertificateVersions("renewed"));
  }
  assert.equal(versions.length, 2);
  const newest = await later.getCertificate("renewed");
  assert.ok(newest.properties.expiresOn > first.properties.expiresOn);
  const old = await later.getCertificateVersion("renewed", first.properties.version);
  assert.deepEqual(old.cer, first.cer);
});

console.log(`1..${cases.length}`);
let failures = 0;
for (const { name, run } of cases) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    failures++;
    console.log(`not ok ${name} - ${String(error).replaceAll(/[\r\n]+/g, " ")}`);
  }
}
process.exit(failures === 0 ? 0 : 1);
