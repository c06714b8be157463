package io.github.describeanything.server.service;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a command is about: a picture, or the frames of a video, which are loaded when they are asked for. Used by one
 * thread; close it. Errors are those of {@link io.github.describeanything.server.errors.ApiException}.
 */
interface Clip extends AutoCloseable {
    /** The number of frames; 1 for a picture. */
    int frames();

    /** Whether it is one picture rather than a video. */
    default boolean single() {
        return frames() == 1 && times().isEmpty();
    }

    /** When the frames of a video file are shown, in seconds from the first; empty for pictures. */
    List<Double> times();

    /** Identifies a frame's pixels; needs no decoding. */
    ByteBuffer digest(int frame);

    /** Loads frames; those of a video file in one go. @param frames ascending */
    void load(List<Integer> frames);

    /** The frames that are needed are loaded: the next video file may be opened. */
    void loaded();

    /** A frame that was loaded. */
    RequestPicture picture(int frame);

    /** The same for several. */
    default List<RequestPicture> pictures(List<Integer> frames) {
        return frames.stream().map(this::picture).toList();
    }

    /** All of them. */
    default List<Integer> all() {
        return IntStream.range(0, frames()).boxed().toList();
    }

    @Override
    void close();
}
