"""Runs the shared list of certificate cases with the Azure SDK for Python and reports one line per
case (TAP).

What the server makes is opened with pyca/cryptography and openssl, and the other way round. Reads the
scene, a JSON file named by STRONGROOM_SCENE.
"""

import base64
import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.keyvault.certificates import (
    AdministratorContact,
    CertificateClient,
    CertificateContact,
    CertificatePolicy,
    LifetimeAction,
)
from azure.keyvault.keys import KeyClient
from azure.keyvault.secrets import SecretClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

with open(os.environ["STRONGROOM_SCENE"], encoding="utf-8") as file:
    SCENE = json.load(file)

LOGIN = {"authority": SCENE["authorityHost"], "disable_instance_discovery": True}
CASES = []


def case(name):
    def register(function):
        CASES.append((name, function))
        return function

    return register


def by_secret(application):
    return ClientSecretCredential(
        SCENE["tenantId"], application["clientId"], application["clientSecret"], **LOGIN
    )


def client(kind, application):
    return kind(SCENE["vaultUrl"], by_secret(application), retry_total=0)


ADMIN = client(CertificateClient, SCENE["admin"])
ROLELESS = client(CertificateClient, SCENE["roleless"])
SECRETS = client(SecretClient, SCENE["admin"])
KEYS = client(KeyClient, SCENE["admin"])


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


def self_signed(name, **options):
    policy = CertificatePolicy("Self", subject=f"CN={name}", key_type="EC", **options)
    return settled(ADMIN.begin_create_certificate(name, policy, _polling_interval=0.2))


def pending(name):
    policy = CertificatePolicy("Unknown", subject=f"CN={name}", key_type="EC")
    # the poller would wait for somebody to merge
    ADMIN.begin_create_certificate(name, policy, _polling_interval=3600)
    return ADMIN.get_certificate_operation(name)


def parsed(certificate):
    return x509.load_der_x509_certificate(bytes(certificate.cer))


def public_bytes(key):
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def openssl(*arguments, given=b""):
    return subprocess.run(
        ["openssl", *arguments], input=given, capture_output=True, check=True, timeout=60
    ).stdout.decode()


@case("certificateCreate_self_completesWithKeyAndSecret")
def _():
    policy = CertificatePolicy("Self", subject="CN=site.test")
    made = settled(ADMIN.begin_create_certificate("self", policy, _polling_interval=0.2))
    equal(made.policy.key_type, "RSA", "key type")
    equal(made.policy.key_size, 2048, "key size")
    equal(made.policy.content_type, "application/x-pkcs12", "content type")
    equal(made.policy.validity_in_months, 12, "validity")
    certificate = parsed(made)
    equal(certificate.subject.rfc4514_string(), "CN=site.test", "subject")
    certificate.verify_directly_issued_by(certificate)
    key = KEYS.get_key("self")
    equal(key.id, made.key_id, "key id")
    check(key.properties.managed, "the key is not managed")
    secret = SECRETS.get_secret("self")
    equal(secret.id, made.secret_id, "secret id")
    equal(secret.properties.key_id, made.key_id, "key of the secret")
    equal(ADMIN.get_certificate_operation("self").status, "completed", "status")


@case("certificateCreate_everyProperty_isKept")
def _():
    made = self_signed(
        "every",
        san_dns_names=["every.test", "*.every.test"],
        san_emails=["a@every.test"],
        san_user_principal_names=["u@every.test"],
        san_uris=["spiffe://every.test/x"],
        san_ip_addresses=["192.0.2.1"],
        enhanced_key_usage=["1.3.6.1.5.5.7.3.2"],
        key_usage=["digitalSignature"],
        key_curve_name="P-384",
        reuse_key=True,
        validity_in_months=3,
        lifetime_actions=[LifetimeAction("AutoRenew", days_before_expiry=20)],
    )
    equal(made.policy.san_dns_names, ["every.test", "*.every.test"], "dns names")
    equal(made.policy.san_uris, ["spiffe://every.test/x"], "uris")
    equal(made.policy.key_curve_name, "P-384", "curve")
    equal(made.policy.reuse_key, True, "reuse of the key")
    equal(made.policy.lifetime_actions[0].days_before_expiry, 20, "lifetime action")
    extensions = parsed(made).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    equal(
        names.get_values_for_type(x509.DNSName), ["every.test", "*.every.test"], "DNS names"
    )
    equal([str(ip) for ip in names.get_values_for_type(x509.IPAddress)], ["192.0.2.1"], "IP")
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    check(usage.digital_signature and not usage.key_encipherment, "key usage")
    equal(
        list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value),
        [ExtendedKeyUsageOID.CLIENT_AUTH],
        "extended key usage",
    )


