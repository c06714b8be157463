package io.github.describeanything.server.service;

import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.ContentDigest.Kind;
import io.github.describeanything.server.video.Video;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** The sampled frames of a video file. */
final class VideoClip implements Clip {
    private final Video video;
    private final ByteBuffer file;
    private final double[] times;
    private final Function<byte[], RequestPicture> picture;
    private final Map<Integer, RequestPicture> loaded = new HashMap<>();

    /**
     * @param video closed with this
     * @param file identifies it by content
     * @param picture makes a picture of an encoded frame
     */
    VideoClip(Video video, ByteBuffer file, Function<byte[], RequestPicture> picture) {
        this.video = video;
        this.file = file;
        this.times = video.times();
        this.picture = picture;
    }

    @Override
    public int frames() {
        return times.length;
    }

    @Override
    public List<Double> times() {
        return Arrays.stream(times).map(it -> Math.round(it * 1e3) / 1e3).boxed().toList();
    }

    @Override
    public ByteBuffer digest(int frame) {
        // The server's options decide which frame this is, so its time is part of it.
        var time = ByteBuffer.allocate(Double.BYTES).putDouble(times[frame]).flip();
        return ContentDigest.of(Kind.VIDEO_FRAME, List.of(file, time));
    }

    /** Frames that could not be decoded are the same picture as their neighbours. */
    @Override
    public void load(List<Integer> frames) {
        int[] missing = frames.stream()
                .distinct()
                .filter(it -> !loaded.containsKey(it))
                .mapToInt(Integer::intValue)
                .toArray();
        if (missing.length > 0) {
            List<byte[]> files = video.decode(missing);
            var known = new IdentityHashMap<byte[], RequestPicture>();
            for (int i = 0; i < missing.length; i++) {
                loaded.put(missing[i], known.computeIfAbsent(files.get(i), picture));
            }
        }
    }

    @Override
    public void loaded() {
        video.close();
    }

    @Override
    public RequestPicture picture(int frame) {
        return Objects.requireNonNull(loaded.get(frame), "load it first");
    }

    @Override
    public void close() {
        video.close();
    }
}
