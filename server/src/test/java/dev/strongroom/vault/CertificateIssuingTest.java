package dev.strongroom.vault;

import dev.strongroom.seal.Seal;
import dev.strongroom.store.MemoryStore;
import dev.strongroom.store.Store;

class CertificateIssuingTest extends CertificateIssuingContract {
  @Override
  Store open(Seal seal) {
    return new MemoryStore();
  }
}
