// ML-DSA keys, which no SDK knows yet, over plain HTTP and against @noble/post-quantum. Reports one
// line per case (TAP); reads the scene, a JSON file named by STRONGROOM_SCENE.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { ClientSecretCredential } from "@azure/identity";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";

const scene = JSON.parse(readFileSync(process.env.STRONGROOM_SCENE, "utf8"));
const login = { authorityHost: scene.authorityHost, disableInstanceDiscovery: true };
const { clientId, clientSecret } = scene.admin;
const credential = new ClientSecretCredential(scene.tenantId, clientId, clientSecret, login);
const scope = `${scene.vaultUrl.replace(/\/\/[^.]+\./, "//")}/.default`;
const { token } = await credential.getToken(scope);
const sets = { "ML-DSA-44": ml_dsa44, "ML-DSA-65": ml_dsa65, "ML-DSA-87": ml_dsa87 };
const message = Buffer.from("what is signed here is verified there");
const context = Buffer.from("context");
const cases = [];

function test(name, run) {
  cases.push({ name, run });
}

async function call(method, path, body, version = "2026-05-01-preview") {
  const answer = await fetch(`${scene.vaultUrl}/keys/${path}?api-version=${version}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

async function good(method, path, body) {
  const answer = await call(method, path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

function text(bytes) {
  return Buffer.from(bytes).toString("base64url");
}

function bytes(base64) {
  return new Uint8Array(Buffer.from(base64, "base64url"));
}

/** FIPS 204 section 6.2: the representative of a message in a context. */
function representative(publicKey, bytesOfMessage, bytesOfContext) {
  const shake = (...parts) =>
    crypto.createHash("shake256", { outputLength: 64 }).update(Buffer.concat(parts)).digest();
  const tr = shake(Buffer.from(publicKey));
  const head = Buffer.from([0, bytesOfContext.length]);
  return shake(tr, head, bytesOfContext, bytesOfMessage);
}

test("keySign_mlDsa_verifiesElsewhere", async () => {
  for (const [alg, set] of Object.entries(sets)) {
    const { key } = await good("POST", `made-${alg}/create`, { kty: "AKP", alg });
    assert.equal(key.kty, "AKP");
    assert.equal(key.alg, alg);
    assert.deepEqual(key.key_ops, ["sign", "verify"]);
    const pub = bytes(key.pub);
    const plain = await good("POST", `made-${alg}/sign`, { value: text(message) });
    assert.ok(set.verify(bytes(plain.value), message, pub), alg);
    const inContext = await good("POST", `made-${alg}/sign`, {
      alg,
      value: text(message),
      context: text(context),
    });
    assert.ok(set.verify(bytes(inContext.value), message, pub, { context }), alg);
    assert.ok(!set.verify(bytes(inContext.value), message, pub), `${alg} without its context`);
    const mu = representative(pub, message, context);
    const ofMu = await good("POST", `made-${alg}/sign`, { external_mu: text(mu) });
    assert.ok(set.verify(bytes(ofMu.value), message, pub, { context }), `${alg} from mu`);
  }
});

test("keyVerify_mlDsaSignedElsewhere_isValid", async () => {
  for (const [alg, set] of Object.entries(sets)) {
    const seed = crypto.randomBytes(32);
    const pair = set.keygen(new Uint8Array(seed));
    const { key } = await good("PUT", `brought-${alg}`, {
      key: { kty: "AKP", alg, priv: text(seed), pub: text(pair.publicKey) },
    });
    assert.equal(key.pub, text(pair.publicKey), `public key of the seed, ${alg}`);
    assert.equal(key.priv, undefined);
    const signature = set.sign(message, pair.secretKey, { context });
    const verify = async (body) => (await good("POST", `brought-${alg}/verify`, body)).value;
    const value = text(signature);
    assert.equal(await verify({ digest: text(message), context: text(context), value }), true);
    assert.equal(await verify({ digest: text(message), value }), false);
    const external_mu = text(representative(pair.publicKey, message, context));
    assert.equal(await verify({ external_mu, value }), true);
    signature[7] ^= 1;
    const changed = text(signature);
    assert.equal(await verify({ external_mu, value: changed }), false);
  }
});

test("keyCreate_mlDsaUnderAnOlderVersion_isBadParameter", async () => {
  for (const version of ["7.4", "2025-07-01", "2026-04-01"]) {
    const body = { kty: "AKP", alg: "ML-DSA-65" };
    const answer = await call("POST", "too-old/create", body, version);
    assert.equal(answer.status, 400);
    assert.equal(answer.body.error.code, "BadParameter");
  }
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
