package dev.strongroom.local;

import dev.strongroom.ca.Authorities;
import dev.strongroom.ca.CaException;
import dev.strongroom.ca.Publications;
import dev.strongroom.ca.Reason;
import dev.strongroom.ca.Revocation;
import dev.strongroom.crypto.AuthorityMaking;
import dev.strongroom.crypto.CertificateFacts;
import dev.strongroom.model.Authority;
import dev.strongroom.model.CertificateKeyUsage;
import dev.strongroom.model.CertificateProfile;
import dev.strongroom.model.Operation;
import dev.strongroom.store.IssuedRow;
import dev.strongroom.store.RevocationListRow;
import dev.strongroom.store.Store;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The server's end of the commands of the built-in certificate authority. */
public final class AuthorityCommands {
  private static final int MOST_LISTED = 1_000;

  private final Store store;
  private final Operator operator;
  private final Authorities authorities;
  private final Revocation revocation;
  private final Publications publications;

  public AuthorityCommands(
      Store store,
      Operator operator,
      Authorities authorities,
      Revocation revocation,
      Publications publications) {
    this.store = store;
    this.operator = operator;
    this.authorities = authorities;
    this.revocation = revocation;
    this.publications = publications;
  }

  public void register(ControlSocket socket) {
    on(socket, "ca-init", this::init);
    on(socket, "ca-rotate", this::rotate);
    on(socket, "ca-show", this::show);
    on(socket, "ca-chain", this::chain);
    on(socket, "ca-set", this::set);
    on(socket, "ca-list", this::list);
    on(socket, "ca-revoke", this::revoke);
    on(socket, "ca-profile-set", this::setProfile);
    on(socket, "ca-profile-list", this::profiles);
  }

  private static void on(ControlSocket socket, String name, ControlSocket.Command command) {
    socket.on(
        name,
        (in, out) -> {
          try {
            command.run(in, out);
          } catch (CaException e) {
            throw new LocalException(e.getMessage());
          }
        });
  }

  private void init(ObjectNode in, ObjectNode out) {
    Authorities.Wanted wanted =
        new Authorities.Wanted(
            in.path("name").asString(""),
            in.path("keyType").asString(""),
            text(in, "url"),
            new AuthorityMaking.Permitted(texts(in, "permitDns"), texts(in, "permitNetworks")),
            in.path("rootYears").asInt(0),
            in.path("years").asInt(0));
    operator.audited(
        Operation.CERTIFICATE_AUTHORITY_INIT,
        Map.of("name", wanted.name(), "keyType", wanted.keyType()),
        origin -> {
          authorities.init(wanted, origin);
          return null;
        });
    show(in, out);
  }

  private void rotate(ObjectNode in, ObjectNode out) {
    operator.audited(
        Operation.CERTIFICATE_AUTHORITY_ROTATE,
        Map.of("keyType", in.path("keyType").asString("")),
        origin -> {
          authorities.rotate(text(in, "keyType"), in.path("years").asInt(0), origin);
          return null;
        });
    show(in, out);
  }

  private void show(ObjectNode in, ObjectNode out) {
    Authority issuing = authorities.required();
    describe(out.putObject("root"), authorities.issuerOf(issuing));
    List<Authority> all = authorities.intermediates();
    describe(out.putObject("issuing"), issuing);
    if (all.size() > 1) {
      ArrayNode former = out.putArray("former");
      all.stream().skip(1).forEach(one -> describe(former.addObject(), one));
    }
    authorities.settings().url().ifPresent(url -> out.put("url", url));
    out.put("listHours", authorities.settings().listHours());
  }

  private void describe(ObjectNode out, Authority authority) {
    CertificateFacts facts = CertificateFacts.read(authority.certificate());
    out.put("id", authority.id().hex())
        .put("subject", facts.properties().subject())
        .put("serial", AuthorityMaking.serial(authority.certificate()))
        .put("notBefore", facts.notBefore().toString())
        .put("notAfter", facts.notAfter().toString());
    authorities
        .revoked(authority)
        .flatMap(IssuedRow::revoked)
        .ifPresent(at -> out.put("revoked", at.toString()));
    Optional<RevocationListRow> list = store.findRevocationList(authority.id());
    list.ifPresent(
        newest ->
            out.put("listNumber", newest.number())
                .put("listNextUpdate", newest.nextUpdate().toString()));
  }

