package dev.strongroom.mail;

import dev.strongroom.model.SecretBytes;
import dev.strongroom.vault.ContactMail;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/**
 * The operator's SMTP relay, by Jakarta Mail: one connection for each message (RFC 5321, RFC 3207).
 * An address that it refuses does not keep the others from getting the message.
 */
public final class SmtpRelay implements ContactMail {
  private static final System.Logger LOG = System.getLogger(SmtpRelay.class.getName());
  private static final int STEP_MILLIS = 10_000;

  /** How a connection is protected. */
  public enum Protection {
    /** In the clear at first, and never further than STARTTLS in the clear. */
    STARTTLS,
    /** TLS from the first byte. */
    TLS,
    /** In the clear; never with a password. */
    PLAIN
  }

  /** What the relay wants to see before it takes a message. */
  public record LogIn(String user, SecretBytes password) {}

  /** Where the relay is. */
  public record Settings(
      String host,
      int port,
      Protection protection,
      SSLContext trust,
      Optional<LogIn> logIn,
      String from) {
    public Settings {
      if (protection == Protection.PLAIN && logIn.isPresent()) {
        throw new IllegalArgumentException("a password is never sent in the clear");
      }
    }
  }

  private final Settings settings;
  private final InstantSource clock;
  private final InternetAddress from;

  public SmtpRelay(Settings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    try {
      this.from = new InternetAddress(settings.from(), true);
    } catch (AddressException e) {
      throw new IllegalArgumentException("the sender is not an address: " + settings.from());
    }
  }

  @Override
  public int send(Message message) throws Undelivered {
    List<Address> recipients = recipients(message);
    if (recipients.isEmpty()) {
      throw new Undelivered("no contact has a valid address");
    }
    Session session = Session.getInstance(properties());
    SMTPTransport relay = new SMTPTransport(session, null);
    try {
      connect(relay);
      return hand(relay, written(session, message, recipients), recipients);
    } catch (MessagingException e) {
      // so that who ended a conversation that took too long does not end the bookkeeping too
      Thread.interrupted();
      throw new Undelivered(reason(e));
    } finally {
      close(relay);
    }
  }

  /** What happens behind the answer to the message says nothing about the message. */
  private static void close(SMTPTransport relay) {
    try {
      relay.close();
    } catch (MessagingException e) {
      LOG.log(Level.DEBUG, "the relay did not take leave: {0}", reason(e));
    }
  }

  /** An address that is none is passed over: the relay would refuse the whole message for it. */
  private static List<Address> recipients(Message message) {
    List<Address> recipients = new ArrayList<>();
    for (String address : message.recipients()) {
      // because a quoted name may have a line break, and no line of the conversation may
      if (address.chars().anyMatch(Character::isISOControl)) {
        continue;
      }
      try {
        recipients.add(new InternetAddress(address, true));
      } catch (AddressException e) {
        continue;
      }
    }
    return recipients;
  }

  private Properties properties() {
    Properties properties = new Properties();
    String wait = Integer.toString(STEP_MILLIS);
    properties.put("mail.smtp.connectiontimeout", wait);
    properties.put("mail.smtp.timeout", wait);
    properties.put("mail.smtp.writetimeout", wait);
    properties.put("mail.smtp.sendpartial", "true");
    properties.put("mail.smtp.quitwait", "false");
    properties.put("mail.smtp.ssl.checkserveridentity", "true");
    properties.put("mail.smtp.ssl.socketFactory", settings.trust().getSocketFactory());
    properties.put("mail.smtp.ssl.protocols", "TLSv1.3 TLSv1.2");
    switch (settings.protection()) {
      case STARTTLS -> {
        properties.put("mail.smtp.starttls.enable", "true");
        properties.put("mail.smtp.starttls.required", "true");
      }
      case TLS -> properties.put("mail.smtp.ssl.enable", "true");
      case PLAIN -> {}
    }
    if (settings.logIn().isPresent()) {
      properties.put("mail.smtp.auth", "true");
    }
    return properties;
  }

  private void connect(SMTPTransport relay) throws MessagingException {
    Optional<LogIn> logIn = settings.logIn();
    relay.connect(
        settings.host(),
        settings.port(),
        logIn.map(LogIn::user).orElse(null),
        // as a String, because the library takes nothing else
        logIn
            .map(known -> new String(known.password().exposed(), StandardCharsets.UTF_8))
            .orElse(null));
  }

  private MimeMessage written(Session session, Message message, List<Address> recipients)
      throws MessagingException {
    MimeMessage mail = new Identified(session, '<' + message.id() + '@' + domain() + '>');
    mail.setFrom(from);
    mail.setRecipients(RecipientType.TO, recipients.toArray(Address[]::new));
    mail.setSubject(message.subject(), StandardCharsets.UTF_8.name());
    mail.setText(message.text(), StandardCharsets.UTF_8.name());
    mail.setSentDate(Date.from(clock.instant()));
    // so that an absence is not answered (RFC 3834)
    mail.setHeader("Auto-Submitted", "auto-generated");
    mail.saveChanges();
    return mail;
  }

  private String domain() {
    return from.getAddress().substring(from.getAddress().lastIndexOf('@') + 1);
  }

  private static int hand(SMTPTransport relay, MimeMessage mail, List<Address> recipients)
      throws MessagingException {
    try {
      relay.sendMessage(mail, recipients.toArray(Address[]::new));
      return recipients.size();
    } catch (SendFailedException e) {
      int taken = e.getValidSentAddresses() == null ? 0 : e.getValidSentAddresses().length;
      if (taken == 0) {
        throw e;
      }
      return taken;
    }
  }

  /** Says what failed in words of our own: a relay's answer may quote the address that it refuses. */
  private static String reason(MessagingException failure) {
    for (Exception at = failure; at != null; at = next(at)) {
      switch (at) {
        case AuthenticationFailedException _ -> {
          return "the relay refuses user or password";
        }
        case SMTPAddressFailedException e -> {
          return "the relay refuses every contact, the last with " + e.getReturnCode();
        }
        case SMTPSenderFailedException e -> {
          return "the relay refuses the sender with " + e.getReturnCode();
        }
        case SMTPSendFailedException e when e.getNextException() == null -> {
          return "the relay refuses the message with " + e.getReturnCode();
        }
        case SSLException _ -> {
          return "TLS with the relay fails: its certificate is not trusted, not of its name, or"
              + " there is no common version";
        }
        case SocketTimeoutException _ -> {
          return "the relay does not answer in time";
        }
        case UnknownHostException _ -> {
          return "the relay's name is not known";
        }
        case ConnectException _ -> {
          return "the relay cannot be reached";
        }
        default -> {}
      }
    }
    return failure.getMessage() != null && failure.getMessage().contains("STARTTLS")
        ? "the relay offers no STARTTLS"
        : "the conversation with the relay broke off";
  }

  private static Exception next(Exception at) {
    if (at instanceof MessagingException mail && mail.getNextException() != null) {
      return mail.getNextException();
    }
    return at.getCause() instanceof Exception cause ? cause : null;
  }

  /** Keeps the Message-ID that it was given, where Jakarta Mail would draw one. */
  private static final class Identified extends MimeMessage {
    private final String id;

    Identified(Session session, String id) {
      super(session);
      this.id = id;
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", id);
    }
  }
}