@case("certificateCreate_again_isANewVersion")
def _():
    first = self_signed("again")
    second = self_signed("again")
    check(first.properties.version != second.properties.version, "the same version")
    old = ADMIN.get_certificate_version("again", first.properties.version)
    equal(bytes(old.cer), bytes(first.cer), "the old version")
    listed = [item.version for item in ADMIN.list_properties_of_certificate_versions("again")]
    equal(
        sorted(listed),
        sorted([first.properties.version, second.properties.version]),
        "listed versions",
    )


def issued(name, **options):
    policy = CertificatePolicy("Strongroom", subject=f"CN={name}", key_type="EC", **options)
    return settled(ADMIN.begin_create_certificate(name, policy, _polling_interval=0.2))


@case("certificateCreate_builtInAuthority_isSignedByIt")
def _():
    made = parsed(issued("issued"))
    equal(made.issuer.rfc4514_string(), "CN=Conformance Issuing CA", "issuer")
    check(made.serial_number.bit_length() == 129, "not 128 random bits")


@case("certificateSecret_pfx_opensElsewhere")
def _():
    made = self_signed("pfx")
    pfx = base64.b64decode(SECRETS.get_secret("pfx").value)
    for password in (None, b""):
        key, certificate, others = pkcs12.load_key_and_certificates(pfx, password)
        equal(certificate.public_bytes(serialization.Encoding.DER), bytes(made.cer), "cer")
        equal(public_bytes(key.public_key()), public_bytes(certificate.public_key()), "key")
        equal(others, [], "other certificates")
    said = openssl("pkcs12", "-passin", "pass:", "-noenc", given=pfx)
    check("BEGIN PRIVATE KEY" in said and "BEGIN CERTIFICATE" in said, "openssl: " + said)


@case("certificateSecret_pem_opensElsewhere")
def _():
    made = self_signed("pem", content_type="application/x-pem-file")
    text = SECRETS.get_secret("pem").value.encode()
    key = serialization.load_pem_private_key(text, None)
    certificate = x509.load_pem_x509_certificate(text)
    equal(certificate.public_bytes(serialization.Encoding.DER), bytes(made.cer), "cer")
    equal(public_bytes(key.public_key()), public_bytes(certificate.public_key()), "key")


@case("certificateMerge_requestSignedElsewhere_isThatCertificate")
def _():
    operation = pending("merge")
    equal(operation.status, "inProgress", "status")
    request = x509.load_der_x509_csr(bytes(operation.csr))
    check(request.is_signature_valid, "the request does not verify")
    signer = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=90))
        .sign(signer, hashes.SHA256())
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    merged = ADMIN.merge_certificate("merge", [der])
    equal(bytes(merged.cer), der, "certificate")
    key, _, _ = pkcs12.load_key_and_certificates(
        base64.b64decode(SECRETS.get_secret("merge").value), None
    )
    equal(public_bytes(key.public_key()), public_bytes(request.public_key()), "key")
    equal(ADMIN.get_certificate_operation("merge").status, "completed", "status")


@case("certificateCancel_pending_isCanceled")
def _():
    pending("cancel")
    operation = ADMIN.cancel_certificate_operation("cancel")
    check(operation.cancellation_requested, "cancellation was not requested")
    equal(ADMIN.get_certificate_operation("cancel").status, "canceled", "status")
    refused(400, "BadRequest", lambda: ADMIN.cancel_certificate_operation("cancel"))


@case("certificateDeletePending_pending_isGone")
def _():
    pending("forget")
    ADMIN.delete_certificate_operation("forget")
    refused(
        404,
        "PendingCertificateNotFound",
        lambda: ADMIN.get_certificate_operation("forget"),
    )


