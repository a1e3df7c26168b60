package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azcertificates"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"golang.org/x/crypto/pkcs12"
)

func certificateClientOf(app application) *azcertificates.Client {
	return must(azcertificates.NewClient(theScene.VaultURL, bySecret(app),
		&azcertificates.ClientOptions{ClientOptions: options}))
}

func policyOf(issuer, name string) *azcertificates.CertificatePolicy {
	return &azcertificates.CertificatePolicy{
		IssuerParameters: &azcertificates.IssuerParameters{Name: &issuer},
		KeyProperties:    &azcertificates.KeyProperties{KeyType: to.Ptr(azcertificates.KeyTypeEC)},
		X509CertificateProperties: &azcertificates.X509CertificateProperties{
			Subject: to.Ptr("CN=" + name)},
	}
}

// signed makes a certificate of a key by another, or by its own where there is no other.
func signed(subject pkix.Name, public any, signer *ecdsa.PrivateKey) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: subject,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
	}
	return must(x509.CreateCertificate(rand.Reader, template, template, public, signer))
}

func newCurveKey() *ecdsa.PrivateKey {
	return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
}

// opensWithGo opens a PFX with Go's own library, which knows the old form only.
func opensWithGo(encoded string, der []byte) {
	pfx := must(base64.StdEncoding.DecodeString(encoded))
	key, certificate, err := pkcs12.Decode(pfx, "")
	check(err)
	isTrue(bytes.Equal(certificate.Raw, der), "the certificate is another")
	isTrue(key.(*ecdsa.PrivateKey).PublicKey.Equal(certificate.PublicKey), "the key is another")
}

