package dev.strongroom.store;

import java.sql.Connection;
import java.sql.SQLException;

/** Where statements come from: one writer at a time, and readers that are borrowed and given back. */
interface Connections extends AutoCloseable {
  /** The writer's connection, fit for a group of changes; made anew when the last one broke. */
  Statements writer() throws SQLException;

  /** The writer's connection failed: the next {@link #writer} makes another. */
  void discardWriter();

  Statements borrow() throws SQLException;

  /** A connection of its own for reading at length; whoever takes it closes it. */
  Connection lasting() throws SQLException;

  void giveBack(Statements reader, boolean broken);

  @Override
  void close();
}
