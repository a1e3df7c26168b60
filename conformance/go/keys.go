package main

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"hash"
	"math/big"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
)

var (
	message       = []byte("what is signed here is verified there")
	past          = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	future        = time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC)
	rsaSignatures = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	rsaCiphers    = []string{"RSA1_5", "RSA-OAEP", "RSA-OAEP-256"}
	curveNames    = map[string]string{
		"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "ES256K": "P-256K",
	}
	curves = map[string]elliptic.Curve{
		"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521(),
	}
)

func hashOf(algorithm string) (crypto.Hash, hash.Hash) {
	switch algorithm[2:5] {
	case "256":
		return crypto.SHA256, sha256.New()
	case "384":
		return crypto.SHA384, sha512.New384()
	default:
		return crypto.SHA512, sha512.New()
	}
}

func digestOf(algorithm string) []byte {
	_, sum := hashOf(algorithm)
	sum.Write(message)
	return sum.Sum(nil)
}

func randomBytes(length int) []byte {
	made := make([]byte, length)
	must(rand.Read(made))
	return made
}

func rsaPublic(key *azkeys.JSONWebKey) *rsa.PublicKey {
	return &rsa.PublicKey{
		N: new(big.Int).SetBytes(key.N), E: int(new(big.Int).SetBytes(key.E).Int64()),
	}
}

func rsaJWK(key *rsa.PrivateKey) *azkeys.JSONWebKey {
	key.Precompute()
	return &azkeys.JSONWebKey{
		Kty: to.Ptr(azkeys.KeyTypeRSA),
		N:   key.N.Bytes(), E: big.NewInt(int64(key.E)).Bytes(), D: key.D.Bytes(),
		P: key.Primes[0].Bytes(), Q: key.Primes[1].Bytes(),
		DP: key.Precomputed.Dp.Bytes(), DQ: key.Precomputed.Dq.Bytes(),
		QI: key.Precomputed.Qinv.Bytes(),
	}
}

