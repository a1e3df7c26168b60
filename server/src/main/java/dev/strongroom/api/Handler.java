package dev.strongroom.api;

/** One method of an {@code ...Api}: parse, call, render. */
@FunctionalInterface
public interface Handler {
  Answer handle(Call call);
}
