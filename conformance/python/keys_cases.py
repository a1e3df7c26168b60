"""Runs the shared list of key cases with the Azure SDK for Python and reports one line per case (TAP).

What the server computes is checked with pyca/cryptography, and the other way round. Reads the scene,
a JSON file named by STRONGROOM_SCENE.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.keys import (
    JsonWebKey,
    KeyClient,
    KeyRotationLifetimeAction,
    KeyRotationPolicy,
    KeyRotationPolicyAction,
)
from azure.keyvault.keys.crypto import (
    CryptographyClient,
    EncryptionAlgorithm,
    KeyWrapAlgorithm,
    SignatureAlgorithm,
)
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

with open(os.environ["STRONGROOM_SCENE"], encoding="utf-8") as file:
    SCENE = json.load(file)

LOGIN = {"authority": SCENE["authorityHost"], "disable_instance_discovery": True}
CASES = []
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CURVES = {
    "ES256": ("P-256", ec.SECP256R1(), 32),
    "ES384": ("P-384", ec.SECP384R1(), 48),
    "ES512": ("P-521", ec.SECP521R1(), 66),
    "ES256K": ("P-256K", ec.SECP256K1(), 32),
}
RSA_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
RSA_PADDINGS = {
    "RSA1_5": padding.PKCS1v15(),
    "RSA-OAEP": padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None),
    "RSA-OAEP-256": padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
}
MESSAGE = b"what is signed here is verified there"


def case(name):
    def register(function):
        CASES.append((name, function))
        return function

    return register


def by_secret(application):
    return ClientSecretCredential(
        SCENE["tenantId"], application["clientId"], application["clientSecret"], **LOGIN
    )


def client(application):
    return KeyClient(SCENE["vaultUrl"], by_secret(application), retry_total=0)


ADMIN = client(SCENE["admin"])
USER = client(SCENE["cryptoUser"])
ROLELESS = client(SCENE["roleless"])


def cryptography(key, application=SCENE["admin"]):
    """A client that computes nothing by itself: it is given no public key to do it with."""
    result = CryptographyClient(key.id, by_secret(application), retry_total=0)
    result._keys_get_forbidden = True  # as for a caller that may not read the key
    return result


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def equal(actual, expected, what):
    check(actual == expected, f"{what}: expected {expected!r}, got {actual!r}")


def refused(status, code, action):
    try:
        action()
    except HttpResponseError as error:
        text = error.response.text() if error.response is not None else ""
        equal(error.status_code, status, f"status of {text or error}")
        body = json.loads(text)["error"]
        inner = (body.get("innererror") or {}).get("code")
        equal(inner or body["code"], code, "error code")
        return error
    raise AssertionError(f"was not refused with {status} {code}")


def settled(poller):
    poller.wait(60)
    check(poller.done(), "it did not settle within a minute")
    return poller.result()


def digest(algorithm):
    return hashlib.new("sha" + algorithm.strip("K")[-3:], MESSAGE).digest()


def hash_of(algorithm):
    return HASHES[algorithm.strip("K")[-3:]]()


def number(data):
    return int.from_bytes(data, "big")


def data(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def rsa_public(key):
    return rsa.RSAPublicNumbers(number(key.key.e), number(key.key.n)).public_key()


def ec_public(key, curve):
    return ec.EllipticCurvePublicNumbers(number(key.key.x), number(key.key.y), curve).public_key()


def import_rsa(name, private):
    parts = private.private_numbers()
    return ADMIN.import_key(
        name,
        JsonWebKey(
            kty="RSA",
            n=data(parts.public_numbers.n),
            e=data(parts.public_numbers.e),
            d=data(parts.d),
            p=data(parts.p),
            q=data(parts.q),
            dp=data(parts.dmp1),
            dq=data(parts.dmq1),
            qi=data(parts.iqmp),
        ),
    )


def import_oct(name, secret, *operations):
    return ADMIN.import_key(name, JsonWebKey(kty="oct", k=secret, key_ops=list(operations)))


def rsa_padding(algorithm):
    if algorithm.startswith("RS"):
        return padding.PKCS1v15()
    used = hash_of(algorithm)
    return padding.PSS(padding.MGF1(used), used.digest_size)


@case("keyCreate_rsaSizes_haveTheirSizeAndOperations")
def _():
    for size in (2048, 3072, 4096):
        key = ADMIN.create_rsa_key(f"rsa-{size}", size=size)
        equal(number(key.key.n).bit_length(), size, "bits")
        equal(number(key.key.e), 65537, "exponent")
        equal(
            key.key_operations,
            ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"],
            "operations",
        )
        equal(key.properties.hsm_platform, "0", "platform")
        equal(key.properties.exportable, False, "exportable")


@case("keyCreate_curves_haveTheirCurveAndOperations")
def _():
    for crv, curve, _size in CURVES.values():
        key = ADMIN.create_ec_key(f"ec-{crv}", curve=crv)
        equal(key.key.crv, crv, "curve")
        equal(key.key_operations, ["sign", "verify"], "operations")
        ec_public(key, curve)  # fails when the point is not on the curve


@case("keyCreate_symmetricSizes_showNoKeyMaterial")
def _():
    for size in (128, 192, 256):
        key = ADMIN.create_oct_key(f"oct-{size}", size=size, hardware_protected=False)
        equal(key.key_type, "oct", "type")
        equal(key.key.k, None, "key material")


@case("keyCreate_everyProperty_isKept")
def _():
    start = datetime(2030, 1, 1, tzinfo=timezone.utc)
    end = datetime(2031, 1, 1, tzinfo=timezone.utc)
    ADMIN.create_key(
        "whole",
        "EC",
        curve="P-384",
        key_operations=["verify"],
        enabled=False,
        not_before=start,
        expires_on=end,
        tags={"a": "1"},
    )
    key = ADMIN.get_key("whole")
    equal(key.key_operations, ["verify"], "operations")
    equal(key.properties.enabled, False, "enabled")
    equal(key.properties.not_before, start, "nbf")
    equal(key.properties.expires_on, end, "exp")
    equal(key.properties.tags, {"a": "1"}, "tags")
    equal(key.properties.recovery_level, "Recoverable+Purgeable", "recovery level")


@case("keyCreate_forHardware_isForbidden")
def _():
    refused(403, "Forbidden", lambda: ADMIN.create_rsa_key("hsm", hardware_protected=True))
    refused(403, "Forbidden", lambda: ADMIN.create_ec_key("hsm", hardware_protected=True))
    refused(404, "KeyNotFound", lambda: ADMIN.get_key("hsm"))


@case("keyGet_olderVersion_isThatKey")
def _():
    first = ADMIN.create_ec_key("versions")
    second = ADMIN.create_ec_key("versions")
    equal(ADMIN.get_key("versions").id, second.id, "newest")
    older = ADMIN.get_key("versions", first.properties.version)
    equal(older.id, first.id, "id")
    equal(older.key.x, first.key.x, "x")


@case("keyList_severalPages_listsEachOnce")
def _():
    wanted = {f"page-{i}" for i in range(30)}
    for name in wanted:
        ADMIN.create_ec_key(name)
    pages = [list(page) for page in ADMIN.list_properties_of_keys().by_page()]
    check(len(pages) > 1, "there is more than one page")
    names = [key.name for page in pages for key in page if key.name.startswith("page-")]
    equal(len(names), len(wanted), "count")
    equal(set(names), wanted, "names")


@case("keyListVersions_severalVersions_listsEachOnce")
def _():
    made = {ADMIN.create_ec_key("many").properties.version for _ in range(5)}
    listed = [key.version for key in ADMIN.list_properties_of_key_versions("many")]
    equal(len(listed), 5, "count")
    equal(set(listed), made, "versions")


@case("keyUpdate_operationsTimesAndTags_areKept")
def _():
    key = ADMIN.create_rsa_key("changing", size=2048)
    end = datetime(2032, 2, 3, tzinfo=timezone.utc)
    changed = ADMIN.update_key_properties(
        "changing", key_operations=["sign"], expires_on=end, tags={"b": "2"}
    )
    equal(changed.key_operations, ["sign"], "operations")
    equal(changed.properties.expires_on, end, "exp")
    equal(changed.properties.tags, {"b": "2"}, "tags")
    equal(changed.key.n, key.key.n, "modulus")
    again = ADMIN.update_key_properties("changing", key.properties.version, enabled=False)
    equal(again.properties.enabled, False, "enabled")
    equal(again.key_operations, ["sign"], "operations stay")


@case("keySign_rsaAlgorithms_verifyElsewhere")
def _():
    key = ADMIN.create_rsa_key("signing", size=2048)
    remote = cryptography(key)
    for name in RSA_SIGNATURES:
        signed = remote.sign(SignatureAlgorithm(name), digest(name))
        equal(signed.key_id, key.id, "key id")
        rsa_public(key).verify(
            signed.signature, digest(name), rsa_padding(name), utils.Prehashed(hash_of(name))
        )


@case("keyVerify_rsaSignaturesMadeElsewhere_areValid")
def _():
    private = rsa.generate_private_key(65537, 2048)
    remote = cryptography(import_rsa("signed-elsewhere", private))
    for name in RSA_SIGNATURES:
        signature = private.sign(
            digest(name), rsa_padding(name), utils.Prehashed(hash_of(name))
        )
        algorithm = SignatureAlgorithm(name)
        check(remote.verify(algorithm, digest(name), signature).is_valid, name)
        other = hashlib.new("sha" + name[-3:], b"another").digest()
        check(not remote.verify(algorithm, other, signature).is_valid, f"{name} of another")


@case("keySign_curveAlgorithms_verifyElsewhere")
def _():
    for name, (crv, curve, size) in CURVES.items():
        key = ADMIN.create_ec_key(f"signing-{crv}", curve=crv)
        signature = cryptography(key).sign(SignatureAlgorithm(name), digest(name)).signature
        equal(len(signature), 2 * size, "length")
        der = utils.encode_dss_signature(number(signature[:size]), number(signature[size:]))
        ec_public(key, curve).verify(
            der, digest(name), ec.ECDSA(utils.Prehashed(hash_of(name)))
        )


@case("keyVerify_curveSignaturesMadeElsewhere_areValid")
def _():
    for name, (crv, curve, size) in CURVES.items():
        private = ec.generate_private_key(curve)
        parts = private.private_numbers()
        point = parts.public_numbers
        key = ADMIN.import_key(
            f"curve-elsewhere-{crv}",
            JsonWebKey(
                kty="EC",
                crv=crv,
                x=point.x.to_bytes(size, "big"),
                y=point.y.to_bytes(size, "big"),
                d=parts.private_value.to_bytes(size, "big"),
            ),
        )
        der = private.sign(digest(name), ec.ECDSA(utils.Prehashed(hash_of(name))))
        r, s = utils.decode_dss_signature(der)
        raw = r.to_bytes(size, "big") + s.to_bytes(size, "big")
        remote = cryptography(key)
        check(remote.verify(SignatureAlgorithm(name), digest(name), raw).is_valid, name)
        changed = raw[:-1] + bytes([raw[-1] ^ 1])
        check(not remote.verify(SignatureAlgorithm(name), digest(name), changed).is_valid, name)


@case("keySign_hmacAlgorithms_equalElsewhere")
def _():
    secret = os.urandom(32)
    remote = cryptography(import_oct("hmac", secret, "sign", "verify"))
    for name in ("HS256", "HS384", "HS512"):
        signature = remote.sign(SignatureAlgorithm(name), digest(name)).signature
        equal(signature, hmac.digest(secret, digest(name), "sha" + name[-3:]), name)
        check(remote.verify(SignatureAlgorithm(name), digest(name), signature).is_valid, name)


@case("keyDecrypt_rsaEncryptedElsewhere_isThePlaintext")
def _():
    key = ADMIN.create_rsa_key("decrypting", size=2048)
    for name, used in RSA_PADDINGS.items():
        ciphertext = rsa_public(key).encrypt(MESSAGE, used)
        plain = cryptography(key).decrypt(EncryptionAlgorithm(name), ciphertext).plaintext
        equal(plain, MESSAGE, name)


@case("keyUnwrap_rsaWrappedElsewhere_isTheKey")
def _():
    key = ADMIN.create_rsa_key("unwrapping", size=3072)
    secret = os.urandom(32)
    for name, used in RSA_PADDINGS.items():
        wrapped = rsa_public(key).encrypt(secret, used)
        equal(cryptography(key).unwrap_key(KeyWrapAlgorithm(name), wrapped).key, secret, name)


@case("keyEncrypt_rsa_decryptsElsewhere")
def _():
    private = rsa.generate_private_key(65537, 2048)
    remote = cryptography(import_rsa("encrypting", private))
    for name, used in RSA_PADDINGS.items():
        ciphertext = remote.encrypt(EncryptionAlgorithm(name), MESSAGE).ciphertext
        equal(private.decrypt(ciphertext, used), MESSAGE, name)
        wrapped = remote.wrap_key(KeyWrapAlgorithm(name), MESSAGE).encrypted_key
        equal(private.decrypt(wrapped, used), MESSAGE, name)


@case("keyEncrypt_aesGcm_decryptsElsewhere")
def _():
    for size in (128, 192, 256):
        secret = os.urandom(size // 8)
        remote = cryptography(import_oct(f"gcm-{size}", secret, "encrypt", "decrypt"))
        name = EncryptionAlgorithm(f"A{size}GCM")
        first = remote.encrypt(name, MESSAGE, additional_authenticated_data=b"aad")
        second = remote.encrypt(name, MESSAGE, additional_authenticated_data=b"aad")
        check(first.iv != second.iv, "each has its own initialization vector")
        plain = AESGCM(secret).decrypt(first.iv, first.ciphertext + first.tag, b"aad")
        equal(plain, MESSAGE, "plaintext")


@case("keyDecrypt_aesGcmEncryptedElsewhere_isThePlaintext")
def _():
    secret, iv = os.urandom(32), os.urandom(12)
    sealed = AESGCM(secret).encrypt(iv, MESSAGE, b"aad")
    remote = cryptography(import_oct("gcm-elsewhere", secret, "decrypt"))

    def decrypt(aad):
        return remote.decrypt(
            EncryptionAlgorithm.a256_gcm,
            sealed[:-16],
            iv=iv,
            authentication_tag=sealed[-16:],
            additional_authenticated_data=aad,
        ).plaintext

    equal(decrypt(b"aad"), MESSAGE, "plaintext")
    refused(400, "BadParameter", lambda: decrypt(b"other"))


@case("keyEncrypt_aesCbc_decryptsElsewhere")
def _():
    secret, iv = os.urandom(32), os.urandom(16)
    remote = cryptography(import_oct("cbc", secret, "encrypt", "decrypt"))
    aes = Cipher(algorithms.AES(secret), modes.CBC(iv))
    blocks = os.urandom(48)
    made = remote.encrypt(EncryptionAlgorithm.a256_cbc, blocks, iv=iv).ciphertext
    decryptor = aes.decryptor()
    equal(decryptor.update(made) + decryptor.finalize(), blocks, "CBC")
    made = remote.encrypt(EncryptionAlgorithm.a256_cbcpad, MESSAGE, iv=iv).ciphertext
    fill = 16 - len(MESSAGE) % 16
    decryptor = aes.decryptor()
    equal(
        decryptor.update(made) + decryptor.finalize(), MESSAGE + bytes([fill]) * fill, "CBCPAD"
    )
    plain = remote.decrypt(EncryptionAlgorithm.a256_cbcpad, made, iv=iv).plaintext
    equal(plain, MESSAGE, "CBCPAD back")


@case("keyWrap_aesKw_unwrapsElsewhere")
def _():
    for size in (128, 192, 256):
        secret, wanted = os.urandom(size // 8), os.urandom(32)
        remote = cryptography(import_oct(f"kw-{size}", secret, "wrapKey", "unwrapKey"))
        name = KeyWrapAlgorithm(f"A{size}KW")
        wrapped = remote.wrap_key(name, wanted).encrypted_key
        equal(keywrap.aes_key_unwrap(secret, wrapped), wanted, "unwrapped elsewhere")
        equal(remote.unwrap_key(name, wrapped).key, wanted, "unwrapped here")


@case("keyImport_pem_isTheSameKey")
def _():
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    private = serialization.load_pem_private_key(pem, None)
    key = import_rsa("from-pem", private)
    equal(number(key.key.n), private.public_key().public_numbers().n, "modulus")
    equal(key.key.d, None, "private exponent")
    signature = cryptography(key).sign(SignatureAlgorithm.rs256, digest("RS256")).signature
    private.public_key().verify(
        signature, digest("RS256"), padding.PKCS1v15(), utils.Prehashed(hashes.SHA256())
    )


@case("keyRotate_live_isANewVersionLikeTheOld")
def _():
    first = ADMIN.create_ec_key(
        "rotating", curve="P-384", key_operations=["sign"], tags={"a": "1"}
    )
    second = ADMIN.rotate_key("rotating")
    check(second.id != first.id, "it is another version")
    check(second.key.x != first.key.x, "it is another key")
    equal(second.key.crv, "P-384", "curve")
    equal(second.key_operations, ["sign"], "operations")
    equal(second.properties.tags, {"a": "1"}, "tags")


@case("keyRotationPolicy_set_comesBackWithItsNotice")
def _():
    ADMIN.create_ec_key("policy")
    before = ADMIN.get_key_rotation_policy("policy")
    equal([a.action for a in before.lifetime_actions], [KeyRotationPolicyAction.notify], "before")
    ADMIN.update_key_rotation_policy(
        "policy",
        KeyRotationPolicy(
            lifetime_actions=[
                KeyRotationLifetimeAction(
                    KeyRotationPolicyAction.rotate, time_before_expiry="P30D"
                )
            ],
            expires_in="P2Y",
        ),
    )
    policy = ADMIN.get_key_rotation_policy("policy")
    equal(policy.expires_in, "P2Y", "expires in")
    equal(
        [(a.action.lower(), a.time_after_create, a.time_before_expiry)
         for a in policy.lifetime_actions],
        [("rotate", None, "P30D"), ("notify", None, "P30D")],
        "actions",
    )
    refused(
        400,
        "BadParameter",
        lambda: ADMIN.update_key_rotation_policy(
            "policy", KeyRotationPolicy(expires_in="P20D")
        ),
    )


@case("keyDelete_live_endsInDeletedStateAndRecovers")
def _():
    key = ADMIN.create_ec_key("doomed")
    deleted = settled(ADMIN.begin_delete_key("doomed", _polling_interval=0.2))
    check(deleted.recovery_id.endswith("/deletedkeys/doomed"), deleted.recovery_id)
    equal(deleted.scheduled_purge_date - deleted.deleted_date, timedelta(days=90), "days")
    check("doomed" in [key.name for key in ADMIN.list_deleted_keys()], "it is listed")
    refused(404, "KeyNotFound", lambda: ADMIN.get_key("doomed"))
    settled(ADMIN.begin_recover_deleted_key("doomed", _polling_interval=0.2))
    equal(ADMIN.get_key("doomed").id, key.id, "recovered")


@case("keyPurge_deleted_leavesNothing")
def _():
    ADMIN.create_ec_key("purged")
    settled(ADMIN.begin_delete_key("purged", _polling_interval=0.2))
    ADMIN.purge_deleted_key("purged")
    refused(404, "KeyNotFound", lambda: ADMIN.get_deleted_key("purged"))


@case("keyRestore_afterPurge_isTheSameKey")
def _():
    key = ADMIN.create_ec_key("restored")
    signature = cryptography(key).sign(SignatureAlgorithm.es256, digest("ES256")).signature
    backup = ADMIN.backup_key("restored")
    settled(ADMIN.begin_delete_key("restored", _polling_interval=0.2))
    ADMIN.purge_deleted_key("restored")
    again = ADMIN.restore_key_backup(backup)
    equal(again.id, key.id, "id")
    equal(again.key.x, key.key.x, "x")
    check(
        cryptography(again)
        .verify(SignatureAlgorithm.es256, digest("ES256"), signature)
        .is_valid,
        "the signature from before",
    )


@case("keySign_withCryptoUserRole_works")
def _():
    key = ADMIN.create_ec_key("for-user")
    remote = cryptography(key, SCENE["cryptoUser"])
    signature = remote.sign(SignatureAlgorithm.es256, digest("ES256")).signature
    check(remote.verify(SignatureAlgorithm.es256, digest("ES256"), signature).is_valid, "valid")


@case("keyCreate_withCryptoUserRole_isForbiddenByRbac")
def _():
    refused(403, "ForbiddenByRbac", lambda: USER.create_ec_key("by-user"))
    refused(404, "KeyNotFound", lambda: ADMIN.get_key("by-user"))


@case("keyGet_withoutRole_isForbiddenByRbac")
def _():
    ADMIN.create_ec_key("for-nobody")
    refused(403, "ForbiddenByRbac", lambda: ROLELESS.get_key("for-nobody"))


def signing_refused(code, name, **properties):
    key = ADMIN.create_ec_key(name, **properties)
    refused(
        403,
        code,
        lambda: cryptography(key).sign(SignatureAlgorithm.es256, digest("ES256")),
    )


@case("keySign_disabled_isKeyDisabled")
def _():
    signing_refused("KeyDisabled", "disabled", enabled=False)


@case("keySign_expired_isKeyExpired")
def _():
    signing_refused("KeyExpired", "expired", expires_on=datetime(2020, 1, 1, tzinfo=timezone.utc))


@case("keySign_notYetValid_isKeyNotYetValid")
def _():
    signing_refused(
        "KeyNotYetValid", "too-early", not_before=datetime(2037, 1, 1, tzinfo=timezone.utc)
    )


@case("keyDecrypt_expired_isThePlaintext")
def _():
    key = ADMIN.create_rsa_key(
        "expired-rsa", size=2048, expires_on=datetime(2020, 1, 1, tzinfo=timezone.utc)
    )
    ciphertext = rsa_public(key).encrypt(MESSAGE, RSA_PADDINGS["RSA-OAEP-256"])
    plain = cryptography(key).decrypt(EncryptionAlgorithm.rsa_oaep_256, ciphertext).plaintext
    equal(plain, MESSAGE, "plaintext")


@case("keySign_operationNotPermitted_isKeyOperationForbidden")
def _():
    signing_refused("KeyOperationForbidden", "verify-only", key_operations=["verify"])


@case("keySign_algorithmOfAnotherType_isBadParameter")
def _():
    key = ADMIN.create_ec_key("mismatch")
    error = refused(
        400,
        "BadParameter",
        lambda: cryptography(key).sign(SignatureAlgorithm.es256_k, digest("ES256")),
    )
    check(key.id in error.message, "the refusal names the key")


@case("keyDecrypt_garbage_isBadParameter")
def _():
    remote = cryptography(ADMIN.create_rsa_key("garbage", size=2048))
    for name in RSA_PADDINGS:
        refused(
            400,
            "BadParameter",
            lambda: remote.decrypt(EncryptionAlgorithm(name), b"\1" * 256),
        )


@case("keyGet_unknown_isKeyNotFound")
def _():
    error = refused(404, "KeyNotFound", lambda: ADMIN.get_key("does-not-exist"))
    check(isinstance(error, ResourceNotFoundError), "is a ResourceNotFoundError")


@case("keyCreate_nameInDeletedState_isObjectIsDeletedButRecoverable")
def _():
    ADMIN.create_ec_key("taken")
    settled(ADMIN.begin_delete_key("taken", _polling_interval=0.2))
    refused(409, "ObjectIsDeletedButRecoverable", lambda: ADMIN.create_ec_key("taken"))


# the last one, since tokens from before are months old after it; only dev has a clock to move
if "elevenMonthsPass" in SCENE:

    @case("keyRotation_elevenMonthsPass_isRotatedOnceByItsPolicy")
    def _():
        first = ADMIN.create_ec_key("monthly", key_operations=["sign"])
        ADMIN.update_key_rotation_policy(
            "monthly",
            KeyRotationPolicy(
                lifetime_actions=[
                    KeyRotationLifetimeAction(
                        KeyRotationPolicyAction.rotate, time_after_create="P11M"
                    )
                ],
                expires_in="P2Y",
            ),
        )
        subprocess.run(SCENE["elevenMonthsPass"], check=True, stdout=subprocess.DEVNULL)
        later = client(SCENE["admin"])
        versions = []
        for _ in range(100):
            versions = list(later.list_properties_of_key_versions("monthly"))
            if len(versions) > 1:
                break
            time.sleep(0.1)
        equal(len(versions), 2, "versions")
        newest = later.get_key("monthly")
        check(newest.id != first.id, "the newest is another")
        check((newest.properties.created_on - first.properties.created_on).days >= 330, "months on")
        check((newest.properties.expires_on - newest.properties.created_on).days >= 730, "two years")
        equal(newest.key_operations, ["sign"], "operations")


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
