package dev.strongroom.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.BufferRecycler;
import tools.jackson.databind.json.JsonMapper;

class WipedBuffersTest {
  private final WipedBuffers buffers = new WipedBuffers();
  private final JsonMapper mapper =
      JsonMapper.builder(JsonFactory.builder().recyclerPool(buffers).build()).build();

  @Test
  void buffers_afterReadingAndWriting_areEmptyAndUsedAgain() {
    String secret = "{\"value\":\"a secret with an escape \\u00e9\"}";
    mapper.readTree(secret);
    mapper.readTree(secret.getBytes(StandardCharsets.UTF_8));
    mapper.writeValue(new ByteArrayOutputStream(), mapper.readTree(secret));
    assertThat(buffers.pooledCount()).isEqualTo(1);
    BufferRecycler used = buffers.acquirePooled();
    for (int use : new int[] {0, 1, 2, 3}) {
      assertThat(used.allocByteBuffer(use)).containsOnly(0);
      assertThat(used.allocCharBuffer(use)).containsOnly('\0');
    }
  }
}
