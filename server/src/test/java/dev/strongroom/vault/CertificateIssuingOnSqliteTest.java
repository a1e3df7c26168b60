package dev.strongroom.vault;

import dev.strongroom.seal.Seal;
import dev.strongroom.store.Store;

class CertificateIssuingOnSqliteTest extends CertificateIssuingContract {
  @Override
  Store open(Seal seal) {
    return Stores.sqlite(seal);
  }
}
