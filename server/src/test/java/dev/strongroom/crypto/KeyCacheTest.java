package dev.strongroom.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.model.Ciphertext;
import dev.strongroom.model.Id;
import dev.strongroom.model.KeyAlgorithm;
import dev.strongroom.model.PublicJwk;
import dev.strongroom.model.SecretBytes;
import dev.strongroom.model.ToSign;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class KeyCacheTest {
  private static final long OBJECT = 7;

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final KeyCache cache = new KeyCache(now::get, 3, Duration.ofMinutes(10));
  private final List<FakeKey> opened = new ArrayList<>();

  private FakeKey use(Id version) {
    return use(OBJECT, version);
  }

  private FakeKey use(long object, Id version) {
    return cache.use(object, cache.newest(), version, this::open, key -> (FakeKey) key);
  }

  private FakeKey open() {
    FakeKey key = new FakeKey();
    opened.add(key);
    return key;
  }

  @Test
  void use_again_openNoSecondTime() {
    Id version = Randoms.id();
    assertThat(use(version)).isSameAs(use(version));
    assertThat(opened).hasSize(1);
    assertThat(opened.getFirst().closed).isFalse();
  }

  @Test
  void use_oldKey_isOpenedAnewAndTheOldOneClosed() {
    Id version = Randoms.id();
    use(version);
    now.set(Instant.EPOCH.plus(Duration.ofMinutes(11)));
    use(version);
    assertThat(opened).hasSize(2);
    assertThat(opened.getFirst().closed).isTrue();
    assertThat(opened.getLast().closed).isFalse();
  }

  @Test
  void use_moreThanTheBound_closesTheRest() {
    for (int i = 0; i < 50; i++) {
      use(Randoms.id());
    }
    assertThat(cache.size()).isEqualTo(3);
    assertThat(opened.stream().filter(key -> !key.closed)).hasSize(3);
  }

  @Test
  void changed_unusedKey_isClosedAtOnce() {
    Id version = Randoms.id();
    use(version);
    cache.changed(Set.of(1L, OBJECT));
    assertThat(opened.getFirst().closed).isTrue();
    use(version);
    cache.close();
    assertThat(opened).hasSize(2).allMatch(key -> key.closed);
  }

  @Test
  void changed_otherObjects_keepsTheKey() {
    Id version = Randoms.id();
    use(version);
    cache.changed(Set.of(OBJECT + 1));
    // which shares its counter
    cache.changed(Set.of(OBJECT + (1 << 14)));
    assertThat(opened.getFirst().closed).isFalse();
  }

  @Test
  void changed_everyVersionOfTheObject_isClosed() {
    use(Randoms.id());
    use(Randoms.id());
    use(OBJECT + 1, Randoms.id());
    cache.changed(Set.of(OBJECT));
    assertThat(opened).extracting(key -> key.closed).containsExactly(true, true, false);
  }

  @Test
  void use_rowFromBeforeAChange_isUsedOnceAndNotKept() {
    long since = cache.newest();
    cache.changed(Set.of(OBJECT));
    FakeKey used =
        cache.use(
            OBJECT,
            since,
            Randoms.id(),
            this::open,
            key -> {
              assertThat(((FakeKey) key).closed).isFalse();
              return (FakeKey) key;
            });
    assertThat(used.closed).isTrue();
    assertThat(cache.size()).isZero();
  }

  @Test
  void changed_whileOneIsBeingOpened_isNotKept() throws Exception {
    whileOpening(() -> cache.changed(Set.of(OBJECT)));
  }

  @Test
  void changed_keyInUse_isClosedByTheLastUser() {
    cache.use(
        OBJECT,
        cache.newest(),
        Randoms.id(),
        this::open,
        key -> {
          cache.changed(Set.of(OBJECT));
          assertThat(opened.getFirst().closed).isFalse();
          return key;
        });
    assertThat(opened.getFirst().closed).isTrue();
  }

  @Test
  void forgetAll_whileOneIsBeingOpened_isNotKept() throws Exception {
    whileOpening(cache::forgetAll);
  }

  private void whileOpening(Runnable action) throws Exception {
    long since = cache.newest();
    Id version = Randoms.id();
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch forgotten = new CountDownLatch(1);
    AtomicReference<OpenKey> used = new AtomicReference<>();
    Thread user =
        Thread.ofVirtual()
            .start(
                () ->
                    cache.use(
                        OBJECT,
                        since,
                        version,
                        () -> {
                          FakeKey key = open();
                          opening.countDown();
                          await(forgotten);
                          return key;
                        },
                        key -> {
                          used.set(key);
                          return key;
                        }));
    await(opening);
    action.run();
    forgotten.countDown();
    user.join();
    assertThat(used.get()).isNotNull();
    assertThat(cache.size()).isZero();
    assertThat(opened).allMatch(key -> key.closed);
  }

  @Test
  void use_openThatFails_isNotKept() {
    Id version = Randoms.id();
    assertThatThrownBy(
            () ->
                cache.use(
                    OBJECT,
                    cache.newest(),
                    version,
                    () -> {
                      throw new IllegalStateException("sealed");
                    },
                    key -> key))
        .hasMessage("sealed");
    assertThatThrownBy(
            () ->
                cache.use(
                    OBJECT,
                    cache.newest(),
                    version,
                    this::open,
                    key -> {
                      throw new IllegalStateException("failed");
                    }))
        .hasMessage("failed");
    cache.changed(Set.of(OBJECT));
    assertThat(opened).hasSize(1).allMatch(key -> key.closed);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static final class FakeKey implements OpenKey {
    private volatile boolean closed;

    @Override
    public PublicJwk publicJwk() {
      return new PublicJwk.Oct(256);
    }

    @Override
    public byte[] sign(KeyAlgorithm algorithm, ToSign what) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean verify(KeyAlgorithm algorithm, ToSign what, byte[] signature) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Ciphertext encrypt(
        KeyAlgorithm algorithm, SecretBytes plain, Optional<byte[]> iv, Optional<byte[]> aad) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<SecretBytes> decrypt(KeyAlgorithm algorithm, Ciphertext ciphertext) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] wrap(KeyAlgorithm algorithm, SecretBytes key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<SecretBytes> unwrap(KeyAlgorithm algorithm, byte[] wrapped) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      assertThat(closed).isFalse();
      closed = true;
    }
  }
}
