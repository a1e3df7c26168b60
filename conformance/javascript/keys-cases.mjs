// Runs the shared list of key cases with the Azure SDK for JavaScript and reports one line per case
// (TAP). What the server computes is checked with node:crypto, and the other way round. Reads the
// scene, a JSON file named by STRONGROOM_SCENE.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ClientSecretCredential } from "@azure/identity";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";

const scene = JSON.parse(readFileSync(process.env.STRONGROOM_SCENE, "utf8"));
const login = { authorityHost: scene.authorityHost, disableInstanceDiscovery: true };
const once = { retryOptions: { maxRetries: 0 } };
const poll = { intervalInMs: 200 };
const cases = [];
const message = Buffer.from("what is signed here is verified there");
const curves = {
  ES256: { crv: "P-256", name: "prime256v1", size: 32 },
  ES384: { crv: "P-384", name: "secp384r1", size: 48 },
  ES512: { crv: "P-521", name: "secp521r1", size: 66 },
  ES256K: { crv: "P-256K", name: "secp256k1", size: 32 },
};
const rsaSignatures = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const rsaPaddings = {
  RSA1_5: { padding: crypto.constants.RSA_PKCS1_PADDING },
  "RSA-OAEP": { padding: crypto.constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
  "RSA-OAEP-256": { padding: crypto.constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
};

function test(name, run) {
  cases.push({ name, run });
}

function bySecret({ clientId, clientSecret }) {
  return new ClientSecretCredential(scene.tenantId, clientId, clientSecret, login);
}

function client(application) {
  return new KeyClient(scene.vaultUrl, bySecret(application), once);
}

const admin = client(scene.admin);
const user = client(scene.cryptoUser);
const roleless = client(scene.roleless);

/** The part of the client that asks the server: the rest would compute and check by itself. */
function cryptography(key, application = scene.admin) {
  return new CryptographyClient(key.id, bySecret(application), once).remoteProvider;
}

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
  return error;
}

async function settled(poller) {
  return poller.pollUntilDone({ abortSignal: AbortSignal.timeout(60_000) });
}

async function all(items) {
  const result = [];
  for await (const item of items) {
    result.push(item);
  }
  return result;
}

function hash(algorithm) {
  return "sha" + algorithm.replace("K", "").slice(-3);
}

function digest(algorithm) {
  return crypto.createHash(hash(algorithm)).update(message).digest();
}

function publicKey(key) {
  const text = (bytes) => Buffer.from(bytes).toString("base64url");
  const crv = key.key.crv === "P-256K" ? "secp256k1" : key.key.crv;
  const jwk =
    key.keyType === "RSA"
      ? { kty: "RSA", n: text(key.key.n), e: text(key.key.e) }
      : { kty: "EC", crv, x: text(key.key.x), y: text(key.key.y) };
  return crypto.createPublicKey({ key: jwk, format: "jwk" });
}

/** What the SDK imports: the same members, binary ones as bytes. */
function importable(privateKey) {
  const jwk = privateKey.export({ format: "jwk" });
  const result = { kty: jwk.kty };
  if (jwk.crv) {
    result.crv = jwk.crv === "secp256k1" ? "P-256K" : jwk.crv;
  }
  for (const member of ["n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y"]) {
    if (jwk[member]) {
      result[member] = Buffer.from(jwk[member], "base64url");
    }
  }
  return result;
}

function rsaPrivateKey() {
  return crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

function importOct(name, secret, ...keyOps) {
  return admin.importKey(name, { kty: "oct", k: secret, keyOps });
}

function rsaSignatureOptions(algorithm) {
  return algorithm.startsWith("RS")
    ? { padding: crypto.constants.RSA_PKCS1_PADDING }
    : {
        padding: crypto.constants.RSA_PKCS1_PSS_PADDING,
        saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST,
      };
}

test("keyCreate_rsaSizes_haveTheirSizeAndOperations", async () => {
  for (const keySize of [2048, 3072, 4096]) {
    const key = await admin.createRsaKey(`rsa-${keySize}`, { keySize });
    assert.equal(key.key.n.length * 8, keySize);
    assert.deepEqual([...key.key.e], [1, 0, 1]);
    assert.deepEqual(key.keyOperations, [
      "encrypt",
      "decrypt",
      "sign",
      "verify",
      "wrapKey",
      "unwrapKey",
    ]);
    assert.equal(key.properties.hsmPlatform, "0");
    assert.equal(key.properties.exportable, false);
  }
});

test("keyCreate_curves_haveTheirCurveAndOperations", async () => {
  for (const { crv, name } of Object.values(curves)) {
    const key = await admin.createEcKey(`ec-${crv}`, { curve: crv });
    assert.equal(key.key.crv, crv);
    assert.deepEqual(key.keyOperations, ["sign", "verify"]);
    assert.equal(publicKey(key).asymmetricKeyDetails.namedCurve, name);
  }
});

test("keyCreate_symmetricSizes_showNoKeyMaterial", async () => {
  for (const keySize of [128, 192, 256]) {
    const key = await admin.createOctKey(`oct-${keySize}`, { keySize });
    assert.equal(key.keyType, "oct");
    assert.equal(key.key.k, undefined);
  }
});

test("keyCreate_everyProperty_isKept", async () => {
  const notBefore = new Date("2030-01-01T00:00:00Z");
  const expiresOn = new Date("2031-01-01T00:00:00Z");
  await admin.createKey("whole", "EC", {
    curve: "P-384",
    keyOps: ["verify"],
    enabled: false,
    notBefore,
    expiresOn,
    tags: { a: "1" },
  });
  const key = await admin.getKey("whole");
  assert.deepEqual(key.keyOperations, ["verify"]);
  assert.equal(key.properties.enabled, false);
  assert.deepEqual(key.properties.notBefore, notBefore);
  assert.deepEqual(key.properties.expiresOn, expiresOn);
  assert.deepEqual(key.properties.tags, { a: "1" });
  assert.equal(key.properties.recoveryLevel, "Recoverable+Purgeable");
});

test("keyCreate_forHardware_isForbidden", async () => {
  await refused(403, "Forbidden", () => admin.createRsaKey("hsm", { hsm: true }));
  await refused(403, "Forbidden", () => admin.createEcKey("hsm", { hsm: true }));
  await refused(404, "KeyNotFound", () => admin.getKey("hsm"));
});

test("keyGet_olderVersion_isThatKey", async () => {
  const first = await admin.createEcKey("versions");
  const second = await admin.createEcKey("versions");
  assert.equal((await admin.getKey("versions")).id, second.id);
  const older = await admin.getKey("versions", { version: first.properties.version });
  assert.equal(older.id, first.id);
  assert.deepEqual(older.key.x, first.key.x);
});

test("keyList_severalPages_listsEachOnce", async () => {
  const wanted = [];
  for (let i = 0; i < 30; i++) {
    wanted.push((await admin.createEcKey(`page-${i}`)).name);
  }
  const pages = await all(admin.listPropertiesOfKeys().byPage());
  assert.ok(pages.length > 1, "there is more than one page");
  const names = pages.flat().map((key) => key.name);
  assert.deepEqual(names.filter((name) => name.startsWith("page-")).sort(), wanted.sort());
});

test("keyListVersions_severalVersions_listsEachOnce", async () => {
  const made = [];
  for (let i = 0; i < 5; i++) {
    made.push((await admin.createEcKey("many")).properties.version);
  }
  const listed = (await all(admin.listPropertiesOfKeyVersions("many"))).map((key) => key.version);
  assert.deepEqual(listed.sort(), made.sort());
});

test("keyUpdate_operationsTimesAndTags_areKept", async () => {
  const key = await admin.createRsaKey("changing", { keySize: 2048 });
  const expiresOn = new Date("2032-02-03T00:00:00Z");
  const changed = await admin.updateKeyProperties("changing", {
    keyOps: ["sign"],
    expiresOn,
    tags: { b: "2" },
  });
  assert.deepEqual(changed.keyOperations, ["sign"]);
  assert.deepEqual(changed.properties.expiresOn, expiresOn);
  assert.deepEqual(changed.properties.tags, { b: "2" });
  assert.deepEqual(changed.key.n, key.key.n);
  const again = await admin.updateKeyProperties("changing", key.properties.version, {
    enabled: false,
  });
  assert.equal(again.properties.enabled, false);
  assert.deepEqual(again.keyOperations, ["sign"]);
});

test("keySign_rsaAlgorithms_verifyElsewhere", async () => {
  const key = await admin.createRsaKey("signing", { keySize: 2048 });
  for (const name of rsaSignatures) {
    const signed = await cryptography(key).sign(name, digest(name));
    assert.equal(signed.keyID, key.id);
    const options = { key: publicKey(key), ...rsaSignatureOptions(name) };
    assert.ok(crypto.verify(hash(name), message, options, signed.result), name);
  }
});

test("keyVerify_rsaSignaturesMadeElsewhere_areValid", async () => {
  const privateKey = rsaPrivateKey();
  const key = await admin.importKey("signed-elsewhere", importable(privateKey));
  for (const name of rsaSignatures) {
    const signature = crypto.sign(hash(name), message, {
      key: privateKey,
      ...rsaSignatureOptions(name),
    });
    const remote = cryptography(key);
    assert.equal((await remote.verify(name, digest(name), signature)).result, true, name);
    const other = crypto.createHash(hash(name)).update("another").digest();
    assert.equal((await remote.verify(name, other, signature)).result, false, name);
  }
});

test("keySign_curveAlgorithms_verifyElsewhere", async () => {
  for (const [name, { crv, size }] of Object.entries(curves)) {
    const key = await admin.createEcKey(`signing-${crv}`, { curve: crv });
    const signature = (await cryptography(key).sign(name, digest(name))).result;
    assert.equal(signature.length, 2 * size);
    const options = { key: publicKey(key), dsaEncoding: "ieee-p1363" };
    assert.ok(crypto.verify(hash(name), message, options, signature), name);
  }
});

test("keyVerify_curveSignaturesMadeElsewhere_areValid", async () => {
  for (const [name, { crv, name: namedCurve }] of Object.entries(curves)) {
    const { privateKey } = crypto.generateKeyPairSync("ec", { namedCurve });
    const key = await admin.importKey(`curve-elsewhere-${crv}`, importable(privateKey));
    const signature = crypto.sign(hash(name), message, {
      key: privateKey,
      dsaEncoding: "ieee-p1363",
    });
    const remote = cryptography(key);
    assert.equal((await remote.verify(name, digest(name), signature)).result, true, name);
    signature[signature.length - 1] ^= 1;
    assert.equal((await remote.verify(name, digest(name), signature)).result, false, name);
  }
});

test("keySign_hmacAlgorithms_equalElsewhere", async () => {
  const secret = crypto.randomBytes(32);
  const remote = cryptography(await importOct("hmac", secret, "sign", "verify"));
  for (const name of ["HS256", "HS384", "HS512"]) {
    const signature = (await remote.sign(name, digest(name))).result;
    const expected = crypto.createHmac(hash(name), secret).update(digest(name)).digest();
    assert.deepEqual(Buffer.from(signature), expected, name);
    assert.equal((await remote.verify(name, digest(name), signature)).result, true, name);
  }
});

test("keyDecrypt_rsaEncryptedElsewhere_isThePlaintext", async () => {
  const key = await admin.createRsaKey("decrypting", { keySize: 2048 });
  for (const [algorithm, options] of Object.entries(rsaPaddings)) {
    const ciphertext = crypto.publicEncrypt({ key: publicKey(key), ...options }, message);
    const plain = (await cryptography(key).decrypt({ algorithm, ciphertext })).result;
    assert.deepEqual(Buffer.from(plain), message, algorithm);
  }
});

test("keyUnwrap_rsaWrappedElsewhere_isTheKey", async () => {
  const key = await admin.createRsaKey("unwrapping", { keySize: 3072 });
  const secret = crypto.randomBytes(32);
  for (const [algorithm, options] of Object.entries(rsaPaddings)) {
    const wrapped = crypto.publicEncrypt({ key: publicKey(key), ...options }, secret);
    const plain = (await cryptography(key).unwrapKey(algorithm, wrapped)).result;
    assert.deepEqual(Buffer.from(plain), secret, algorithm);
  }
});

test("keyEncrypt_rsa_decryptsElsewhere", async () => {
  const privateKey = rsaPrivateKey();
  const remote = cryptography(await admin.importKey("encrypting", importable(privateKey)));
  for (const [algorithm, options] of Object.entries(rsaPaddings)) {
    // Node refuses to open PKCS#1 v1.5 since it would leak; OpenSSL's raw operation does not care
    const opened = (bytes) =>
      algorithm === "RSA1_5"
        ? withoutPkcs1(
            crypto.privateDecrypt(
              { key: privateKey, padding: crypto.constants.RSA_NO_PADDING },
              bytes,
            ),
          )
        : crypto.privateDecrypt({ key: privateKey, ...options }, bytes);
    const ciphertext = (await remote.encrypt({ algorithm, plaintext: message })).result;
    assert.deepEqual(opened(ciphertext), message, algorithm);
    const wrapped = (await remote.wrapKey(algorithm, message)).result;
    assert.deepEqual(opened(wrapped), message, algorithm);
  }
});

/** RFC 8017 section 7.2.2: 0, 2, at least eight bytes that are not 0, 0, the message. */
function withoutPkcs1(block) {
  assert.deepEqual([...block.subarray(0, 2)], [0, 2]);
  const end = block.indexOf(0, 2);
  assert.ok(end >= 10, "padding of eight bytes");
  return block.subarray(end + 1);
}

test("keyEncrypt_aesGcm_decryptsElsewhere", async () => {
  const additionalAuthenticatedData = Buffer.from("aad");
  for (const size of [128, 192, 256]) {
    const secret = crypto.randomBytes(size / 8);
    const remote = cryptography(await importOct(`gcm-${size}`, secret, "encrypt", "decrypt"));
    const request = {
      algorithm: `A${size}GCM`,
      plaintext: message,
      additionalAuthenticatedData,
    };
    const first = await remote.encrypt(request);
    const second = await remote.encrypt(request);
    assert.notDeepEqual(first.iv, second.iv, "each has its own initialization vector");
    const aes = crypto.createDecipheriv(`aes-${size}-gcm`, secret, first.iv);
    aes.setAAD(additionalAuthenticatedData);
    aes.setAuthTag(first.authenticationTag);
    assert.deepEqual(Buffer.concat([aes.update(first.result), aes.final()]), message);
  }
});

test("keyDecrypt_aesGcmEncryptedElsewhere_isThePlaintext", async () => {
  const secret = crypto.randomBytes(32);
  const iv = crypto.randomBytes(12);
  const aes = crypto.createCipheriv("aes-256-gcm", secret, iv);
  aes.setAAD(Buffer.from("aad"));
  const ciphertext = Buffer.concat([aes.update(message), aes.final()]);
  const remote = cryptography(await importOct("gcm-elsewhere", secret, "decrypt"));
  const decrypt = (aad) =>
    remote.decrypt({
      algorithm: "A256GCM",
      ciphertext,
      iv,
      authenticationTag: aes.getAuthTag(),
      additionalAuthenticatedData: Buffer.from(aad),
    });
  assert.deepEqual(Buffer.from((await decrypt("aad")).result), message);
  await refused(400, "BadParameter", () => decrypt("other"));
});

test("keyEncrypt_aesCbc_decryptsElsewhere", async () => {
  const secret = crypto.randomBytes(32);
  const iv = crypto.randomBytes(16);
  const remote = cryptography(await importOct("cbc", secret, "encrypt", "decrypt"));
  const blocks = crypto.randomBytes(48);
  const plain = await remote.encrypt({ algorithm: "A256CBC", plaintext: blocks, iv });
  const aes = crypto.createDecipheriv("aes-256-cbc", secret, iv).setAutoPadding(false);
  assert.deepEqual(Buffer.concat([aes.update(plain.result), aes.final()]), blocks);
  const padded = await remote.encrypt({ algorithm: "A256CBCPAD", plaintext: message, iv });
  const padding = crypto.createDecipheriv("aes-256-cbc", secret, iv);
  assert.deepEqual(Buffer.concat([padding.update(padded.result), padding.final()]), message);
  const back = await remote.decrypt({ algorithm: "A256CBCPAD", ciphertext: padded.result, iv });
  assert.deepEqual(Buffer.from(back.result), message);
});

test("keyWrap_aesKw_unwrapsElsewhere", async () => {
  const iv = Buffer.from("a6".repeat(8), "hex");
  for (const size of [128, 192, 256]) {
    const secret = crypto.randomBytes(size / 8);
    const wanted = crypto.randomBytes(32);
    const remote = cryptography(await importOct(`kw-${size}`, secret, "wrapKey", "unwrapKey"));
    const wrapped = (await remote.wrapKey(`A${size}KW`, wanted)).result;
    const aes = crypto.createDecipheriv(`id-aes${size}-wrap`, secret, iv);
    assert.deepEqual(Buffer.concat([aes.update(wrapped), aes.final()]), wanted);
    const back = (await remote.unwrapKey(`A${size}KW`, wrapped)).result;
    assert.deepEqual(Buffer.from(back), wanted);
  }
});

test("keyImport_pem_isTheSameKey", async () => {
  const pem = rsaPrivateKey().export({ type: "pkcs8", format: "pem" });
  const privateKey = crypto.createPrivateKey(pem);
  const key = await admin.importKey("from-pem", importable(privateKey));
  assert.equal(
    Buffer.from(key.key.n).toString("base64url"),
    privateKey.export({ format: "jwk" }).n,
  );
  assert.equal(key.key.d, undefined);
  const signature = (await cryptography(key).sign("RS256", digest("RS256"))).result;
  assert.ok(crypto.verify("sha256", message, crypto.createPublicKey(privateKey), signature));
});

test("keyRotate_live_isANewVersionLikeTheOld", async () => {
  const first = await admin.createEcKey("rotating", {
    curve: "P-384",
    keyOps: ["sign"],
    tags: { a: "1" },
  });
  const second = await admin.rotateKey("rotating");
  assert.notEqual(second.id, first.id);
  assert.notDeepEqual(second.key.x, first.key.x);
  assert.equal(second.key.crv, "P-384");
  assert.deepEqual(second.keyOperations, ["sign"]);
  assert.deepEqual(second.properties.tags, { a: "1" });
});

test("keyRotationPolicy_set_comesBackWithItsNotice", async () => {
  await admin.createEcKey("policy");
  const before = await admin.getKeyRotationPolicy("policy");
  assert.deepEqual(
    before.lifetimeActions.map(({ action }) => action),
    ["Notify"],
  );
  await admin.updateKeyRotationPolicy("policy", {
    lifetimeActions: [{ action: "Rotate", timeBeforeExpiry: "P30D" }],
    expiresIn: "P2Y",
  });
  const policy = await admin.getKeyRotationPolicy("policy");
  assert.equal(policy.expiresIn, "P2Y");
  assert.deepEqual(
    policy.lifetimeActions.map((one) => [
      one.action,
      one.timeAfterCreate,
      one.timeBeforeExpiry,
    ]),
    [
      ["Rotate", undefined, "P30D"],
      ["Notify", undefined, "P30D"],
    ],
  );
  await refused(400, "BadParameter", () =>
    admin.updateKeyRotationPolicy("policy", { expiresIn: "P20D" }),
  );
});

test("keyDelete_live_endsInDeletedStateAndRecovers", async () => {
  const key = await admin.createEcKey("doomed");
  const deleted = await settled(await admin.beginDeleteKey("doomed", poll));
  assert.ok(deleted.properties.recoveryId.endsWith("/deletedkeys/doomed"));
  const days =
    (deleted.properties.scheduledPurgeDate - deleted.properties.deletedOn) / 86_400_000;
  assert.equal(days, 90);
  const listed = (await all(admin.listDeletedKeys())).map(({ name }) => name);
  assert.ok(listed.includes("doomed"));
  await refused(404, "KeyNotFound", () => admin.getKey("doomed"));
  await settled(await admin.beginRecoverDeletedKey("doomed", poll));
  assert.equal((await admin.getKey("doomed")).id, key.id);
});

test("keyPurge_deleted_leavesNothing", async () => {
  await admin.createEcKey("purged");
  await settled(await admin.beginDeleteKey("purged", poll));
  await admin.purgeDeletedKey("purged");
  await refused(404, "KeyNotFound", () => admin.getDeletedKey("purged"));
});

test("keyRestore_afterPurge_isTheSameKey", async () => {
  const key = await admin.createEcKey("restored");
  const signature = (await cryptography(key).sign("ES256", digest("ES256"))).result;
  const backup = await admin.backupKey("restored");
  await settled(await admin.beginDeleteKey("restored", poll));
  await admin.purgeDeletedKey("restored");
  const again = await admin.restoreKeyBackup(backup);
  assert.equal(again.id, key.id);
  assert.deepEqual(again.key.x, key.key.x);
  const verified = await cryptography(again).verify("ES256", digest("ES256"), signature);
  assert.equal(verified.result, true);
});

test("keySign_withCryptoUserRole_works", async () => {
  const key = await admin.createEcKey("for-user");
  const remote = cryptography(key, scene.cryptoUser);
  const signature = (await remote.sign("ES256", digest("ES256"))).result;
  assert.equal((await remote.verify("ES256", digest("ES256"), signature)).result, true);
});

test("keyCreate_withCryptoUserRole_isForbiddenByRbac", async () => {
  await refused(403, "ForbiddenByRbac", () => user.createEcKey("by-user"));
  await refused(404, "KeyNotFound", () => admin.getKey("by-user"));
});

test("keyGet_withoutRole_isForbiddenByRbac", async () => {
  await admin.createEcKey("for-nobody");
  await refused(403, "ForbiddenByRbac", () => roleless.getKey("for-nobody"));
});

async function signingRefused(code, name, properties) {
  const key = await admin.createEcKey(name, properties);
  await refused(403, code, () => cryptography(key).sign("ES256", digest("ES256")));
}

test("keySign_disabled_isKeyDisabled", () =>
  signingRefused("KeyDisabled", "disabled", { enabled: false }));

test("keySign_expired_isKeyExpired", () =>
  signingRefused("KeyExpired", "expired", { expiresOn: new Date("2020-01-01T00:00:00Z") }));

test("keySign_notYetValid_isKeyNotYetValid", () =>
  signingRefused("KeyNotYetValid", "too-early", { notBefore: new Date("2037-01-01T00:00:00Z") }));

test("keyDecrypt_expired_isThePlaintext", async () => {
  const key = await admin.createRsaKey("expired-rsa", {
    keySize: 2048,
    expiresOn: new Date("2020-01-01T00:00:00Z"),
  });
  const options = { key: publicKey(key), ...rsaPaddings["RSA-OAEP-256"] };
  const ciphertext = crypto.publicEncrypt(options, message);
  const plain = await cryptography(key).decrypt({ algorithm: "RSA-OAEP-256", ciphertext });
  assert.deepEqual(Buffer.from(plain.result), message);
});

test("keySign_operationNotPermitted_isKeyOperationForbidden", () =>
  signingRefused("KeyOperationForbidden", "verify-only", { keyOps: ["verify"] }));

test("keySign_algorithmOfAnotherType_isBadParameter", async () => {
  const key = await admin.createEcKey("mismatch");
  const error = await refused(400, "BadParameter", () =>
    cryptography(key).sign("ES256K", digest("ES256")),
  );
  assert.ok(error.message.includes(key.id), "the refusal names the key");
});

test("keyDecrypt_garbage_isBadParameter", async () => {
  const remote = cryptography(await admin.createRsaKey("garbage", { keySize: 2048 }));
  for (const algorithm of Object.keys(rsaPaddings)) {
    await refused(400, "BadParameter", () =>
      remote.decrypt({ algorithm, ciphertext: Buffer.alloc(256, 1) }),
    );
  }
});

test("keyGet_unknown_isKeyNotFound", () =>
  refused(404, "KeyNotFound", () => admin.getKey("does-not-exist")));

test("keyCreate_nameInDeletedState_isObjectIsDeletedButRecoverable", async () => {
  await admin.createEcKey("taken");
  await settled(await admin.beginDeleteKey("taken", poll));
  await refused(409, "ObjectIsDeletedButRecoverable", () => admin.createEcKey("taken"));
});

// the last one, since tokens from before are months old after it
test("keyRotation_elevenMonthsPass_isRotatedOnceByItsPolicy", async () => {
  const first = await admin.createEcKey("monthly", { keyOps: ["sign"] });
  await admin.updateKeyRotationPolicy("monthly", {
    lifetimeActions: [{ action: "Rotate", timeAfterCreate: "P11M" }],
    expiresIn: "P2Y",
  });
  const [program, ...rest] = scene.elevenMonthsPass;
  execFileSync(program, rest, { stdio: "ignore" });
  const later = client(scene.admin);
  let versions = [];
  for (let i = 0; i < 100 && versions.length < 2; i++) {
    await sleep(100);
    versions = await all(later.listPropertiesOfKeyVersions("monthly"));
  }
  assert.equal(versions.length, 2);
  const newest = await later.getKey("monthly");
  assert.notEqual(newest.id, first.id);
  const days = (from, to) => (to - from) / 86_400_000;
  assert.ok(days(first.properties.createdOn, newest.properties.createdOn) >= 330);
  assert.ok(days(newest.properties.createdOn, newest.properties.expiresOn) >= 730);
  assert.deepEqual(newest.keyOperations, ["sign"]);
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
process.exitCode = failures === 0 ? 0 : 1;
