package io.github.describeanything.server.service;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.ContentDigest.Kind;
import io.github.describeanything.server.video.Sampling;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The marks of one region, by frame. Immutable. */
final class RegionMarks {
    /** How far a time may be beyond the last frame: players show it until the sound ends. */
    private static final double GRACE_SECONDS = 1;

    private final Clip clip;
    private final SortedMap<Integer, Mark> byFrame = new TreeMap<>();
    private final Optional<Mark> always;

    /** @throws ApiException if a mark is on no frame, or two are on the same */
    RegionMarks(Clip clip, List<Mark> marks) {
        this.clip = clip;
        Optional<Mark> everywhere = Optional.empty();
        for (Mark mark : marks) {
            switch (mark.moment()) {
                case Mark.Frame ignored -> put(frame(clip, mark), mark, "frame");
                case Mark.Time ignored -> put(frame(clip, mark), mark, "time");
                case Mark.Always ignored -> everywhere = Optional.of(mark);
            }
        }
        always = everywhere;
    }

    private void put(int frame, Mark mark, String field) {
        Mark other = byFrame.putIfAbsent(frame, mark);
        if (other != null) {
            throw bad(
                    mark,
                    field,
                    "is frame %d, which already has an entry with the same id: %s".formatted(frame, other.path()));
        }
    }

    /** The frame that a mark is on. @throws ApiException if there is no such frame */
    static int frame(Clip clip, Mark mark) {
        int count = clip.frames();
        return switch (mark.moment()) {
            case Mark.Frame it when it.index() < count && it.index() >= -count -> Math.floorMod(it.index(), count);
            case Mark.Frame ignored ->
                throw bad(
                        mark,
                        "frame",
                        "must be between %d and %d: %d frames of this video are sampled"
                                .formatted(-count, count - 1, count));
            case Mark.Time it -> nearest(clip, mark, it.seconds());
            case Mark.Always ignored -> throw new IllegalArgumentException("on every frame");
        };
    }

    private static int nearest(Clip clip, Mark mark, double seconds) {
        double[] times = clip.all().stream()
                .mapToDouble(it -> clip.time(it)
                        .orElseThrow(() -> bad(mark, "time", "is only for a video file: send frame for pictures")))
                .toArray();
        double end = times[times.length - 1];
        if (seconds > end + GRACE_SECONDS) {
            throw bad(mark, "time", "must be at most %.2f, the time of the last frame".formatted(end));
        }
        return Sampling.nearest(times, seconds);
    }

    private static ApiException bad(Mark mark, String field, String rule) {
        String param = mark.path() + "." + field;
        return ApiException.badValue(param, param + " " + rule);
    }

    /** The marked frames and their marks; without those for every frame. */
    SortedMap<Integer, Mark> byFrame() {
        return byFrame;
    }

    /** Whether each of these frames is marked, so that nothing is tracked. */
    boolean cover(List<Integer> frames) {
        return always.isPresent() || byFrame.keySet().containsAll(frames);
    }

    /** The mask source on a frame that is marked. */
    MaskSource on(int frame) {
        return Optional.ofNullable(byFrame.get(frame))
                .or(() -> always)
                .map(Mark::source)
                .orElseThrow();
    }

    /** Identifies the region on these frames by content. */
    ByteBuffer key(List<Integer> frames) {
        var parts = new ArrayList<ByteBuffer>();
        for (int frame : frames) {
            parts.add(clip.digest(frame));
            parts.add(on(frame).key());
        }
        return ContentDigest.of(Kind.PICTURE_AND_REGION, parts);
    }

    /** Identifies the region as it is tracked through all frames. */
    ByteBuffer trackedKey() {
        var parts = new ArrayList<ByteBuffer>();
        for (int frame = 0; frame < clip.frames(); frame++) {
            parts.add(clip.digest(frame));
        }
        byFrame.forEach((frame, mark) -> {
            parts.add(ByteBuffer.allocate(Integer.BYTES).putInt(frame).flip());
            parts.add(mark.source().key());
        });
        return ContentDigest.of(Kind.TRACKED, parts);
    }

    /** 400 for marks that do not {@link #cover} frames where nothing can be tracked. */
    ApiException missing(List<Integer> frames) {
        return ApiException.badRequest(
                "regions",
                "no_segmenter",
                "regions: this server cannot track, so the region of %s needs an entry for each described frame, %s; start it with --segmenter BUNDLE to mark one frame only"
                        .formatted(
                                byFrame.get(byFrame.firstKey()).path(),
                                frames.stream()
                                        .distinct()
                                        .map(it -> Integer.toString(it))
                                        .collect(Collectors.joining(", "))));
    }
}
