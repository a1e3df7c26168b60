// The program runs a shared case list, the one that its argument names, with the Azure SDK for Go and
// reports one line per case (TAP). It reads the scene, a JSON file named by STRONGROOM_SCENE: URLs,
// applications and tokens.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

type application struct {
	ClientID        string `json:"clientId"`
	ClientSecret    string `json:"clientSecret"`
	CertificateFile string `json:"certificateFile"`
	TokenFile       string `json:"tokenFile"`
}

type scene struct {
	VaultURL      string            `json:"vaultUrl"`
	OtherVaultURL string            `json:"otherVaultUrl"`
	AuthorityHost string            `json:"authorityHost"`
	TenantID      string            `json:"tenantId"`
	CAFile        string            `json:"caFile"`
	Admin         application       `json:"admin"`
	Reader        application       `json:"reader"`
	CryptoUser    application       `json:"cryptoUser"`
	Roleless      application       `json:"roleless"`
	Certificate   application       `json:"certificate"`
	Federated     application       `json:"federated"`
	Tokens        map[string]string `json:"tokens"`

	// ElevenMonthsPass is the command line that moves the server's clock.
	ElevenMonthsPass []string `json:"elevenMonthsPass"`
}

type testCase struct {
	name string
	run  func()
}

// failure is what check panics with: the reason why a case failed.
type failure string

var (
	ctx      = context.Background()
	theScene = readScene()
	options  = clientOptions()
)

func readScene() scene {
	var read scene
	check(json.Unmarshal(must(os.ReadFile(os.Getenv("STRONGROOM_SCENE"))), &read))
	return read
}

// clientOptions trust the server's own authority and resolve every name below .localhost to
// loopback (RFC 6761), which plain Linux does not do.
func clientOptions() azcore.ClientOptions {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(must(os.ReadFile(theScene.CAFile))) {
		panic(failure("no certificate in " + theScene.CAFile))
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err == nil && strings.HasSuffix(host, ".localhost") {
				address = net.JoinHostPort("127.0.0.1", port)
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
	return azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: theScene.AuthorityHost},
		Transport: &http.Client{Transport: transport, Timeout: time.Minute},
		Retry:     policy.RetryOptions{MaxRetries: -1},
	}
}

// fixedToken is a credential that always answers the same token, whatever it is worth.
type fixedToken string

func (token fixedToken) GetToken(
	context.Context, policy.TokenRequestOptions,
) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(token), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func bySecret(app application) azcore.TokenCredential {
	return must(azidentity.NewClientSecretCredential(
		theScene.TenantID, app.ClientID, app.ClientSecret,
		&azidentity.ClientSecretCredentialOptions{
			ClientOptions: options, DisableInstanceDiscovery: true,
		}))
}

func byCertificate(app application) azcore.TokenCredential {
	certificates, key, err := azidentity.ParseCertificates(
		must(os.ReadFile(app.CertificateFile)), nil)
	check(err)
	return must(azidentity.NewClientCertificateCredential(
		theScene.TenantID, app.ClientID, certificates, key,
		&azidentity.ClientCertificateCredentialOptions{
			ClientOptions: options, DisableInstanceDiscovery: true,
		}))
}

func byWorkloadIdentity(app application) azcore.TokenCredential {
	return must(azidentity.NewWorkloadIdentityCredential(
		&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: options, DisableInstanceDiscovery: true,
			TenantID: theScene.TenantID, ClientID: app.ClientID, TokenFilePath: app.TokenFile,
		}))
}

func byDefault() azcore.TokenCredential {
	return must(azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions: options, DisableInstanceDiscovery: true,
	}))
}

func clientOf(vaultURL string, credential azcore.TokenCredential) *azsecrets.Client {
	return must(azsecrets.NewClient(
		vaultURL, credential, &azsecrets.ClientOptions{ClientOptions: options}))
}

func withEnvironment(variables map[string]string, action func()) {
	for name, value := range variables {
		before, present := os.LookupEnv(name)
		check(os.Setenv(name, value))
		defer func() {
			if present {
				check(os.Setenv(name, before))
			} else {
				check(os.Unsetenv(name))
			}
		}()
	}
	action()
}

func check(err error) {
	if err != nil {
		panic(failure(err.Error()))
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func isTrue(condition bool, format string, values ...any) {
	if !condition {
		panic(failure(fmt.Sprintf(format, values...)))
	}
}

func equal[T any](actual, expected T, what string) {
	isTrue(reflect.DeepEqual(actual, expected), "%s: expected %v, got %v", what, expected, actual)
}

// refused fails unless err is an answer of the service with this status and inner code.
func refused(err error, status int, code string) {
	isTrue(err != nil, "was not refused with %d %s", status, code)
	var answer *azcore.ResponseError
	isTrue(errors.As(err, &answer), "not an answer of the service: %v", err)
	equal(answer.StatusCode, status, "status of "+err.Error())
	var body struct {
		Error struct {
			Code       string `json:"code"`
			InnerError struct {
				Code string `json:"code"`
			} `json:"innererror"`
		} `json:"error"`
	}
	check(json.Unmarshal(must(runtime.Payload(answer.RawResponse)), &body))
	found := body.Error.InnerError.Code
	if found == "" {
		found = body.Error.Code
	}
	equal(found, code, "error code")
}

// settles polls until ready, for a minute at most.
func settles(what string, ready func() bool) {
	deadline := time.Now().Add(time.Minute)
	for !ready() {
		isTrue(time.Now().Before(deadline), "%s took more than a minute", what)
		time.Sleep(100 * time.Millisecond)
	}
}

func isNotFound(err error) bool {
	var answer *azcore.ResponseError
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// outcome runs one case and answers why it failed, or an empty string.
func outcome(run func()) (reason string) {
	defer func() {
		if problem := recover(); problem != nil {
			reason = strings.Join(strings.Fields(fmt.Sprint(problem)), " ")
		}
	}()
	run()
	return ""
}

func main() {
	cases := map[string]func() []testCase{"secrets": secretCases, "keys": keyCases}[os.Args[1]]()
	fmt.Printf("1..%d\n", len(cases))
	failed := false
	for _, each := range cases {
		if reason := outcome(each.run); reason != "" {
			failed = true
			fmt.Printf("not ok %s - %s\n", each.name, reason)
		} else {
			fmt.Printf("ok %s\n", each.name)
		}
	}
	if failed {
		os.Exit(1)
	}
}
