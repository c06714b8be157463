package io.github.describeanything.server.service;

/**
 * What marks a thing on one frame of a video. Immutable.
 *
 * @param frame counted from 0
 * @param object the thing's number
 * @param source clicks, or the thing's mask
 */
record MarkedThing(int frame, int object, MaskSource source) {}
