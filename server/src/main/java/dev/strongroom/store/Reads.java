package dev.strongroom.store;

import dev.strongroom.model.Collection;
import dev.strongroom.model.Id;
import dev.strongroom.model.Rule;
import dev.strongroom.model.RuleKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What can be read, inside a change and outside. Lists are by key, never by offset. */
public interface Reads extends JournalView {
  /** An object and one of its versions: the head where none was asked for. */
  record Found(ObjectRow object, VersionRow version) {}

  Optional<ObjectRow> findObject(Id container, Collection collection, String foldedName);

  Optional<ObjectRow> findObject(Id object);

  /** Live or deleted; the caller looks. Empty when the name or the version does not exist. */
  Optional<Found> findHead(Id container, Collection collection, String foldedName);

  Optional<Found> findVersion(Id container, Collection collection, String foldedName, Id version);

  /**
   * What {@link #findHead} would answer, when that is known without waiting; otherwise empty, which
   * says nothing.
   */
  default Optional<Found> cachedHead(Id container, Collection collection, String foldedName) {
    return Optional.empty();
  }

  /** What {@link #findVersion} would answer, when that is known without waiting. */
  default Optional<Found> cachedVersion(
      Id container, Collection collection, String foldedName, Id version) {
    return Optional.empty();
  }

  /** Up to {@code limit} objects with their heads, by folded name, after the given one ("" first). */
  List<Found> listObjects(
      Id container, Collection collection, boolean deleted, String afterFolded, int limit);

  /** Up to {@code limit} versions of an object, oldest first, after the given number (0 first). */
  List<VersionRow> listVersions(long object, long afterNumber, int limit);

  long countObjects(Id container);

  /**
   * For each of these times, how many live objects of the collection have a newest version that is not
   * disabled and has ended by then. Every object is looked at: not for the path of requests.
   */
  List<Long> countExpiring(Collection collection, List<Instant> by);

  <T extends Rule> Optional<T> findRule(RuleKind<T> kind, String key);

  <T extends Rule> List<T> rulesByParent(RuleKind<T> kind, String parent);

  <T extends Rule> List<T> rules(RuleKind<T> kind);

  Optional<KeyRow> findKey(Id owner, int generation);

  /** The newest generation of the owner's key. */
  Optional<KeyRow> newestKey(Id owner);

  List<KeyRow> keys();

  List<DueRow> due(Instant until, int limit);

  Optional<IssuedRow> findIssued(String serial);

  /** The certificate that a version of a vault's certificate is, when an authority of ours issued it. */
  Optional<IssuedRow> findIssued(Id version);

  /** Up to {@code limit} of all that was issued, by serial number, after the given one ("" first). */
  List<IssuedRow> listIssued(String afterSerial, int limit);

  /** What of an authority is revoked and would not have ended by then, by serial number. */
  List<IssuedRow> revoked(Id authority, Instant until);

  Optional<RevocationListRow> findRevocationList(Id authority);

  /**
   * Rises with every change of any rule, here or, as soon as it is heard of, on another node: so that
   * what was made of rules is remembered no longer than they are. For a store that does not say, 0.
   */
  default long rulesEpoch() {
    return 0;
  }
}
