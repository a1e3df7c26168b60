package dev.strongroom.control;

/** What a PUT left behind, and whether it is new: 201 or 200. */
public record Placed<T>(T value, boolean created) {}
