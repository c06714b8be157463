package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.DescribeCommand.Pictures;
import io.github.describeanything.server.service.DescribeCommand.Source;
import io.github.describeanything.server.service.DescribeCommand.VideoFile;
import io.github.describeanything.server.service.Mark;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.NamedRegion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * A region to describe. Immutable.
 *
 * @param id the client's name for it
 * @param marks one for a picture, one or more for a video
 */
public record RequestedRegion(Optional<JsonNode> id, List<Mark> marks) {
    public RequestedRegion {
        marks = List.copyOf(marks);
    }

    /**
     * Groups entries into regions: on a picture each entry is a region; on a video the entries of one id are.
     *
     * @param tracked whether frames of a video may be left out, which are tracked
     */
    public static List<RequestedRegion> of(List<RegionEntry> entries, Source source, boolean tracked) {
        return switch (source) {
            case Pictures it when it.images().size() == 1 -> ofPicture(entries);
            case Pictures it -> ofVideo(entries, it.images().size(), tracked);
            case VideoFile ignored -> ofVideoFile(entries);
        };
    }

    /** The same mask source on each picture, or on all frames of a video file. */
    public static RequestedRegion everywhere(MaskSource mask, String path, Source source) {
        return new RequestedRegion(
                Optional.empty(),
                switch (source) {
                    case Pictures it ->
                        IntStream.range(0, it.images().size())
                                .mapToObj(i -> new Mark(new Mark.Frame(i), mask, path))
                                .toList();
                    case VideoFile ignored -> List.of(new Mark(new Mark.Always(), mask, path));
                });
    }

    /** The region written in the question. On a video only the whole picture applies to every frame. */
    public static RequestedRegion written(MaskSource entry, String path, Source source) {
        boolean onePicture = source instanceof Pictures it && it.images().size() <= 1;
        if (!onePicture && !whole(entry)) {
            throw ApiException.badRequest(
                    path,
                    "invalid_region",
                    path
                            + ": a region in the question cannot follow a moving object: send regions with an entry for each"
                            + (source instanceof Pictures it
                                    ? " of the " + it.images().size() + " frames"
                                    : " frame")
                            + ", or write @whole");
        }
        return everywhere(entry, path, source);
    }

    private static boolean whole(MaskSource mask) {
        return mask instanceof NamedRegion named && named.whole();
    }

    private static List<RequestedRegion> ofPicture(List<RegionEntry> entries) {
        return entries.stream()
                .map(it -> {
                    if (it.frame().orElse(0) != 0) {
                        throw bad(it, "frame", "must be omitted for a single picture");
                    }
                    requireNoTime(it);
                    return new RequestedRegion(it.id(), List.of(mark(it, new Mark.Frame(0))));
                })
                .toList();
    }

    private static List<RequestedRegion> ofVideo(List<RegionEntry> entries, int frames, boolean tracked) {
        var byId = new LinkedHashMap<Optional<JsonNode>, RegionEntry[]>();
        for (RegionEntry entry : entries) {
            requireNoTime(entry);
            int frame = entry.frame()
                    .orElseThrow(() ->
                            bad(entry, "frame", "is missing: on a video every entry needs a frame, counted from 0"));
            if (frame >= frames || frame < -frames) {
                throw bad(entry, "frame", "must be between 0 and " + (frames - 1));
            }
            frame = Math.floorMod(frame, frames);
            RegionEntry[] own = byId.computeIfAbsent(entry.id(), id -> new RegionEntry[frames]);
            if (own[frame] != null) {
                throw bad(entry, "frame", "already has an entry with the same id: " + own[frame].path());
            }
            own[frame] = entry;
        }
        var regions = new ArrayList<RequestedRegion>();
        byId.forEach((id, own) -> {
            for (int frame = 0; frame < frames; frame++) {
                if (own[frame] == null && !tracked) {
                    throw missing(id, frame, frames);
                }
            }
            regions.add(new RequestedRegion(
                    id,
                    IntStream.range(0, frames)
                            .filter(i -> own[i] != null)
                            .mapToObj(i -> mark(own[i], new Mark.Frame(i)))
                            .toList()));
        });
        return regions;
    }

    /** How many frames there are is known later. */
    private static List<RequestedRegion> ofVideoFile(List<RegionEntry> entries) {
        var byId = new LinkedHashMap<Optional<JsonNode>, List<Mark>>();
        for (RegionEntry entry : entries) {
            byId.computeIfAbsent(entry.id(), id -> new ArrayList<>()).add(mark(entry, moment(entry)));
        }
        return byId.entrySet().stream()
                .map(it -> new RequestedRegion(it.getKey(), it.getValue()))
                .toList();
    }

    private static Mark.Moment moment(RegionEntry entry) {
        if (entry.time().isPresent()) {
            return new Mark.Time(entry.time().getAsDouble());
        }
        if (entry.frame().isEmpty() && whole(entry.region())) {
            return new Mark.Always();
        }
        return new Mark.Frame(entry.frame()
                .orElseThrow(() -> bad(
                        entry,
                        "frame",
                        "is missing: on a video every entry needs a frame, counted from 0, or a time in seconds")));
    }

    private static Mark mark(RegionEntry entry, Mark.Moment moment) {
        return new Mark(moment, entry.region(), entry.path());
    }

    private static void requireNoTime(RegionEntry entry) {
        if (entry.time().isPresent()) {
            throw bad(entry, "time", "is only for a video file: send frame for pictures");
        }
    }

    private static ApiException bad(RegionEntry entry, String field, String rule) {
        String param = entry.path() + "." + field;
        return ApiException.badValue(param, param + " " + rule);
    }

    private static ApiException missing(Optional<JsonNode> id, int frame, int frames) {
        return ApiException.badValue(
                "regions",
                "regions: %s has no entry for frame %d; a video needs one for each of its %d frames"
                        .formatted(id.map(it -> "the region with id " + it).orElse("the region"), frame, frames));
    }
}
