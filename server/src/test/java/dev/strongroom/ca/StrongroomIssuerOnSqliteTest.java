package dev.strongroom.ca;

import dev.strongroom.seal.Seal;
import dev.strongroom.store.Store;
import dev.strongroom.vault.Stores;

class StrongroomIssuerOnSqliteTest extends StrongroomIssuerContract {
  @Override
  Store open(Seal seal) {
    return Stores.sqlite(seal);
  }
}