@case("certificateImport_pfx_isTheSameCertificate")
def _():
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = own_certificate(key, "imported")
    pfx = pkcs12.serialize_key_and_certificates(
        b"name", key, certificate, None, serialization.BestAvailableEncryption(b"word")
    )
    made = ADMIN.import_certificate("import-pfx", pfx, password="word")
    equal(
        bytes(made.cer), certificate.public_bytes(serialization.Encoding.DER), "certificate"
    )
    equal(made.policy.issuer_name, "Unknown", "issuer")
    equal(made.policy.subject, "CN=imported", "subject")


@case("certificateImport_pem_isTheSameCertificate")
def _():
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = own_certificate(key, "imported")
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    made = ADMIN.import_certificate("import-pem", pem)
    equal(
        bytes(made.cer), certificate.public_bytes(serialization.Encoding.DER), "certificate"
    )
    equal(made.policy.content_type, "application/x-pem-file", "content type")


def own_certificate(key, name):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=90))
        .sign(key, hashes.SHA256())
    )


@case("certificateImport_wrongPassword_isBadParameter")
def _():
    key = ec.generate_private_key(ec.SECP256R1())
    pfx = pkcs12.serialize_key_and_certificates(
        b"name",
        key,
        own_certificate(key, "locked"),
        None,
        serialization.BestAvailableEncryption(b"word"),
    )
    refused(
        400,
        "BadParameter",
        lambda: ADMIN.import_certificate("locked", pfx, password="wrong"),
    )


@case("certificateUpdate_disabledAndTags_areKept")
def _():
    self_signed("update")
    ADMIN.update_certificate_properties("update", enabled=False, tags={"a": "1"})
    properties = ADMIN.get_certificate("update").properties
    equal(properties.enabled, False, "enabled")
    equal(properties.tags, {"a": "1"}, "tags")
    refused(403, "SecretDisabled", lambda: SECRETS.get_secret("update"))


@case("certificatePolicy_changed_isKept")
def _():
    self_signed("policy")
    policy = ADMIN.get_certificate_policy("policy")
    policy._validity_in_months = 24
    equal(
        ADMIN.update_certificate_policy("policy", policy).validity_in_months, 24, "validity"
    )
    equal(ADMIN.get_certificate_policy("policy").subject, "CN=policy", "subject")


@case("certificateIssuers_setListedDeleted_comeBack")
def _():
    ADMIN.create_issuer(
        "ours",
        "DigiCert",
        account_id="account",
        password="hidden",
        organization_id="7",
        admin_contacts=[AdministratorContact(first_name="A", email="a@b.test")],
    )
    issuer = ADMIN.get_issuer("ours")
    equal(issuer.provider, "DigiCert", "provider")
    equal(issuer.account_id, "account", "account")
    equal(issuer.password, None, "password")
    equal(issuer.admin_contacts[0].email, "a@b.test", "administrator")
    ADMIN.update_issuer("ours", enabled=False)
    equal(ADMIN.get_issuer("ours").enabled, False, "enabled")
    equal([item.name for item in ADMIN.list_properties_of_issuers()], ["ours"], "issuers")
    ADMIN.delete_issuer("ours")
    refused(404, "CertificateIssuerNotFound", lambda: ADMIN.get_issuer("ours"))


@case("certificateContacts_setAndDeleted_comeBack")
def _():
    ADMIN.set_contacts([CertificateContact(email="a@b.test", name="A", phone="1")])
    equal([contact.email for contact in ADMIN.get_contacts()], ["a@b.test"], "contacts")
    ADMIN.delete_contacts()
    refused(404, "ContactsNotFound", ADMIN.get_contacts)


@case("certificateList_pending_isListedWhenAskedFor")
def _():
    pending("waiting")
    listed = [item.name for item in ADMIN.list_properties_of_certificates()]
    check("waiting" not in listed, "it is listed")
    check(len(listed) == len(set(listed)), "one is listed twice")
    listed = [
        item.name for item in ADMIN.list_properties_of_certificates(include_pending=True)
    ]
    check("waiting" in listed, "it is not listed")


