package io.github.describeanything.model.segment;

/** Width and height in pixels. */
public record PictureSize(int width, int height) {}