  private void chain(ObjectNode in, ObjectNode out) {
    authorities.required();
    out.put("pem", publications.chain().orElseThrow());
  }

  private void set(ObjectNode in, ObjectNode out) {
    Optional<Integer> hours =
        Optional.of(in.path("listHours")).filter(JsonNode::isInt).map(JsonNode::asInt);
    operator.audited(
        Operation.CERTIFICATE_AUTHORITY_SET,
        Map.of(),
        origin -> {
          authorities.set(text(in, "url"), hours, origin);
          return null;
        });
    show(in, out);
  }

  private void list(ObjectNode in, ObjectNode out) {
    boolean revokedOnly = in.path("revoked").asBoolean(false);
    ArrayNode all = out.putArray("certificates");
    String after = in.path("after").asString("");
    List<IssuedRow> page;
    do {
      page = store.listIssued(after, MOST_LISTED);
      for (IssuedRow one : page) {
        after = one.serial();
        if (!revokedOnly || one.revoked().isPresent()) {
          describe(all.addObject(), one);
        }
        if (all.size() == MOST_LISTED) {
          out.put("after", after);
          return;
        }
      }
    } while (page.size() == MOST_LISTED);
  }

  private static void describe(ObjectNode out, IssuedRow one) {
    out.put("serial", one.serial())
        .put("certificateId", one.object().guid())
        .put("version", one.version().hex())
        .put("notBefore", one.notBefore().toString())
        .put("notAfter", one.notAfter().toString());
    one.revoked().ifPresent(at -> out.put("revoked", at.toString()));
    one.reason().flatMap(Reason::find).ifPresent(why -> out.put("reason", why.text()));
  }

  private void revoke(ObjectNode in, ObjectNode out) {
    String what = in.path("what").asString("");
    String given = in.path("reason").asString("");
    Reason reason =
        Reason.find(given)
            .orElseThrow(
                () ->
                    new LocalException(
                        "a reason is one of "
                            + Arrays.stream(Reason.values()).map(Reason::text).toList()));
    IssuedRow revoked =
        operator.audited(
            Operation.CERTIFICATE_REVOKE,
            Map.of("certificate", what, "reason", reason.text()),
            origin -> revocation.revoke(what, reason, origin));
    describe(out, revoked);
  }

  private void setProfile(ObjectNode in, ObjectNode out) {
    List<CertificateKeyUsage> usage = new ArrayList<>();
    for (String name : texts(in, "keyUsage")) {
      usage.add(
          CertificateKeyUsage.find(name)
              .orElseThrow(() -> new LocalException("there is no key usage " + name)));
    }
    CertificateProfile profile =
        new CertificateProfile(
            in.path("name").asString(""),
            in.path("maxDays").asInt(0),
            texts(in, "ekus"),
            usage);
    operator.audited(
        Operation.CERTIFICATE_AUTHORITY_SET,
        Map.of("profile", profile.name()),
        origin -> {
          authorities.set(profile, origin);
          return null;
        });
    describe(out, profile);
  }

  private void profiles(ObjectNode in, ObjectNode out) {
    authorities.required();
    ArrayNode all = out.putArray("profiles");
    authorities.profiles().forEach(profile -> describe(all.addObject(), profile));
  }

  private static void describe(ObjectNode out, CertificateProfile profile) {
    out.put("name", profile.name()).put("maxDays", profile.mostDays());
    profile.ekus().forEach(out.putArray("ekus")::add);
    ArrayNode usage = out.putArray("keyUsage");
    profile.keyUsage().forEach(one -> usage.add(one.wire()));
  }

  private static Optional<String> text(ObjectNode in, String member) {
    return Optional.of(in.path(member).asString("")).filter(value -> !value.isEmpty());
  }

  private static List<String> texts(ObjectNode in, String member) {
    List<String> texts = new ArrayList<>();
    in.path(member).forEach(one -> texts.add(one.asString("")));
    return texts;
  }
}