@case("certificateDelete_live_endsInDeletedStateAndRecovers")
def _():
    made = self_signed("deleted")
    deleted = settled(ADMIN.begin_delete_certificate("deleted", _polling_interval=0.2))
    check(deleted.recovery_id.endswith("/deletedcertificates/deleted"), deleted.recovery_id)
    check(
        "deleted" in [item.name for item in ADMIN.list_deleted_certificates()], "not listed"
    )
    refused(404, "SecretNotFound", lambda: SECRETS.get_secret("deleted"))
    settled(ADMIN.begin_recover_deleted_certificate("deleted", _polling_interval=0.2))
    equal(bytes(ADMIN.get_certificate("deleted").cer), bytes(made.cer), "certificate")
    equal(SECRETS.get_secret("deleted").id, made.secret_id, "secret")


@case("certificatePurge_deleted_leavesNothing")
def _():
    self_signed("purged")
    settled(ADMIN.begin_delete_certificate("purged", _polling_interval=0.2))
    ADMIN.purge_deleted_certificate("purged")
    refused(404, "CertificateNotFound", lambda: ADMIN.get_deleted_certificate("purged"))
    refused(404, "SecretNotFound", lambda: SECRETS.get_deleted_secret("purged"))


@case("certificateRestore_afterPurge_isTheSameCertificate")
def _():
    made = self_signed("backup")
    blob = ADMIN.backup_certificate("backup")
    settled(ADMIN.begin_delete_certificate("backup", _polling_interval=0.2))
    ADMIN.purge_deleted_certificate("backup")
    restored = ADMIN.restore_certificate_backup(blob)
    equal(restored.id, made.id, "id")
    equal(SECRETS.get_secret("backup").id, made.secret_id, "secret")


@case("certificateGet_unknown_isCertificateNotFound")
def _():
    error = refused(
        404, "CertificateNotFound", lambda: ADMIN.get_certificate("does-not-exist")
    )
    check(isinstance(error, ResourceNotFoundError), "is a ResourceNotFoundError")


@case("certificateCreate_withoutRole_isForbiddenByRbac")
def _():
    policy = CertificatePolicy("Self", subject="CN=a")
    refused(
        403,
        "ForbiddenByRbac",
        lambda: ROLELESS.begin_create_certificate("forbidden", policy),
    )


@case("certificateSecret_setByHand_isForbidden")
def _():
    self_signed("managed")
    refused(403, "Forbidden", lambda: SECRETS.set_secret("managed", "value"))
    refused(403, "Forbidden", lambda: SECRETS.begin_delete_secret("managed"))


@case("certificateRenewal_elevenMonthsPass_isRenewedOnceByItsPolicy")
def _():
    first = self_signed(
        "renewed", lifetime_actions=[LifetimeAction("AutoRenew", lifetime_percentage=80)]
    )
    authority_first = issued(
        "renewed-by-authority",
        lifetime_actions=[LifetimeAction("AutoRenew", lifetime_percentage=80)],
    )
    subprocess.run(SCENE["elevenMonthsPass"], check=True, timeout=60, capture_output=True)
    fresh = client(CertificateClient, SCENE["admin"])
    deadline = time.monotonic() + 60
    while fresh.get_certificate("renewed").id == first.id:
        check(time.monotonic() < deadline, "it was not renewed within a minute")
        time.sleep(0.3)
    while fresh.get_certificate("renewed-by-authority").id == authority_first.id:
        check(time.monotonic() < deadline, "the authority did not renew within a minute")
        time.sleep(0.3)
    versions = list(fresh.list_properties_of_certificate_versions("renewed"))
    equal(len(versions), 2, "versions")
    renewed = fresh.get_certificate("renewed")
    check(renewed.properties.expires_on > first.properties.expires_on, "the same end")
    old = fresh.get_certificate_version("renewed", first.properties.version)
    equal(bytes(old.cer), bytes(first.cer), "the old version")


print(f"1..{len(CASES)}", flush=True)
failures = 0
for case_name, run in CASES:
    try:
        run()
        print(f"ok {case_name}", flush=True)
    except Exception as problem:  # every problem is this case's result
        failures += 1
        reason = " ".join(f"{type(problem).__name__}: {problem}".split())
        print(f"not ok {case_name} - {reason}", flush=True)
sys.exit(1 if failures else 0)
