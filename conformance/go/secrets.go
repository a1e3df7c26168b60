package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

func secretCases() []testCase {
	admin := clientOf(theScene.VaultURL, bySecret(theScene.Admin))
	reader := clientOf(theScene.VaultURL, bySecret(theScene.Reader))
	roleless := clientOf(theScene.VaultURL, bySecret(theScene.Roleless))

	set := func(name, value string) azsecrets.Secret {
		return must(admin.SetSecret(
			ctx, name, azsecrets.SetSecretParameters{Value: &value}, nil)).Secret
	}
	get := func(name, version string) azsecrets.Secret {
		return must(admin.GetSecret(ctx, name, version, nil)).Secret
	}
	getError := func(client *azsecrets.Client, name string) error {
		_, err := client.GetSecret(ctx, name, "", nil)
		return err
	}
	getDeletedError := func(name string) error {
		_, err := admin.GetDeletedSecret(ctx, name, nil)
		return err
	}
	versions := func(name string) []string {
		var listed []string
		for pager := admin.NewListSecretPropertiesVersionsPager(name, nil); pager.More(); {
			for _, version := range must(pager.NextPage(ctx)).Value {
				listed = append(listed, version.ID.Version())
			}
		}
		slices.Sort(listed)
		return listed
	}
	remove := func(name string) {
		must(admin.DeleteSecret(ctx, name, nil))
		settles("deleting "+name, func() bool {
			err := getDeletedError(name)
			if isNotFound(err) {
				return false
			}
			check(err)
			return true
		})
	}
	readsWith := func(credential azcore.TokenCredential) {
		set("login", "reached")
		client := clientOf(theScene.VaultURL, credential)
		equal(*must(client.GetSecret(ctx, "login", "", nil)).Value, "reached", "value")
	}
	unauthorizedWith := func(token string) {
		set("for-tokens", "v")
		isTrue(theScene.Tokens[token] != "", "the scene has no token %q", token)
		client := clientOf(theScene.VaultURL, fixedToken(theScene.Tokens[token]))
		refused(getError(client, "for-tokens"), 401, "Unauthorized")
	}

	return []testCase{
		{"login_clientSecret_readsSecret", func() { readsWith(bySecret(theScene.Admin)) }},
		{"login_certificate_readsSecret", func() {
			readsWith(byCertificate(theScene.Certificate))
		}},
		{"login_workloadIdentity_readsSecret", func() {
			readsWith(byWorkloadIdentity(theScene.Federated))
		}},
		{"login_defaultCredentialBySecret_readsSecret", func() {
			withEnvironment(map[string]string{
				"AZURE_AUTHORITY_HOST": theScene.AuthorityHost,
				"AZURE_TENANT_ID":      theScene.TenantID,
				"AZURE_CLIENT_ID":      theScene.Admin.ClientID,
				"AZURE_CLIENT_SECRET":  theScene.Admin.ClientSecret,
			}, func() { readsWith(byDefault()) })
		}},
		{"login_defaultCredentialByWorkloadIdentity_readsSecret", func() {
			withEnvironment(map[string]string{
				"AZURE_AUTHORITY_HOST":       theScene.AuthorityHost,
				"AZURE_TENANT_ID":            theScene.TenantID,
				"AZURE_CLIENT_ID":            theScene.Federated.ClientID,
				"AZURE_FEDERATED_TOKEN_FILE": theScene.Federated.TokenFile,
			}, func() { readsWith(byDefault()) })
		}},
		{"login_wrongClientSecret_isRefused", func() {
			wrong := application{ClientID: theScene.Admin.ClientID, ClientSecret: "not-the-secret"}
			err := getError(clientOf(theScene.VaultURL, bySecret(wrong)), "login")
			isTrue(err != nil && strings.Contains(err.Error(), "AADSTS7000215"),
				"expected AADSTS7000215 in %v", err)
		}},

		{"secretSet_newName_returnsWhatWasSet", func() {
			secret := must(admin.SetSecret(ctx, "Set-New", azsecrets.SetSecretParameters{
				Value:       to.Ptr("v1"),
				ContentType: to.Ptr("text/plain"),
				Tags:        map[string]*string{"a": to.Ptr("b")},
			}, nil))
			equal(*secret.Value, "v1", "value")
			equal(*secret.ContentType, "text/plain", "content type")
			equal(*secret.Tags["a"], "b", "tag")
			equal(len(secret.ID.Version()), 32, "length of the version")
			equal(string(*secret.ID),
				theScene.VaultURL+"/secrets/Set-New/"+secret.ID.Version(), "id")
			isTrue(*secret.Attributes.Enabled, "a new secret is enabled")
			isTrue(secret.Attributes.Created != nil, "created is set")
			isTrue(*secret.Attributes.RecoveryLevel != "", "recovery level is set")
		}},
		{"secretGet_latest_returnsNewestVersion", func() {
			set("get-latest", "old")
			newest := set("get-latest", "new")
			secret := get("get-latest", "")
			equal(*secret.Value, "new", "value")
			equal(*secret.ID, *newest.ID, "id")
		}},
		{"secretGet_olderVersion_returnsItsValue", func() {
			older := set("get-older", "old")
			set("get-older", "new")
			secret := get("get-older", older.ID.Version())
			equal(*secret.Value, "old", "value")
			equal(*secret.ID, *older.ID, "id")
		}},
		{"secretGet_unusualValue_returnsItUnchanged", func() {
			value := "line\nquote \" backslash \\ tab \t umlaut ü kanji 鍵 emoji 🔑 "
			set("unusual", value)
			equal(*get("unusual", "").Value, value, "value")
			long := strings.Repeat("x", 25_000)
			set("unusual", long)
			equal(*get("unusual", "").Value, long, "long value")
		}},
		{"secretGet_outsideNotBeforeAndExpiry_returnsValueAndTimes", func() {
			past := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
			future := time.Date(2035, 1, 1, 0, 0, 0, 0, time.UTC)
			must(admin.SetSecret(ctx, "expired", azsecrets.SetSecretParameters{
				Value:            to.Ptr("v"),
				SecretAttributes: &azsecrets.SecretAttributes{Expires: &past},
			}, nil))
			must(admin.SetSecret(ctx, "not-yet", azsecrets.SetSecretParameters{
				Value:            to.Ptr("v"),
				SecretAttributes: &azsecrets.SecretAttributes{NotBefore: &future},
			}, nil))
			expired := get("expired", "")
			equal(*expired.Value, "v", "value of the expired secret")
			isTrue(expired.Attributes.Expires.Equal(past), "expiry")
			notYet := get("not-yet", "")
			equal(*notYet.Value, "v", "value of the secret that is not valid yet")
			isTrue(notYet.Attributes.NotBefore.Equal(future), "not before")
		}},
		{"secretListVersions_severalVersions_listsEachOnce", func() {
			var made []string
			for n := range 4 {
				made = append(made, set("versions", fmt.Sprint(n)).ID.Version())
			}
			slices.Sort(made)
			equal(versions("versions"), made, "versions")
		}},
		{"secretList_overSixtySecrets_listsEachOnceInPages", func() {
			for n := range 62 {
				set(fmt.Sprintf("many-%02d", n), "v")
			}
			pages := 0
			listed := map[string]int{}
			for pager := admin.NewListSecretPropertiesPager(nil); pager.More(); pages++ {
				page := must(pager.NextPage(ctx)).Value
				isTrue(len(page) <= 25, "a page holds %d secrets", len(page))
				for _, secret := range page {
					listed[secret.ID.Name()]++
				}
			}
			isTrue(pages >= 3, "expected three pages or more, got %d", pages)
			for n := range 62 {
				name := fmt.Sprintf("many-%02d", n)
				equal(listed[name], 1, "times that "+name+" is listed")
			}
		}},
		{"secretUpdate_attributesTagsAndContentType_areKept", func() {
			start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			end := time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC)
			secret := must(admin.SetSecret(ctx, "update", azsecrets.SetSecretParameters{
				Value:       to.Ptr("v"),
				ContentType: to.Ptr("a"),
				Tags:        map[string]*string{"old": to.Ptr("1")},
			}, nil))
			must(admin.UpdateSecretProperties(ctx, "update", secret.ID.Version(),
				azsecrets.UpdateSecretPropertiesParameters{
					ContentType: to.Ptr("b"),
					Tags:        map[string]*string{"new": to.Ptr("2")},
					SecretAttributes: &azsecrets.SecretAttributes{
						NotBefore: &start, Expires: &end,
					},
				}, nil))
			updated := get("update", "")
			equal(*updated.Value, "v", "value")
			equal(*updated.ID, *secret.ID, "id")
			equal(*updated.ContentType, "b", "content type")
			equal(len(updated.Tags), 1, "number of tags")
			equal(*updated.Tags["new"], "2", "tag")
			isTrue(updated.Attributes.NotBefore.Equal(start), "not before")
			isTrue(updated.Attributes.Expires.Equal(end), "expiry")
		}},
		{"secretDelete_live_endsInDeletedState", func() {
			set("delete", "v")
			remove("delete")
			refused(getError(admin, "delete"), 404, "SecretNotFound")
		}},
		{"secretGetDeleted_deleted_returnsRecoveryAndTimes", func() {
			set("get-deleted", "v")
			remove("get-deleted")
			deleted := must(admin.GetDeletedSecret(ctx, "get-deleted", nil))
			equal(deleted.ID.Name(), "get-deleted", "name")
			equal(*deleted.RecoveryID,
				theScene.VaultURL+"/deletedsecrets/get-deleted", "recovery id")
			isTrue(deleted.ScheduledPurgeDate.After(*deleted.DeletedDate),
				"is purged after it was deleted")
		}},
		{"secretListDeleted_severalDeleted_listsEach", func() {
			names := []string{"list-deleted-1", "list-deleted-2", "list-deleted-3"}
			for _, name := range names {
				set(name, "v")
				remove(name)
			}
			var listed []string
			for pager := admin.NewListDeletedSecretPropertiesPager(nil); pager.More(); {
				for _, deleted := range must(pager.NextPage(ctx)).Value {
					listed = append(listed, deleted.ID.Name())
				}
			}
			for _, name := range names {
				isTrue(slices.Contains(listed, name), "%s is not listed", name)
			}
		}},
		{"secretRecover_deleted_bringsBackEveryVersion", func() {
			first := set("recover", "one")
			second := set("recover", "two")
			remove("recover")
			must(admin.RecoverDeletedSecret(ctx, "recover", nil))
			settles("recovering", func() bool { return !isNotFound(getError(admin, "recover")) })
			equal(*get("recover", "").ID, *second.ID, "id of the newest version")
			equal(*get("recover", first.ID.Version()).Value, "one", "older value")
			refused(getDeletedError("recover"), 404, "SecretNotFound")
		}},
		{"secretPurge_deleted_leavesNothing", func() {
			set("purge", "v")
			remove("purge")
			must(admin.PurgeDeletedSecret(ctx, "purge", nil))
			refused(getDeletedError("purge"), 404, "SecretNotFound")
			refused(getError(admin, "purge"), 404, "SecretNotFound")
		}},
		{"secretRestore_afterPurge_bringsBackSameVersions", func() {
			first := set("restored", "one")
			second := set("restored", "two")
			made := []string{first.ID.Version(), second.ID.Version()}
			slices.Sort(made)
			backup := must(admin.BackupSecret(ctx, "restored", nil)).Value
			remove("restored")
			must(admin.PurgeDeletedSecret(ctx, "restored", nil))
			restored := must(admin.RestoreSecret(
				ctx, azsecrets.RestoreSecretParameters{SecretBackup: backup}, nil))
			equal(restored.ID.Name(), "restored", "restored name")
			equal(versions("restored"), made, "versions")
			equal(*get("restored", "").Value, "two", "newest value")
			older := get("restored", first.ID.Version())
			equal(*older.Value, "one", "older value")
			isTrue(older.Attributes.Created.Equal(*first.Attributes.Created), "creation time")
		}},

		{"secretGet_withReadingRole_returnsValue", func() {
			set("for-reader", "v")
			equal(*must(reader.GetSecret(ctx, "for-reader", "", nil)).Value, "v", "value")
		}},
		{"secretSet_withReadingRole_isForbiddenByRbac", func() {
			_, err := reader.SetSecret(
				ctx, "by-reader", azsecrets.SetSecretParameters{Value: to.Ptr("v")}, nil)
			refused(err, 403, "ForbiddenByRbac")
			refused(getError(admin, "by-reader"), 404, "SecretNotFound")
		}},
		{"secretGet_withoutRole_isForbiddenByRbac", func() {
			set("for-nobody", "v")
			refused(getError(roleless, "for-nobody"), 403, "ForbiddenByRbac")
		}},
		{"secretList_withoutRole_isForbiddenByRbac", func() {
			_, err := roleless.NewListSecretPropertiesPager(nil).NextPage(ctx)
			refused(err, 403, "ForbiddenByRbac")
		}},
		{"secretGet_unknownWithoutRole_isForbiddenByRbac", func() {
			refused(getError(roleless, "does-not-exist"), 403, "ForbiddenByRbac")
		}},
		{"secretGet_inOtherVault_isForbiddenByRbac", func() {
			other := clientOf(theScene.OtherVaultURL, bySecret(theScene.Admin))
			refused(getError(other, "login"), 403, "ForbiddenByRbac")
		}},
		{"secretGet_expiredToken_isUnauthorized", func() { unauthorizedWith("expired") }},
		{"secretGet_forgedToken_isUnauthorized", func() { unauthorizedWith("forged") }},
		{"secretGet_tokenOfOtherTenant_isUnauthorized", func() {
			unauthorizedWith("otherTenant")
		}},
		{"secretGet_tokenForOtherAudience_isUnauthorized", func() {
			unauthorizedWith("otherAudience")
		}},
		{"secretGet_disabled_isSecretDisabled", func() {
			secret := must(admin.SetSecret(ctx, "disabled", azsecrets.SetSecretParameters{
				Value:            to.Ptr("v"),
				SecretAttributes: &azsecrets.SecretAttributes{Enabled: to.Ptr(false)},
			}, nil))
			refused(getError(admin, "disabled"), 403, "SecretDisabled")
			must(admin.UpdateSecretProperties(ctx, "disabled", secret.ID.Version(),
				azsecrets.UpdateSecretPropertiesParameters{
					SecretAttributes: &azsecrets.SecretAttributes{Enabled: to.Ptr(true)},
				}, nil))
			equal(*get("disabled", "").Value, "v", "value once enabled again")
		}},
		{"secretSet_nameInDeletedState_isObjectIsDeletedButRecoverable", func() {
			set("taken", "v")
			remove("taken")
			_, err := admin.SetSecret(
				ctx, "taken", azsecrets.SetSecretParameters{Value: to.Ptr("w")}, nil)
			refused(err, 409, "ObjectIsDeletedButRecoverable")
		}},
		{"secretGet_unknown_isSecretNotFound", func() {
			refused(getError(admin, "does-not-exist"), 404, "SecretNotFound")
		}},
		{"secretGet_unknownVersion_isSecretNotFound", func() {
			set("one-version", "v")
			_, err := admin.GetSecret(ctx, "one-version", strings.Repeat("0", 32), nil)
			refused(err, 404, "SecretNotFound")
		}},
		{"secretGetDeleted_live_isSecretNotFound", func() {
			set("alive", "v")
			refused(getDeletedError("alive"), 404, "SecretNotFound")
		}},
		{"secretSet_badName_isBadParameter", func() {
			_, err := admin.SetSecret(
				ctx, "bad_name", azsecrets.SetSecretParameters{Value: to.Ptr("v")}, nil)
			refused(err, 400, "BadParameter")
		}},
		{"secretSet_valueTooLong_isBadParameter", func() {
			long := strings.Repeat("x", 25_601)
			_, err := admin.SetSecret(
				ctx, "too-long", azsecrets.SetSecretParameters{Value: &long}, nil)
			refused(err, 400, "BadParameter")
		}},
		{"secretRestore_malformedBackup_isBadParameter", func() {
			_, err := admin.RestoreSecret(
				ctx, azsecrets.RestoreSecretParameters{SecretBackup: []byte("not a backup")}, nil)
			refused(err, 400, "BadParameter")
		}},
		{"secretRestore_nameInUse_isConflict", func() {
			set("in-use", "v")
			backup := must(admin.BackupSecret(ctx, "in-use", nil)).Value
			_, err := admin.RestoreSecret(
				ctx, azsecrets.RestoreSecretParameters{SecretBackup: backup}, nil)
			refused(err, 409, "Conflict")
		}},
	}
}