func verifyRSA(key *rsa.PublicKey, algorithm string, signature []byte) error {
	used, _ := hashOf(algorithm)
	if strings.HasPrefix(algorithm, "RS") {
		return rsa.VerifyPKCS1v15(key, used, digestOf(algorithm), signature)
	}
	return rsa.VerifyPSS(key, used, digestOf(algorithm), signature,
		&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
}

func signRSA(key *rsa.PrivateKey, algorithm string) []byte {
	used, _ := hashOf(algorithm)
	if strings.HasPrefix(algorithm, "RS") {
		return must(rsa.SignPKCS1v15(rand.Reader, key, used, digestOf(algorithm)))
	}
	return must(rsa.SignPSS(rand.Reader, key, used, digestOf(algorithm),
		&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
}

func encryptRSA(key *rsa.PublicKey, algorithm string, plain []byte) []byte {
	switch algorithm {
	case "RSA1_5":
		return must(rsa.EncryptPKCS1v15(rand.Reader, key, plain))
	case "RSA-OAEP":
		return must(rsa.EncryptOAEP(sha1.New(), rand.Reader, key, plain, nil))
	default:
		return must(rsa.EncryptOAEP(sha256.New(), rand.Reader, key, plain, nil))
	}
}

func decryptRSA(key *rsa.PrivateKey, algorithm string, ciphertext []byte) []byte {
	switch algorithm {
	case "RSA1_5":
		return must(rsa.DecryptPKCS1v15(rand.Reader, key, ciphertext))
	case "RSA-OAEP":
		return must(rsa.DecryptOAEP(sha1.New(), rand.Reader, key, ciphertext, nil))
	default:
		return must(rsa.DecryptOAEP(sha256.New(), rand.Reader, key, ciphertext, nil))
	}
}

// unwrapAES is RFC 3394 section 2.2.2, which the Go library does not have.
func unwrapAES(secret, wrapped []byte) []byte {
	block := must(aes.NewCipher(secret))
	n := len(wrapped)/8 - 1
	a := slices.Clone(wrapped[:8])
	r := slices.Clone(wrapped[8:])
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			t := binary.BigEndian.Uint64(a) ^ uint64(n*j+i)
			b := binary.BigEndian.AppendUint64(nil, t)
			b = append(b, r[(i-1)*8:i*8]...)
			block.Decrypt(b, b)
			copy(a, b[:8])
			copy(r[(i-1)*8:], b[8:])
		}
	}
	isTrue(bytes.Equal(a, bytes.Repeat([]byte{0xa6}, 8)), "integrity of the wrapped key")
	return r
}

func keyClientOf(app application) *azkeys.Client {
	return must(azkeys.NewClient(
		theScene.VaultURL, bySecret(app), &azkeys.ClientOptions{ClientOptions: options}))
}

// keyCases is the shared list of key cases; what the server computes is checked with Go's own
// library, and the other way round, but for P-256K, which Go does not know.
func keyCases() []testCase {
	admin := keyClientOf(theScene.Admin)
	user := keyClientOf(theScene.CryptoUser)
	roleless := keyClientOf(theScene.Roleless)

	create := func(name string, parameters azkeys.CreateKeyParameters) azkeys.KeyBundle {
		return must(admin.CreateKey(ctx, name, parameters, nil)).KeyBundle
	}
	newRSA := func(name string, size int32) azkeys.KeyBundle {
		return create(name, azkeys.CreateKeyParameters{
			Kty: to.Ptr(azkeys.KeyTypeRSA), KeySize: &size})
	}
	newEC := func(name, curve string) azkeys.KeyBundle {
		return create(name, azkeys.CreateKeyParameters{
			Kty: to.Ptr(azkeys.KeyTypeEC), Curve: to.Ptr(azkeys.CurveName(curve))})
	}
	bring := func(name string, key *azkeys.JSONWebKey) azkeys.KeyBundle {
		return must(admin.ImportKey(
			ctx, name, azkeys.ImportKeyParameters{Key: key}, nil)).KeyBundle
	}
	newOct := func(name string, secret []byte, operations ...azkeys.KeyOperation) azkeys.KeyBundle {
		var wanted []*azkeys.KeyOperation
		for _, operation := range operations {
			wanted = append(wanted, to.Ptr(operation))
		}
		return bring(name, &azkeys.JSONWebKey{
			Kty: to.Ptr(azkeys.KeyTypeOct), K: secret, KeyOps: wanted})
	}
	get := func(name, version string) azkeys.KeyBundle {
		return must(admin.GetKey(ctx, name, version, nil)).KeyBundle
	}
	getError := func(client *azkeys.Client, name string) error {
		_, err := client.GetKey(ctx, name, "", nil)
		return err
	}
	createError := func(client *azkeys.Client, name string, kty azkeys.KeyType) error {
		_, err := client.CreateKey(ctx, name, azkeys.CreateKeyParameters{Kty: &kty}, nil)
		return err
	}
	getDeletedError := func(name string) error {
		_, err := admin.GetDeletedKey(ctx, name, nil)
		return err
	}
	versionsBy := func(client *azkeys.Client, name string) []string {
		var listed []string
		for pager := client.NewListKeyPropertiesVersionsPager(name, nil); pager.More(); {
			for _, key := range must(pager.NextPage(ctx)).Value {
				listed = append(listed, key.KID.Version())
			}
		}
		slices.Sort(listed)
		return listed
	}
	remove := func(name string) {
		must(admin.DeleteKey(ctx, name, nil))
		settles("deleting "+name, func() bool {
			err := getDeletedError(name)
			if isNotFound(err) {
				return false
			}
			check(err)
			return true
		})
	}
	operations := func(key azkeys.KeyBundle) string {
		var words []string
		for _, operation := range key.Key.KeyOps {
			words = append(words, string(*operation))
		}
		return strings.Join(words, " ")
	}
	signWith := func(client *azkeys.Client, key azkeys.KeyBundle, algorithm string) (
		[]byte, error,
	) {
		signed, err := client.Sign(ctx, key.Key.KID.Name(), key.Key.KID.Version(),
			azkeys.SignParameters{
				Algorithm: to.Ptr(azkeys.SignatureAlgorithm(algorithm)), Value: digestOf(algorithm),
			}, nil)
		return signed.Result, err
	}
	sign := func(key azkeys.KeyBundle, algorithm string) []byte {
		return must(signWith(admin, key, algorithm))
	}
	valid := func(key azkeys.KeyBundle, algorithm string, digest, signature []byte) bool {
		return *must(admin.Verify(ctx, key.Key.KID.Name(), key.Key.KID.Version(),
			azkeys.VerifyParameters{
				Algorithm: to.Ptr(azkeys.SignatureAlgorithm(algorithm)),
				Digest:    digest, Signature: signature,
			}, nil)).Value
	}
	parameters := func(algorithm string, value []byte) azkeys.KeyOperationParameters {
		return azkeys.KeyOperationParameters{
			Algorithm: to.Ptr(azkeys.EncryptionAlgorithm(algorithm)), Value: value}
	}
	encrypt := func(key azkeys.KeyBundle, wanted azkeys.KeyOperationParameters) azkeys.KeyOperationResult {
		return must(admin.Encrypt(ctx, key.Key.KID.Name(), "", wanted, nil)).KeyOperationResult
	}
	decryptError := func(key azkeys.KeyBundle, wanted azkeys.KeyOperationParameters) ([]byte, error) {
		made, err := admin.Decrypt(ctx, key.Key.KID.Name(), "", wanted, nil)
		return made.Result, err
	}
	signingRefused := func(code, name string, parameters azkeys.CreateKeyParameters) {
		parameters.Kty = to.Ptr(azkeys.KeyTypeEC)
		_, err := signWith(admin, create(name, parameters), "ES256")
		refused(err, 403, code)
	}
	rotateAfter := func(span string, before bool) azkeys.KeyRotationPolicy {
		trigger := &azkeys.LifetimeActionTrigger{TimeAfterCreate: &span}
		if before {
			trigger = &azkeys.LifetimeActionTrigger{TimeBeforeExpiry: &span}
		}
		return azkeys.KeyRotationPolicy{
			Attributes: &azkeys.KeyRotationPolicyAttributes{ExpiryTime: to.Ptr("P2Y")},
			LifetimeActions: []*azkeys.LifetimeAction{{
				Action: &azkeys.LifetimeActionType{
					Type: to.Ptr(azkeys.KeyRotationPolicyActionRotate)},
				Trigger: trigger,
			}},
		}
	}
	actions := func(policy azkeys.KeyRotationPolicy) string {
		var words []string
		for _, action := range policy.LifetimeActions {
			words = append(words, strings.ToLower(string(*action.Action.Type)))
		}
		return strings.Join(words, " ")
	}

	return []testCase{
		{"keyCreate_rsaSizes_haveTheirSizeAndOperations", func() {
			for _, size := range []int32{2048, 3072, 4096} {
				key := newRSA(fmt.Sprintf("rsa-%d", size), size)
				equal(rsaPublic(key.Key).N.BitLen(), int(size), "bits")
				equal(operations(key), "encrypt decrypt sign verify wrapKey unwrapKey", "operations")
				equal(*key.Attributes.HSMPlatform, "0", "platform")
				equal(*key.Attributes.Exportable, false, "exportable")
			}
		}},
		{"keyCreate_curves_haveTheirCurveAndOperations", func() {
			for _, curve := range curveNames {
				key := newEC("ec-"+curve, curve)
				equal(string(*key.Key.Crv), curve, "curve")
				equal(operations(key), "sign verify", "operations")
			}
		}},
		{"keyCreate_symmetricSizes_showNoKeyMaterial", func() {
			for _, size := range []int32{128, 192, 256} {
				key := create(fmt.Sprintf("oct-%d", size), azkeys.CreateKeyParameters{
					Kty: to.Ptr(azkeys.KeyTypeOct), KeySize: &size})
				equal(*key.Key.Kty, azkeys.KeyTypeOct, "type")
				equal(len(key.Key.K), 0, "bytes of key material")
			}
		}},
		{"keyCreate_everyProperty_isKept", func() {
			create("whole", azkeys.CreateKeyParameters{
				Kty: to.Ptr(azkeys.KeyTypeEC), Curve: to.Ptr(azkeys.CurveNameP384),
				KeyOps: []*azkeys.KeyOperation{to.Ptr(azkeys.KeyOperationVerify)},
				KeyAttributes: &azkeys.KeyAttributes{
					Enabled: to.Ptr(false), NotBefore: &past, Expires: &future},
				Tags: map[string]*string{"a": to.Ptr("1")},
			})
			key := get("whole", "")
			equal(operations(key), "verify", "operations")
			equal(*key.Attributes.Enabled, false, "enabled")
			isTrue(key.Attributes.NotBefore.Equal(past), "nbf: %v", key.Attributes.NotBefore)
			isTrue(key.Attributes.Expires.Equal(future), "exp: %v", key.Attributes.Expires)
			equal(*key.Tags["a"], "1", "tag")
			equal(*key.Attributes.RecoveryLevel, "Recoverable+Purgeable", "recovery level")
		}},
		{"keyCreate_forHardware_isForbidden", func() {
			refused(createError(admin, "hsm", azkeys.KeyTypeRSAHSM), 403, "Forbidden")
			refused(createError(admin, "hsm", azkeys.KeyTypeECHSM), 403, "Forbidden")
			refused(getError(admin, "hsm"), 404, "KeyNotFound")
		}},
		{"keyGet_olderVersion_isThatKey", func() {
			first := newEC("versions", "P-256")
			second := newEC("versions", "P-256")
			equal(*get("versions", "").Key.KID, *second.Key.KID, "newest")
			older := get("versions", first.Key.KID.Version())
			equal(*older.Key.KID, *first.Key.KID, "id")
			equal(older.Key.X, first.Key.X, "x")
		}},
		{"keyList_severalPages_listsEachOnce", func() {
			var wanted []string
			for i := range 30 {
				name := fmt.Sprintf("page-%d", i)
				newEC(name, "P-256")
				wanted = append(wanted, name)
			}
			var listed []string
			pages := 0
			for pager := admin.NewListKeyPropertiesPager(nil); pager.More(); pages++ {
				for _, key := range must(pager.NextPage(ctx)).Value {
					if strings.HasPrefix(key.KID.Name(), "page-") {
						listed = append(listed, key.KID.Name())
					}
				}
			}
			isTrue(pages > 1, "there is more than one page")
			slices.Sort(wanted)
			slices.Sort(listed)
			equal(listed, wanted, "names")
		}},
		{"keyListVersions_severalVersions_listsEachOnce", func() {
			var made []string
			for range 5 {
				made = append(made, newEC("many", "P-256").Key.KID.Version())
			}
			slices.Sort(made)
			equal(versionsBy(admin, "many"), made, "versions")
		}},
		{"keyUpdate_operationsTimesAndTags_areKept", func() {
			key := newRSA("changing", 2048)
			changed := must(admin.UpdateKey(ctx, "changing", "", azkeys.UpdateKeyParameters{
				KeyOps:        []*azkeys.KeyOperation{to.Ptr(azkeys.KeyOperationSign)},
				KeyAttributes: &azkeys.KeyAttributes{Expires: &future},
				Tags:          map[string]*string{"b": to.Ptr("2")},
			}, nil)).KeyBundle
			equal(operations(changed), "sign", "operations")
			isTrue(changed.Attributes.Expires.Equal(future), "exp: %v", changed.Attributes.Expires)
			equal(*changed.Tags["b"], "2", "tag")
			equal(changed.Key.N, key.Key.N, "modulus")
			again := must(admin.UpdateKey(ctx, "changing", key.Key.KID.Version(),
				azkeys.UpdateKeyParameters{
					KeyAttributes: &azkeys.KeyAttributes{Enabled: to.Ptr(false)},
				}, nil)).KeyBundle
			equal(*again.Attributes.Enabled, false, "enabled")
			equal(operations(again), "sign", "operations stay")
		}},
		{"keySign_rsaAlgorithms_verifyElsewhere", func() {
			key := newRSA("signing", 2048)
			for _, algorithm := range rsaSignatures {
				check(verifyRSA(rsaPublic(key.Key), algorithm, sign(key, algorithm)))
			}
		}},
		{"keyVerify_rsaSignaturesMadeElsewhere_areValid", func() {
			private := must(rsa.GenerateKey(rand.Reader, 2048))
			key := bring("signed-elsewhere", rsaJWK(private))
			for _, algorithm := range rsaSignatures {
				made := signRSA(private, algorithm)
				isTrue(valid(key, algorithm, digestOf(algorithm), made), "%s", algorithm)
				other := make([]byte, len(digestOf(algorithm)))
				isTrue(!valid(key, algorithm, other, made), "%s of another", algorithm)
			}
		}},
		{"keySign_curveAlgorithms_verifyElsewhere", func() {
			for algorithm, curve := range curveNames {
				key := newEC("signing-"+curve, curve)
				made := sign(key, algorithm)
				half := len(made) / 2
				equal(half, len(key.Key.X), "length")
				known, isKnown := curves[algorithm]
				if !isKnown {
					isTrue(valid(key, algorithm, digestOf(algorithm), made), "%s", algorithm)
					continue
				}
				public := &ecdsa.PublicKey{
					Curve: known,
					X:     new(big.Int).SetBytes(key.Key.X), Y: new(big.Int).SetBytes(key.Key.Y),
				}
				isTrue(ecdsa.Verify(public, digestOf(algorithm),
					new(big.Int).SetBytes(made[:half]), new(big.Int).SetBytes(made[half:])),
					"%s", algorithm)
			}
		}},
		{"keyVerify_curveSignaturesMadeElsewhere_areValid", func() {
			for algorithm, curve := range curves {
				private := must(ecdsa.GenerateKey(curve, rand.Reader))
				var agreement *ecdh.PrivateKey = must(private.ECDH())
				point := agreement.PublicKey().Bytes()
				size := (len(point) - 1) / 2
				key := bring("curve-elsewhere-"+curveNames[algorithm], &azkeys.JSONWebKey{
					Kty: to.Ptr(azkeys.KeyTypeEC),
					Crv: to.Ptr(azkeys.CurveName(curveNames[algorithm])),
					X:   point[1 : 1+size], Y: point[1+size:], D: agreement.Bytes(),
				})
				r, s, err := ecdsa.Sign(rand.Reader, private, digestOf(algorithm))
				check(err)
				made := append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
				isTrue(valid(key, algorithm, digestOf(algorithm), made), "%s", algorithm)
				made[len(made)-1] ^= 1
				isTrue(!valid(key, algorithm, digestOf(algorithm), made), "%s changed", algorithm)
			}
		}},
		{"keySign_hmacAlgorithms_equalElsewhere", func() {
			secret := randomBytes(32)
			key := newOct("hmac", secret, azkeys.KeyOperationSign, azkeys.KeyOperationVerify)
			for _, algorithm := range []string{"HS256", "HS384", "HS512"} {
				used, _ := hashOf(algorithm)
				mac := hmac.New(used.New, secret)
				mac.Write(digestOf(algorithm))
				made := sign(key, algorithm)
				equal(made, mac.Sum(nil), algorithm)
				isTrue(valid(key, algorithm, digestOf(algorithm), made), "%s", algorithm)
			}
		}},
		{"keyDecrypt_rsaEncryptedElsewhere_isThePlaintext", func() {
			key := newRSA("decrypting", 2048)
			for _, algorithm := range rsaCiphers {
				ciphertext := encryptRSA(rsaPublic(key.Key), algorithm, message)
				equal(must(decryptError(key, parameters(algorithm, ciphertext))), message, algorithm)
			}
		}},
		{"keyUnwrap_rsaWrappedElsewhere_isTheKey", func() {
			key := newRSA("unwrapping", 3072)
			secret := randomBytes(32)
			for _, algorithm := range rsaCiphers {
				wrapped := encryptRSA(rsaPublic(key.Key), algorithm, secret)
				unwrapped := must(admin.UnwrapKey(
					ctx, "unwrapping", "", parameters(algorithm, wrapped), nil))
				equal(unwrapped.Result, secret, algorithm)
			}
		}},
		{"keyEncrypt_rsa_decryptsElsewhere", func() {
			private := must(rsa.GenerateKey(rand.Reader, 2048))
			key := bring("encrypting", rsaJWK(private))
			for _, algorithm := range rsaCiphers {
				made := encrypt(key, parameters(algorithm, message))
				equal(decryptRSA(private, algorithm, made.Result), message, algorithm)
				wrapped := must(admin.WrapKey(
					ctx, "encrypting", "", parameters(algorithm, message), nil))
				equal(decryptRSA(private, algorithm, wrapped.Result), message, algorithm)
			}
		}},
		{"keyEncrypt_aesGcm_decryptsElsewhere", func() {
			for _, size := range []int{128, 192, 256} {
				secret := randomBytes(size / 8)
				key := newOct(fmt.Sprintf("gcm-%d", size), secret,
					azkeys.KeyOperationEncrypt, azkeys.KeyOperationDecrypt)
				wanted := parameters(fmt.Sprintf("A%dGCM", size), message)
				wanted.AdditionalAuthenticatedData = []byte("aad")
				first := encrypt(key, wanted)
				second := encrypt(key, wanted)
				isTrue(!bytes.Equal(first.IV, second.IV), "each has its own initialization vector")
				gcm := must(cipher.NewGCM(must(aes.NewCipher(secret))))
				equal(must(gcm.Open(nil, first.IV,
					append(first.Result, first.AuthenticationTag...), []byte("aad"))),
					message, "plaintext")
			}
		}},
		{"keyDecrypt_aesGcmEncryptedElsewhere_isThePlaintext", func() {
			secret, iv := randomBytes(32), randomBytes(12)
			gcm := must(cipher.NewGCM(must(aes.NewCipher(secret))))
			sealed := gcm.Seal(nil, iv, message, []byte("aad"))
			key := newOct("gcm-elsewhere", secret, azkeys.KeyOperationDecrypt)
			wanted := parameters("A256GCM", sealed[:len(message)])
			wanted.IV, wanted.AuthenticationTag = iv, sealed[len(message):]
			wanted.AdditionalAuthenticatedData = []byte("aad")
			equal(must(decryptError(key, wanted)), message, "plaintext")
			wanted.AdditionalAuthenticatedData = []byte("other")
			_, err := decryptError(key, wanted)
			refused(err, 400, "BadParameter")
		}},
		{"keyEncrypt_aesCbc_decryptsElsewhere", func() {
			secret, iv := randomBytes(32), randomBytes(16)
			key := newOct("cbc", secret, azkeys.KeyOperationEncrypt, azkeys.KeyOperationDecrypt)
			block := must(aes.NewCipher(secret))
			open := func(ciphertext []byte) []byte {
				plain := make([]byte, len(ciphertext))
				cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, ciphertext)
				return plain
			}
			blocks := randomBytes(48)
			wanted := parameters("A256CBC", blocks)
			wanted.IV = iv
			equal(open(encrypt(key, wanted).Result), blocks, "CBC")
			wanted = parameters("A256CBCPAD", message)
			wanted.IV = iv
			padded := encrypt(key, wanted).Result
			fill := 16 - len(message)%16
			equal(open(padded),
				append(slices.Clone(message), bytes.Repeat([]byte{byte(fill)}, fill)...), "CBCPAD")
			wanted.Value = padded
			equal(must(decryptError(key, wanted)), message, "CBCPAD back")
		}},
		{"keyWrap_aesKw_unwrapsElsewhere", func() {
			for _, size := range []int{128, 192, 256} {
				secret, wanted := randomBytes(size/8), randomBytes(32)
				name := fmt.Sprintf("kw-%d", size)
				newOct(name, secret, azkeys.KeyOperationWrapKey, azkeys.KeyOperationUnwrapKey)
				algorithm := fmt.Sprintf("A%dKW", size)
				wrapped := must(admin.WrapKey(ctx, name, "", parameters(algorithm, wanted), nil))
				equal(unwrapAES(secret, wrapped.Result), wanted, "unwrapped elsewhere")
				back := must(admin.UnwrapKey(
					ctx, name, "", parameters(algorithm, wrapped.Result), nil))
				equal(back.Result, wanted, "unwrapped here")
			}
		}},
		{"keyImport_pem_isTheSameKey", func() {
			made := must(rsa.GenerateKey(rand.Reader, 2048))
			text := pem.EncodeToMemory(&pem.Block{
				Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(made))})
			block, _ := pem.Decode(text)
			private := must(x509.ParsePKCS8PrivateKey(block.Bytes)).(*rsa.PrivateKey)
			key := bring("from-pem", rsaJWK(private))
			isTrue(rsaPublic(key.Key).Equal(private.Public()), "public key")
			equal(len(key.Key.D), 0, "bytes of the private exponent")
			check(verifyRSA(&private.PublicKey, "RS256", sign(key, "RS256")))
		}},
		{"keyRotate_live_isANewVersionLikeTheOld", func() {
			first := create("rotating", azkeys.CreateKeyParameters{
				Kty: to.Ptr(azkeys.KeyTypeEC), Curve: to.Ptr(azkeys.CurveNameP384),
				KeyOps: []*azkeys.KeyOperation{to.Ptr(azkeys.KeyOperationSign)},
				Tags:   map[string]*string{"a": to.Ptr("1")},
			})
			second := must(admin.RotateKey(ctx, "rotating", nil)).KeyBundle
			isTrue(*second.Key.KID != *first.Key.KID, "it is another version")
			isTrue(!bytes.Equal(second.Key.X, first.Key.X), "it is another key")
			equal(*second.Key.Crv, azkeys.CurveNameP384, "curve")
			equal(operations(second), "sign", "operations")
			equal(*second.Tags["a"], "1", "tag")
		}},
		{"keyRotationPolicy_set_comesBackWithItsNotice", func() {
			newEC("policy", "P-256")
			equal(actions(must(admin.GetKeyRotationPolicy(ctx, "policy", nil)).KeyRotationPolicy),
				"notify", "before")
			must(admin.UpdateKeyRotationPolicy(ctx, "policy", rotateAfter("P30D", true), nil))
			policy := must(admin.GetKeyRotationPolicy(ctx, "policy", nil)).KeyRotationPolicy
			equal(*policy.Attributes.ExpiryTime, "P2Y", "expiry time")
			equal(actions(policy), "rotate notify", "actions")
			equal(*policy.LifetimeActions[0].Trigger.TimeBeforeExpiry, "P30D", "rotation")
			equal(*policy.LifetimeActions[1].Trigger.TimeBeforeExpiry, "P30D", "notice")
			_, err := admin.UpdateKeyRotationPolicy(ctx, "policy", azkeys.KeyRotationPolicy{
				Attributes: &azkeys.KeyRotationPolicyAttributes{ExpiryTime: to.Ptr("P20D")},
			}, nil)
			refused(err, 400, "BadParameter")
		}},
		{"keyDelete_live_endsInDeletedStateAndRecovers", func() {
			key := newEC("doomed", "P-256")
			remove("doomed")
			deleted := must(admin.GetDeletedKey(ctx, "doomed", nil))
			isTrue(strings.HasSuffix(*deleted.RecoveryID, "/deletedkeys/doomed"),
				"recovery id: %s", *deleted.RecoveryID)
			equal(deleted.ScheduledPurgeDate.Sub(*deleted.DeletedDate), 90*24*time.Hour, "days")
			isListed := false
			for pager := admin.NewListDeletedKeyPropertiesPager(nil); pager.More(); {
				for _, one := range must(pager.NextPage(ctx)).Value {
					isListed = isListed || one.KID.Name() == "doomed"
				}
			}
			isTrue(isListed, "it is listed")
			refused(getError(admin, "doomed"), 404, "KeyNotFound")
			must(admin.RecoverDeletedKey(ctx, "doomed", nil))
			settles("recovering", func() bool { return getError(admin, "doomed") == nil })
			equal(*get("doomed", "").Key.KID, *key.Key.KID, "recovered")
		}},
		{"keyPurge_deleted_leavesNothing", func() {
			newEC("purged", "P-256")
			remove("purged")
			must(admin.PurgeDeletedKey(ctx, "purged", nil))
			refused(getDeletedError("purged"), 404, "KeyNotFound")
		}},
		{"keyRestore_afterPurge_isTheSameKey", func() {
			key := newEC("restored", "P-256")
			made := sign(key, "ES256")
			backup := must(admin.BackupKey(ctx, "restored", nil))
			remove("restored")
			must(admin.PurgeDeletedKey(ctx, "restored", nil))
			again := must(admin.RestoreKey(ctx, azkeys.RestoreKeyParameters{
				KeyBackup: backup.Value}, nil)).KeyBundle
			equal(*again.Key.KID, *key.Key.KID, "id")
			isTrue(valid(again, "ES256", digestOf("ES256"), made), "the signature from before")
		}},
		{"keySign_withCryptoUserRole_works", func() {
			key := newEC("for-user", "P-256")
			made := must(signWith(user, key, "ES256"))
			isTrue(valid(key, "ES256", digestOf("ES256"), made), "valid")
		}},
		{"keyCreate_withCryptoUserRole_isForbiddenByRbac", func() {
			refused(createError(user, "by-user", azkeys.KeyTypeEC), 403, "ForbiddenByRbac")
			refused(getError(admin, "by-user"), 404, "KeyNotFound")
		}},
		{"keyGet_withoutRole_isForbiddenByRbac", func() {
			newEC("for-nobody", "P-256")
			refused(getError(roleless, "for-nobody"), 403, "ForbiddenByRbac")
		}},
		{"keySign_disabled_isKeyDisabled", func() {
			signingRefused("KeyDisabled", "disabled", azkeys.CreateKeyParameters{
				KeyAttributes: &azkeys.KeyAttributes{Enabled: to.Ptr(false)}})
		}},
		{"keySign_expired_isKeyExpired", func() {
			signingRefused("KeyExpired", "expired", azkeys.CreateKeyParameters{
				KeyAttributes: &azkeys.KeyAttributes{Expires: &past}})
		}},
		{"keySign_notYetValid_isKeyNotYetValid", func() {
			signingRefused("KeyNotYetValid", "too-early", azkeys.CreateKeyParameters{
				KeyAttributes: &azkeys.KeyAttributes{NotBefore: &future}})
		}},
		{"keyDecrypt_expired_isThePlaintext", func() {
			key := create("expired-rsa", azkeys.CreateKeyParameters{
				Kty:           to.Ptr(azkeys.KeyTypeRSA),
				KeyAttributes: &azkeys.KeyAttributes{Expires: &past},
			})
			ciphertext := encryptRSA(rsaPublic(key.Key), "RSA-OAEP-256", message)
			equal(must(decryptError(key, parameters("RSA-OAEP-256", ciphertext))),
				message, "plaintext")
		}},
		{"keySign_operationNotPermitted_isKeyOperationForbidden", func() {
			signingRefused("KeyOperationForbidden", "verify-only", azkeys.CreateKeyParameters{
				KeyOps: []*azkeys.KeyOperation{to.Ptr(azkeys.KeyOperationVerify)}})
		}},
		{"keySign_algorithmOfAnotherType_isBadParameter", func() {
			key := newEC("mismatch", "P-256")
			_, err := signWith(admin, key, "ES256K")
			refused(err, 400, "BadParameter")
			isTrue(strings.Contains(err.Error(), string(*key.Key.KID)), "the refusal names the key")
		}},
		{"keyDecrypt_garbage_isBadParameter", func() {
			key := newRSA("garbage", 2048)
			for _, algorithm := range rsaCiphers {
				_, err := decryptError(key, parameters(algorithm, bytes.Repeat([]byte{1}, 256)))
				refused(err, 400, "BadParameter")
			}
		}},
		{"keyGet_unknown_isKeyNotFound", func() {
			refused(getError(admin, "does-not-exist"), 404, "KeyNotFound")
		}},
		{"keyCreate_nameInDeletedState_isObjectIsDeletedButRecoverable", func() {
			newEC("taken", "P-256")
			remove("taken")
			refused(createError(admin, "taken", azkeys.KeyTypeEC),
				409, "ObjectIsDeletedButRecoverable")
		}},
		// the last one, since tokens from before are months old after it
		{"keyRotation_elevenMonthsPass_isRotatedOnceByItsPolicy", func() {
			first := create("monthly", azkeys.CreateKeyParameters{
				Kty:    to.Ptr(azkeys.KeyTypeEC),
				KeyOps: []*azkeys.KeyOperation{to.Ptr(azkeys.KeyOperationSign)},
			})
			must(admin.UpdateKeyRotationPolicy(ctx, "monthly", rotateAfter("P11M", false), nil))
			command := theScene.ElevenMonthsPass
			check(exec.Command(command[0], command[1:]...).Run())
			later := keyClientOf(theScene.Admin)
			settles("rotating", func() bool { return len(versionsBy(later, "monthly")) > 1 })
			equal(len(versionsBy(later, "monthly")), 2, "versions")
			newest := must(later.GetKey(ctx, "monthly", "", nil)).KeyBundle
			isTrue(*newest.Key.KID != *first.Key.KID, "the newest is another")
			isTrue(newest.Attributes.Created.Sub(*first.Attributes.Created) >= 330*24*time.Hour,
				"months on")
			isTrue(newest.Attributes.Expires.Sub(*newest.Attributes.Created) >= 730*24*time.Hour,
				"two years")
			equal(operations(newest), "sign", "operations")
		}},
	}
}
