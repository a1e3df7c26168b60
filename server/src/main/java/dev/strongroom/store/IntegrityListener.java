package dev.strongroom.store;

/** Hears of every stored row that fails its MAC; the row itself is never handed out. */
@FunctionalInterface
public interface IntegrityListener {
  void broken(String table, String key);
}
