package dev.strongroom.vault;

import java.util.List;

/** What takes mail to the contacts of certificates: a relay that is asked once for each message. */
public interface ContactMail {
  /**
   * A message in plain text.
   *
   * @param id of the sender's choice, the same whenever the same message is tried again, so that
   *     whoever gets it twice can tell
   */
  record Message(String id, List<String> recipients, String subject, String text) {
    public Message {
      recipients = List.copyOf(recipients);
    }

    @Override
    public String toString() {
      return "Message[" + id + ", " + recipients.size() + " recipients]";
    }
  }

  /** Nobody was sent anything; the message says why, without address or password. */
  final class Undelivered extends Exception {
    public Undelivered(String message) {
      super(message);
    }
  }

  /**
   * Hands a message over, in bounded time.
   *
   * @return to how many recipients the relay takes it, at least one
   */
  int send(Message message) throws Undelivered;
}
