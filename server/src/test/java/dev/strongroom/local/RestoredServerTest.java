package dev.strongroom.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.backup.Restore;
import dev.strongroom.store.Store;
import dev.strongroom.vault.OpenVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoredServerTest {
  @TempDir Path trail;

  private final Store store = new OpenVault().store;

  private void settle() throws Exception {
    RestoredServer.settle(
        store, trail, Optional.of(RestoredServer.Purpose.REPLACES), OpenVault.START);
  }

  private void chainOf(String node) throws Exception {
    Files.createFile(trail.resolve(node + "-000000000000000001.jsonl"));
  }

  @Test
  void settle_asReplacementUnderAnotherNode_isRefusedAndUndecided() throws Exception {
    store.putMeta(Restore.MARK, new byte[1]);
    chainOf("another");
    assertThatThrownBy(this::settle)
        .isInstanceOf(LocalException.class)
        .hasMessageContaining("of another node than " + store.node());
    assertThat(store.meta(Restore.MARK)).isPresent();
  }

  @Test
  void settle_asReplacementUnderTheNodeOfTheBackup_isDecided() throws Exception {
    store.putMeta(Restore.MARK, new byte[1]);
    chainOf(store.node());
    settle();
    assertThat(store.meta(Restore.MARK)).isEmpty();
  }
}
