package dev.strongroom.model;

import java.util.List;
import java.util.Optional;

/** Who is to hear of a vault's certificates. */
public record CertificateContacts(Id container, List<Contact> contacts) implements Rule {
  /** One address, with who it is of. */
  public record Contact(String email, Optional<String> name, Optional<String> phone) {}

  public CertificateContacts {
    contacts = List.copyOf(contacts);
  }

  @Override
  public String key() {
    return container.hex();
  }

  @Override
  public String parent() {
    return container.hex();
  }
}
