package io.github.describeanything.server.service;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.video.Video;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The marks of one region on the sampled frames of a video file. Immutable. */
final class VideoMarks {
    /** How far a time may be beyond the last frame: players show it until the sound ends. */
    private static final double GRACE_SECONDS = 1;

    private final double[] times;
    private final Map<Integer, Mark> byFrame = new TreeMap<>();
    private final Optional<Mark> always;

    /** @throws ApiException if a mark is on no frame, or two are on the same */
    VideoMarks(Video video, List<Mark> marks) {
        times = video.times();
        Optional<Mark> everywhere = Optional.empty();
        for (Mark mark : marks) {
            switch (mark.moment()) {
                case Mark.Frame it -> put(index(it, mark), mark, "frame");
                case Mark.Time it -> put(index(it, mark, video), mark, "time");
                case Mark.Always ignored -> everywhere = Optional.of(mark);
            }
        }
        always = everywhere;
    }

    /** The mask source on each of some frames. @throws ApiException if a frame has none */
    List<MaskSource> on(int[] frames) {
        return IntStream.of(frames)
                .mapToObj(it -> Optional.ofNullable(byFrame.get(it)).or(() -> always))
                .map(it -> it.orElseThrow(() -> missing(frames)).source())
                .toList();
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

    private int index(Mark.Frame at, Mark mark) {
        int count = times.length;
        if (at.index() >= count || at.index() < -count) {
            throw bad(
                    mark,
                    "frame",
                    "must be between %d and %d: %d frames of this video are sampled"
                            .formatted(-count, count - 1, count));
        }
        return Math.floorMod(at.index(), count);
    }

    private int index(Mark.Time at, Mark mark, Video video) {
        double end = times[times.length - 1];
        if (at.seconds() > end + GRACE_SECONDS) {
            throw bad(mark, "time", "must be at most %.2f, the time of the last frame".formatted(end));
        }
        return video.nearest(at.seconds());
    }

    private ApiException missing(int[] frames) {
        Mark first = byFrame.values().iterator().next();
        return ApiException.badValue(
                "regions",
                "regions: the region of %s needs an entry for each frame that is described: %s of %d"
                        .formatted(
                                first.path(),
                                Arrays.stream(frames)
                                        .distinct()
                                        .mapToObj(Integer::toString)
                                        .collect(Collectors.joining(", ")),
                                times.length));
    }

    private static ApiException bad(Mark mark, String field, String rule) {
        String param = mark.path() + "." + field;
        return ApiException.badValue(param, param + " " + rule);
    }
}
