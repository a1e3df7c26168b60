package dev.strongroom.access;

import dev.strongroom.model.Container.AccessPolicy;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The permission words of access policies, by category, in the spelling of answers. They compare
 * without case. {@code all} stands for every word of its category except {@code purge}, which must
 * be given by name.
 *
 * @see <a href="https://learn.microsoft.com/rest/api/keyvault/vaults/create-or-update">Vaults -
 *     Create Or Update</a>
 * @see <a href="https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview">Azure Key
 *     Vault soft-delete overview</a>
 */
public enum PolicyCategory {
  KEYS(
      "keys",
      List.of(
          "encrypt",
          "decrypt",
          "wrapKey",
          "unwrapKey",
          "sign",
          "verify",
          "get",
          "list",
          "create",
          "update",
          "import",
          "delete",
          "backup",
          "restore",
          "recover",
          "purge",
          "release",
          "rotate",
          "getrotationpolicy",
          "setrotationpolicy")),
  SECRETS(
      "secrets", List.of("get", "list", "set", "delete", "backup", "restore", "recover", "purge")),
  CERTIFICATES(
      "certificates",
      List.of(
          "get",
          "list",
          "delete",
          "create",
          "import",
          "update",
          "managecontacts",
          "getissuers",
          "listissuers",
          "setissuers",
          "deleteissuers",
          "manageissuers",
          "recover",
          "purge",
          "backup",
          "restore")),
  STORAGE(
      "storage",
      List.of(
          "get",
          "list",
          "delete",
          "set",
          "update",
          "regeneratekey",
          "recover",
          "purge",
          "backup",
          "restore",
          "setsas",
          "listsas",
          "getsas",
          "deletesas"));

  public static final String ALL = "all";
  private static final String PURGE = "purge";
  private static final String ISSUERS = "issuers";
  private static final String MANAGE_ISSUERS = "manageissuers";

  private final String wire;
  private final List<String> words;

  PolicyCategory(String wire, List<String> words) {
    this.wire = wire;
    this.words = words;
  }

  public String wire() {
    return wire;
  }

  /** Every word of the category without {@code all}. */
  public List<String> words() {
    return words;
  }

  /** The word in lower case, as it is kept; empty when the category has no such word. */
  public Optional<String> find(String word) {
    String folded = word.toLowerCase(Locale.ROOT);
    return folded.equals(ALL) || words.stream().anyMatch(known -> known.equalsIgnoreCase(folded))
        ? Optional.of(folded)
        : Optional.empty();
  }

  /** The spelling of answers for a word as it is kept. */
  public String spell(String kept) {
    for (String word : words) {
      if (word.equalsIgnoreCase(kept)) {
        return word;
      }
    }
    return kept;
  }

  public List<String> granted(AccessPolicy policy) {
    return switch (this) {
      case KEYS -> policy.keys();
      case SECRETS -> policy.secrets();
      case CERTIFICATES -> policy.certificates();
      case STORAGE -> policy.storage();
    };
  }

  /** Whether the kept words give the permission. */
  public boolean allows(List<String> kept, String permission) {
    String folded = permission.toLowerCase(Locale.ROOT);
    return kept.contains(folded)
        || kept.contains(ALL) && !folded.equals(PURGE)
        || folded.endsWith(ISSUERS) && kept.contains(MANAGE_ISSUERS);
  }

  /** The kept words without those taken away; what {@code all} still stands for is spelled out. */
  public List<String> without(List<String> kept, List<String> taken) {
    return words.stream()
        .map(word -> word.toLowerCase(Locale.ROOT))
        .filter(word -> kept.contains(word) || kept.contains(ALL) && !word.equals(PURGE))
        .filter(word -> !taken.contains(word) && !(taken.contains(ALL) && !word.equals(PURGE)))
        .toList();
  }

  public static Optional<PolicyCategory> category(String wire) {
    for (PolicyCategory category : values()) {
      if (category.wire.equals(wire)) {
        return Optional.of(category);
      }
    }
    return Optional.empty();
  }
}
