package dev.strongroom.backup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The parts of an incremental backup, with those of the other backup where it says that they are
 * unchanged. Both are read once, from the beginning to the end, side by side.
 */
final class Overlay implements Parts {
  private final PartFile own;
  private final Parts base;
  private Part header = new Part('-', new byte[0]);
  private Part baseHeader = new Part('-', new byte[0]);
  private Part basePart = new Part('-', new byte[0]);
  private long wanted;
  private long left;

  Overlay(PartFile own, Parts base) {
    this.own = own;
    this.base = base;
  }

  @Override
  public Part next() throws IOException {
    while (left == 0) {
      Part part = own.next();
      if (part.kind() != 'U') {
        if (part.kind() == 'T' || part.kind() == 'A') {
          header = part;
        }
        return part;
      }
      begin(part.bytes());
    }
    return header.kind() == 'T' ? row() : piece();
  }

  private void begin(byte[] unchanged) throws IOException {
    if (unchanged.length != 2 * Long.BYTES || header.kind() == '-') {
      throw own.refused("an unknown part");
    }
    ByteBuffer numbers = ByteBuffer.wrap(unchanged);
    wanted = numbers.getLong();
    left = numbers.getLong();
    if (left <= 0) {
      throw own.refused("nothing is said to be unchanged");
    }
    while (!isSame(header, baseHeader)) {
      advance();
      if (basePart.kind() == 'M') {
        throw missing(header.text());
      }
      if (basePart.kind() == 'T' || basePart.kind() == 'A') {
        baseHeader = basePart;
      }
    }
  }

  private static boolean isSame(Part one, Part other) {
    return one.kind() == other.kind() && Arrays.equals(one.bytes(), other.bytes());
  }

  private void advance() throws IOException {
    if (basePart.kind() == 'M') {
      throw missing("more");
    }
    basePart = base.next();
  }

  private BackupException missing(String what) {
    return base.refused(
        "the backup that " + own.file() + " is read together with does not have " + what);
  }

  private Part row() throws IOException {
    do {
      advance();
      if (basePart.kind() != 'R') {
        throw missing("row " + wanted + " of " + header.text());
      }
    } while (key(basePart) < wanted);
    if (key(basePart) > wanted) {
      throw missing("row " + wanted + " of " + header.text());
    }
    wanted++;
    left--;
    return basePart;
  }

  /** A number that is not null, first of all. */
  private long key(Part row) throws IOException {
    if (row.bytes().length < 1 + Long.BYTES || row.bytes()[0] != 1) {
      throw base.refused("a row is not readable");
    }
    return ByteBuffer.wrap(row.bytes()).getLong(1);
  }

  private Part piece() throws IOException {
    advance();
    if (basePart.kind() != 'D' || basePart.bytes().length > left) {
      throw missing("so much of the audit segment " + header.text());
    }
    left -= basePart.bytes().length;
    return basePart;
  }

  @Override
  public Optional<Earlier> base() {
    return own.base();
  }

  @Override
  public BackupException refused(String why) {
    return own.refused(why);
  }

  @Override
  public String content() {
    return own.content();
  }

  @Override
  public boolean isAtEnd() throws IOException {
    return own.isAtEnd();
  }

  @Override
  public void close() throws IOException {
    try (own) {
      base.close();
    }
  }
}
