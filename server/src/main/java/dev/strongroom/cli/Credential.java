package dev.strongroom.cli;

import dev.strongroom.crypto.ClientCertificate;
import dev.strongroom.model.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** How the application that asks proves who it is (RFC 6749 section 2.3, RFC 7523). */
sealed interface Credential {
  String JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  Duration ASSERTION_LIFE = Duration.ofMinutes(5);

  /** The fields of a token request that carry the proof. */
  Map<String, String> fields(String tokenEndpoint, String clientId, Instant now);

  /** Puts what a later command needs into what is kept of a log-in. */
  void keep(ObjectNode kept);

  /** A client secret. */
  record Secret(String text) implements Credential {
    @Override
    public Map<String, String> fields(String tokenEndpoint, String clientId, Instant now) {
      return Map.of("client_secret", text);
    }

    @Override
    public void keep(ObjectNode kept) {
      kept.put("clientSecret", text);
    }

    @Override
    public String toString() {
      return "Secret[redacted]";
    }
  }

  /** A PEM file with a certificate and its private key. */
  record Certificate(Path file) implements Credential {
    @Override
    public Map<String, String> fields(String tokenEndpoint, String clientId, Instant now) {
      try (SecretBytes pem = SecretBytes.taking(Files.readAllBytes(file))) {
        return assertion(signed(ClientCertificate.readPem(pem), tokenEndpoint, clientId, now));
      } catch (IOException e) {
        throw new CliException("Cannot read the certificate " + file + ".");
      } catch (IllegalArgumentException e) {
        throw new CliException(
            file
                + " cannot sign: "
                + e.getMessage()
                + ".\nA key is turned into PKCS#8 with: openssl pkcs8 -topk8 -nodes");
      }
    }

    private static String signed(
        ClientCertificate certificate, String tokenEndpoint, String clientId, Instant now) {
      ObjectNode header =
          Client.JSON
              .createObjectNode()
              .put("alg", certificate.algorithm())
              .put("typ", "JWT")
              .put("x5t#S256", certificate.certificate().sha256());
      ObjectNode claims =
          Client.JSON
              .createObjectNode()
              .put("iss", clientId)
              .put("sub", clientId)
              .put("aud", tokenEndpoint)
              .put("jti", UUID.randomUUID().toString())
              .put("iat", now.getEpochSecond())
              .put("nbf", now.getEpochSecond())
              .put("exp", now.plus(ASSERTION_LIFE).getEpochSecond());
      String input = part(header) + '.' + part(claims);
      byte[] signature = certificate.sign(input.getBytes(StandardCharsets.US_ASCII));
      return input + '.' + base64Url(signature);
    }

    private static String part(ObjectNode json) {
      return base64Url(Client.JSON.writeValueAsBytes(json));
    }

    private static String base64Url(byte[] bytes) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public void keep(ObjectNode kept) {
      kept.put("certificateFile", file.toAbsolutePath().toString());
    }
  }

  /** A file with a token of a trusted issuer, read anew each time since issuers renew it. */
  record Federated(Path file) implements Credential {
    @Override
    public Map<String, String> fields(String tokenEndpoint, String clientId, Instant now) {
      try {
        return assertion(Files.readString(file).strip());
      } catch (IOException e) {
        throw new CliException("Cannot read the federated token " + file + ".");
      }
    }

    @Override
    public void keep(ObjectNode kept) {
      kept.put("federatedTokenFile", file.toAbsolutePath().toString());
    }
  }

  private static Map<String, String> assertion(String jwt) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("client_assertion_type", JWT_BEARER);
    fields.put("client_assertion", jwt);
    return fields;
  }
}