func certificateCases() []testCase {
	admin := certificateClientOf(theScene.Admin)
	secrets := clientOf(theScene.VaultURL, bySecret(theScene.Admin))
	keys := keyClientOf(theScene.Admin)

	completed := func(name string) azcertificates.Certificate {
		settles("completing", func() bool {
			operation := must(admin.GetCertificateOperation(ctx, name, nil))
			isTrue(operation.Error == nil, "failed: %v", operation.Error)
			return *operation.Status == "completed"
		})
		return must(admin.GetCertificate(ctx, name, "", nil)).Certificate
	}
	create := func(name string, policy *azcertificates.CertificatePolicy) azcertificates.Certificate {
		must(admin.CreateCertificate(ctx, name,
			azcertificates.CreateCertificateParameters{CertificatePolicy: policy}, nil))
		return completed(name)
	}
	self := func(name string) azcertificates.Certificate {
		return create(name, policyOf("Self", name))
	}
	pending := func(name string) azcertificates.CertificateOperation {
		return must(admin.CreateCertificate(ctx, name, azcertificates.CreateCertificateParameters{
			CertificatePolicy: policyOf("Unknown", name)}, nil)).CertificateOperation
	}
	secret := func(name string) azsecrets.Secret {
		return must(secrets.GetSecret(ctx, name, "", nil)).Secret
	}
	versions := func(client *azcertificates.Client, name string) []string {
		var found []string
		pager := client.NewListCertificatePropertiesVersionsPager(name, nil)
		for pager.More() {
			for _, item := range must(pager.NextPage(ctx)).Value {
				found = append(found, item.ID.Version())
			}
		}
		slices.Sort(found)
		return found
	}
	names := func(includePending bool) []string {
		var found []string
		pager := admin.NewListCertificatePropertiesPager(
			&azcertificates.ListCertificatePropertiesOptions{IncludePending: &includePending})
		for pager.More() {
			for _, item := range must(pager.NextPage(ctx)).Value {
				found = append(found, item.ID.Name())
			}
		}
		return found
	}
	remove := func(name string) azcertificates.DeletedCertificate {
		deleted := must(admin.DeleteCertificate(ctx, name, nil)).DeletedCertificate
		settles("deleting", func() bool {
			_, err := admin.GetDeletedCertificate(ctx, name, nil)
			return err == nil
		})
		return deleted
	}
	bring := func(name, value, password string) (azcertificates.ImportCertificateResponse, error) {
		return admin.ImportCertificate(ctx, name, azcertificates.ImportCertificateParameters{
			Base64EncodedCertificate: &value, Password: &password}, nil)
	}
	// pfx has the password "word" and is made by openssl, as Go's library only reads.
	pfx := func(key *ecdsa.PrivateKey, der []byte) string {
		folder := must(os.MkdirTemp("", "pfx"))
		defer os.RemoveAll(folder)
		file := filepath.Join(folder, "all.pem")
		content := pem.EncodeToMemory(&pem.Block{
			Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))})
		content = append(content,
			pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
		check(os.WriteFile(file, content, 0o600))
		made := must(exec.Command("openssl", "pkcs12", "-export", "-in", file,
			"-passout", "pass:word").Output())
		return base64.StdEncoding.EncodeToString(made)
	}

	return []testCase{
		{"certificateCreate_self_completesWithKeyAndSecret", func() {
			policy := policyOf("Self", "site.test")
			policy.KeyProperties = nil
			made := create("self", policy)
			equal(*made.Policy.KeyProperties.KeyType, azcertificates.KeyTypeRSA, "key type")
			equal(*made.Policy.KeyProperties.KeySize, 2048, "key size")
			equal(*made.Policy.SecretProperties.ContentType, "application/x-pkcs12", "content type")
			equal(*made.Policy.X509CertificateProperties.ValidityInMonths, 12, "validity")
			certificate := must(x509.ParseCertificate(made.CER))
			check(certificate.CheckSignature(certificate.SignatureAlgorithm,
				certificate.RawTBSCertificate, certificate.Signature))
			key := must(keys.GetKey(ctx, "self", "", nil))
			equal(string(*key.Key.KID), string(*made.KID), "key id")
			isTrue(*key.Managed, "the key is not managed")
			found := secret("self")
			equal(string(*found.ID), string(*made.SID), "secret id")
			equal(string(*found.KID), string(*made.KID), "key of the secret")
		}},
		{"certificateCreate_everyProperty_isKept", func() {
			policy := policyOf("Self", "every")
			policy.KeyProperties.Curve = to.Ptr(azcertificates.CurveNameP384)
			policy.KeyProperties.ReuseKey = to.Ptr(true)
			policy.LifetimeActions = []*azcertificates.LifetimeAction{{
				Action: &azcertificates.LifetimeActionType{
					ActionType: to.Ptr(azcertificates.CertificatePolicyActionAutoRenew)},
				Trigger: &azcertificates.LifetimeActionTrigger{DaysBeforeExpiry: to.Ptr[int32](20)},
			}}
			properties := policy.X509CertificateProperties
			properties.ValidityInMonths = to.Ptr[int32](3)
			properties.EnhancedKeyUsage = []*string{to.Ptr("1.3.6.1.5.5.7.3.2")}
			properties.KeyUsage = []*azcertificates.KeyUsageType{
				to.Ptr(azcertificates.KeyUsageTypeDigitalSignature)}
			properties.SubjectAlternativeNames = &azcertificates.SubjectAlternativeNames{
				DNSNames:    []*string{to.Ptr("every.test"), to.Ptr("*.every.test")},
				Emails:      []*string{to.Ptr("a@every.test")},
				URIs:        []*string{to.Ptr("spiffe://every.test/x")},
				IPAddresses: []*string{to.Ptr("192.0.2.1")},
			}
			made := create("every", policy)
			equal(*made.Policy.KeyProperties.Curve, azcertificates.CurveNameP384, "curve")
			equal(*made.Policy.KeyProperties.ReuseKey, true, "reuse of the key")
			equal(*made.Policy.LifetimeActions[0].Trigger.DaysBeforeExpiry, 20, "action")
			kept := made.Policy.X509CertificateProperties.SubjectAlternativeNames
			equal(*kept.URIs[0], "spiffe://every.test/x", "URI in the policy")
			certificate := must(x509.ParseCertificate(made.CER))
			equal(certificate.DNSNames, []string{"every.test", "*.every.test"}, "DNS names")
			equal(certificate.EmailAddresses, []string{"a@every.test"}, "addresses")
			equal(certificate.URIs[0].String(), "spiffe://every.test/x", "URI")
			equal(certificate.IPAddresses[0].String(), "192.0.2.1", "IP address")
			equal(certificate.KeyUsage, x509.KeyUsageDigitalSignature, "key usage")
			equal(certificate.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, "EKU")
		}},
		{"certificateCreate_again_isANewVersion", func() {
			first, second := self("again"), self("again")
			expected := []string{first.ID.Version(), second.ID.Version()}
			slices.Sort(expected)
			equal(versions(admin, "again"), expected, "versions")
			old := must(admin.GetCertificate(ctx, "again", first.ID.Version(), nil))
			isTrue(bytes.Equal(old.CER, first.CER), "the old version is another")
		}},
		{"certificateCreate_builtInAuthority_isSignedByIt", func() {
			made := create("issued", policyOf("Strongroom", "issued"))
			leaf := must(x509.ParseCertificate(made.CER))
			equal(leaf.Issuer.CommonName, "Conformance Issuing CA", "issuer")
		}},
		{"certificateSecret_pfx_opensElsewhere", func() {
			made := self("pfx")
			opensWithGo(*secret("pfx").Value, made.CER)
		}},
		{"certificateSecret_pem_opensElsewhere", func() {
			policy := policyOf("Self", "pem")
			policy.SecretProperties = &azcertificates.SecretProperties{
				ContentType: to.Ptr("application/x-pem-file")}
			made := create("pem", policy)
			key, rest := pem.Decode([]byte(*secret("pem").Value))
			certificate, _ := pem.Decode(rest)
			isTrue(bytes.Equal(certificate.Bytes, made.CER), "the certificate is another")
			private := must(x509.ParsePKCS8PrivateKey(key.Bytes)).(*ecdsa.PrivateKey)
			parsed := must(x509.ParseCertificate(made.CER))
			isTrue(private.PublicKey.Equal(parsed.PublicKey), "the key is another")
		}},
		{"certificateMerge_requestSignedElsewhere_isThatCertificate", func() {
			operation := pending("merge")
			equal(*operation.Status, "inProgress", "status")
			request := must(x509.ParseCertificateRequest(operation.CSR))
			check(request.CheckSignature())
			der := signed(request.Subject, request.PublicKey, newCurveKey())
			merged := must(admin.MergeCertificate(ctx, "merge",
				azcertificates.MergeCertificateParameters{X509Certificates: [][]byte{der}}, nil))
			isTrue(bytes.Equal(merged.CER, der), "the certificate is another")
			opensWithGo(*secret("merge").Value, der)
			completed("merge")
		}},
		{"certificateCancel_pending_isCanceled", func() {
			pending("cancel")
			wanted := azcertificates.UpdateCertificateOperationParameter{
				CancellationRequested: to.Ptr(true)}
			operation := must(admin.UpdateCertificateOperation(ctx, "cancel", wanted, nil))
			isTrue(*operation.CancellationRequested, "cancellation was not requested")
			equal(*must(admin.GetCertificateOperation(ctx, "cancel", nil)).Status,
				"canceled", "status")
			_, err := admin.UpdateCertificateOperation(ctx, "cancel", wanted, nil)
			refused(err, 400, "BadRequest")
		}},
		{"certificateDeletePending_pending_isGone", func() {
			pending("forget")
			must(admin.DeleteCertificateOperation(ctx, "forget", nil))
			_, err := admin.GetCertificateOperation(ctx, "forget", nil)
			refused(err, 404, "PendingCertificateNotFound")
		}},
		{"certificateImport_pfx_isTheSameCertificate", func() {
			key := newCurveKey()
			der := signed(pkix.Name{CommonName: "imported"}, key.Public(), key)
			made := must(bring("import-pfx", pfx(key, der), "word"))
			isTrue(bytes.Equal(made.CER, der), "the certificate is another")
			equal(*made.Policy.IssuerParameters.Name, "Unknown", "issuer")
			equal(*made.Policy.X509CertificateProperties.Subject, "CN=imported", "subject")
		}},
		{"certificateImport_pem_isTheSameCertificate", func() {
			key := newCurveKey()
			der := signed(pkix.Name{CommonName: "imported"}, key.Public(), key)
			content := string(pem.EncodeToMemory(&pem.Block{
				Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))})) +
				string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
			made := must(bring("import-pem", content, ""))
			isTrue(bytes.Equal(made.CER, der), "the certificate is another")
			equal(*made.Policy.SecretProperties.ContentType, "application/x-pem-file", "type")
		}},
		{"certificateImport_wrongPassword_isBadParameter", func() {
			key := newCurveKey()
			der := signed(pkix.Name{CommonName: "locked"}, key.Public(), key)
			_, err := bring("locked", pfx(key, der), "wrong")
			refused(err, 400, "BadParameter")
		}},
		{"certificateUpdate_disabledAndTags_areKept", func() {
			self("update")
			must(admin.UpdateCertificate(ctx, "update", "",
				azcertificates.UpdateCertificateParameters{
					CertificateAttributes: &azcertificates.CertificateAttributes{
						Enabled: to.Ptr(false)},
					Tags: map[string]*string{"a": to.Ptr("1")},
				}, nil))
			kept := must(admin.GetCertificate(ctx, "update", "", nil))
			equal(*kept.Attributes.Enabled, false, "enabled")
			equal(*kept.Tags["a"], "1", "tag")
			_, err := secrets.GetSecret(ctx, "update", "", nil)
			refused(err, 403, "SecretDisabled")
		}},
		{"certificatePolicy_changed_isKept", func() {
			self("policy")
			policy := must(admin.GetCertificatePolicy(ctx, "policy", nil)).CertificatePolicy
			policy.X509CertificateProperties.ValidityInMonths = to.Ptr[int32](24)
			must(admin.UpdateCertificatePolicy(ctx, "policy", policy, nil))
			kept := must(admin.GetCertificatePolicy(ctx, "policy", nil))
			equal(*kept.X509CertificateProperties.ValidityInMonths, 24, "validity")
			equal(*kept.X509CertificateProperties.Subject, "CN=policy", "subject")
		}},
		{"certificateIssuers_setListedDeleted_comeBack", func() {
			must(admin.SetIssuer(ctx, "ours", azcertificates.SetIssuerParameters{
				Provider: to.Ptr("DigiCert"),
				Credentials: &azcertificates.IssuerCredentials{
					AccountID: to.Ptr("account"), Password: to.Ptr("hidden")},
				OrganizationDetails: &azcertificates.OrganizationDetails{
					ID: to.Ptr("7"),
					AdminContacts: []*azcertificates.AdministratorContact{
						{Email: to.Ptr("a@b.test")}},
				},
			}, nil))
			issuer := must(admin.GetIssuer(ctx, "ours", nil))
			equal(*issuer.Provider, "DigiCert", "provider")
			equal(*issuer.Credentials.AccountID, "account", "account")
			isTrue(issuer.Credentials.Password == nil, "the password came back")
			equal(*issuer.OrganizationDetails.AdminContacts[0].Email, "a@b.test", "contact")
			must(admin.UpdateIssuer(ctx, "ours", azcertificates.UpdateIssuerParameters{
				Attributes: &azcertificates.IssuerAttributes{Enabled: to.Ptr(false)}}, nil))
			equal(*must(admin.GetIssuer(ctx, "ours", nil)).Attributes.Enabled, false, "enabled")
			page := must(admin.NewListIssuerPropertiesPager(nil).NextPage(ctx))
			equal(len(page.Value), 1, "issuers")
			must(admin.DeleteIssuer(ctx, "ours", nil))
			_, err := admin.GetIssuer(ctx, "ours", nil)
			refused(err, 404, "CertificateIssuerNotFound")
		}},
		{"certificateContacts_setAndDeleted_comeBack", func() {
			must(admin.SetContacts(ctx, azcertificates.Contacts{
				ContactList: []*azcertificates.Contact{{Email: to.Ptr("a@b.test")}}}, nil))
			equal(*must(admin.GetContacts(ctx, nil)).ContactList[0].Email, "a@b.test", "contact")
			must(admin.DeleteContacts(ctx, nil))
			_, err := admin.GetContacts(ctx, nil)
			refused(err, 404, "ContactsNotFound")
		}},
		{"certificateList_pending_isListedWhenAskedFor", func() {
			pending("waiting")
			listed := names(false)
			isTrue(!slices.Contains(listed, "waiting"), "it is listed")
			slices.Sort(listed)
			equal(len(slices.Compact(slices.Clone(listed))), len(listed), "distinct names")
			isTrue(slices.Contains(names(true), "waiting"), "it is not listed")
		}},
		{"certificateDelete_live_endsInDeletedStateAndRecovers", func() {
			made := self("deleted")
			deleted := remove("deleted")
			isTrue(strings.HasSuffix(*deleted.RecoveryID, "/deletedcertificates/deleted"),
				"recovery id %s", *deleted.RecoveryID)
			_, err := secrets.GetSecret(ctx, "deleted", "", nil)
			refused(err, 404, "SecretNotFound")
			must(admin.RecoverDeletedCertificate(ctx, "deleted", nil))
			settles("recovering", func() bool {
				_, err := admin.GetCertificate(ctx, "deleted", "", nil)
				return err == nil
			})
			equal(string(*secret("deleted").ID), string(*made.SID), "secret")
		}},
		{"certificatePurge_deleted_leavesNothing", func() {
			self("purged")
			remove("purged")
			must(admin.PurgeDeletedCertificate(ctx, "purged", nil))
			_, err := admin.GetDeletedCertificate(ctx, "purged", nil)
			refused(err, 404, "CertificateNotFound")
			_, err = secrets.GetDeletedSecret(ctx, "purged", nil)
			refused(err, 404, "SecretNotFound")
		}},
		{"certificateRestore_afterPurge_isTheSameCertificate", func() {
			made := self("backup")
			blob := must(admin.BackupCertificate(ctx, "backup", nil)).Value
			remove("backup")
			must(admin.PurgeDeletedCertificate(ctx, "backup", nil))
			restored := must(admin.RestoreCertificate(ctx,
				azcertificates.RestoreCertificateParameters{CertificateBackup: blob}, nil))
			equal(string(*restored.ID), string(*made.ID), "id")
			equal(string(*secret("backup").ID), string(*made.SID), "secret")
		}},
		{"certificateGet_unknown_isCertificateNotFound", func() {
			_, err := admin.GetCertificate(ctx, "does-not-exist", "", nil)
			refused(err, 404, "CertificateNotFound")
		}},
		{"certificateCreate_withoutRole_isForbiddenByRbac", func() {
			_, err := certificateClientOf(theScene.Roleless).CreateCertificate(ctx, "forbidden",
				azcertificates.CreateCertificateParameters{
					CertificatePolicy: policyOf("Self", "a")}, nil)
			refused(err, 403, "ForbiddenByRbac")
		}},
		{"certificateSecret_setByHand_isForbidden", func() {
			self("managed")
			_, err := secrets.SetSecret(ctx, "managed",
				azsecrets.SetSecretParameters{Value: to.Ptr("value")}, nil)
			refused(err, 403, "Forbidden")
			_, err = secrets.DeleteSecret(ctx, "managed", nil)
			refused(err, 403, "Forbidden")
			_, err = keys.DeleteKey(ctx, "managed", &azkeys.DeleteKeyOptions{})
			refused(err, 403, "Forbidden")
		}},
		// the last one, since tokens from before are months old after it
		{"certificateRenewal_elevenMonthsPass_isRenewedOnceByItsPolicy", func() {
			policy := policyOf("Self", "renewed")
			policy.LifetimeActions = []*azcertificates.LifetimeAction{{
				Action: &azcertificates.LifetimeActionType{
					ActionType: to.Ptr(azcertificates.CertificatePolicyActionAutoRenew)},
				Trigger: &azcertificates.LifetimeActionTrigger{
					LifetimePercentage: to.Ptr[int32](80)},
			}}
			first := create("renewed", policy)
			command := theScene.ElevenMonthsPass
			check(exec.Command(command[0], command[1:]...).Run())
			later := certificateClientOf(theScene.Admin)
			settles("renewing", func() bool { return len(versions(later, "renewed")) > 1 })
			equal(len(versions(later, "renewed")), 2, "versions")
			newest := must(later.GetCertificate(ctx, "renewed", "", nil))
			isTrue(newest.Attributes.Expires.After(*first.Attributes.Expires), "the same end")
			old := must(later.GetCertificate(ctx, "renewed", first.ID.Version(), nil))
			isTrue(bytes.Equal(old.CER, first.CER), "the old version is another")
		}},
	}
}
