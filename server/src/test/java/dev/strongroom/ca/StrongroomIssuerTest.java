package dev.strongroom.ca;

import dev.strongroom.seal.Seal;
import dev.strongroom.store.MemoryStore;
import dev.strongroom.store.Store;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrongroomIssuerTest extends StrongroomIssuerContract {
  @Override
  Store open(Seal seal) {
    return new MemoryStore();
  }

  @ParameterizedTest
  @ValueSource(strings = {"P-256", "RSA-3072", "ML-DSA-65"})
  void create_authorityOfAnotherKeyType_makesAChainThatIsValid(String keyType) throws Exception {
    createdByAuthorityOf(keyType);
  }
}
