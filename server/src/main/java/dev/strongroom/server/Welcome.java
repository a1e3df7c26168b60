package dev.strongroom.server;

import java.util.List;
import java.util.Set;

/** What {@code dev} prints for people: settings to paste for each client. */
final class Welcome {
  private static final Set<String> ANY = Set.of("0.0.0.0", "::", "localhost", "::0");

  private Welcome() {}

  /**
   * @param hosts the names of vaults, login and management
   * @param unknown those that do not resolve on this machine
   * @param listen the address that the server listens on
   * @param elsewhere whether the data lies where the command line does not look by itself
   */
  static String text(
      DevSettings s, List<String> hosts, List<String> unknown, String listen, boolean elsewhere) {
    String local = elsewhere ? " --data " + s.dataDir() : "";
    String names =
        unknown.isEmpty()
            ? "The names resolve on this machine: " + String.join(", ", hosts)
            : """
            %s does not resolve on this machine. Add this line to /etc/hosts:

                %s %s

            or use %s as KEY_VAULT_URL and as AZURE_AUTHORITY_HOST below (az needs the
            line); then each SDK needs its switch, since the vault is no longer below the resource it
            names:
                Java        .disableChallengeResourceVerification()
                JavaScript  disableChallengeResourceVerification: true
                Python      verify_challenge_resource=False
                Go, .NET    DisableChallengeResourceVerification: true"""
                .formatted(
                    unknown.getFirst(),
                    ANY.contains(listen) ? "127.0.0.1" : listen,
                    String.join(" ", hosts),
                    s.localUrl());
    return """
    Strongroom is ready (pid %d, data in %s).

      vault        %s
      login        %s
      management   %s
      authority    %s

    %s

    Environment of every SDK's DefaultAzureCredential, and the file of the authority to trust (bash):

      export AZURE_AUTHORITY_HOST=%s
      export AZURE_TENANT_ID=%s
      export AZURE_CLIENT_ID=%s
      export AZURE_CLIENT_SECRET=%s
      export KEY_VAULT_URL=%s
      export STRONGROOM_CLIENT_CA_FILE=%s

    Trust of the server's certificate, and the login switch (a private login cannot answer to
    Microsoft's instance discovery):

      Java    keytool -importcert -noprompt -alias strongroom -storepass changeit \\
                -keystore strongroom.p12 -file %s
              java -Djavax.net.ssl.trustStore=strongroom.p12 -Djavax.net.ssl.trustStorePassword=changeit
              new DefaultAzureCredentialBuilder().disableInstanceDiscovery()
      JS      export NODE_EXTRA_CA_CERTS=%s
              new DefaultAzureCredential({ disableInstanceDiscovery: true })
      Python  export REQUESTS_CA_BUNDLE=%s
              DefaultAzureCredential(disable_instance_discovery=True)
      Go      export SSL_CERT_FILE=%s
              azidentity.DefaultAzureCredentialOptions{DisableInstanceDiscovery: true}
      .NET    add %s to the user's root store
              new DefaultAzureCredentialOptions { DisableInstanceDiscovery = true }
      az      export REQUESTS_CA_BUNDLE=%s
              az cloud register -n Strongroom --endpoint-resource-manager %s
              az cloud set -n Strongroom && az config set core.instance_discovery=false
              az login --service-principal -u %s -p "$AZURE_CLIENT_SECRET" --tenant %s
              az keyvault secret set --vault-name %s -n hello --value world

    Or at once, with nothing to set:

      ./strongroom secret set%s -n hello --value world
      ./strongroom secret show%s -n hello

    Ctrl-C stops the server.\
    """
        .formatted(
            s.pid(),
            s.dataDir(),
            s.vaultUrl(),
            s.authorityHost(),
            s.armUrl(),
            s.caFile(),
            names,
            s.authorityHost(),
            s.tenantId(),
            s.clientId(),
            s.clientSecret(),
            s.vaultUrl(),
            s.caFile(),
            s.caFile(),
            s.caFile(),
            s.caFile(),
            s.caFile(),
            s.caFile(),
            s.caFile(),
            s.armUrl(),
            s.clientId(),
            s.tenantId(),
            s.vaultName(),
            local,
            local);
  }
}
