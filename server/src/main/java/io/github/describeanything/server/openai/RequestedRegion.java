package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.NamedRegion;
import io.github.describeanything.server.service.Sampled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * A region to describe, with one mask source per image. Immutable.
 *
 * @param id the client's name for it
 * @param masks one for a picture; for a video one per frame, in order
 */
public record RequestedRegion(Optional<JsonNode> id, List<MaskSource> masks) {
    public RequestedRegion {
        masks = List.copyOf(masks);
    }

    /**
     * Groups entries into regions: on a picture each entry is a region; on a video the entries of one id are. A region that
     * lacks entries for some frames is followed there.
     */
    static List<RequestedRegion> of(List<RegionEntry> entries, Sampled frames, FollowedRegions followed) {
        boolean picture = frames.count() == 1 && frames.times().isEmpty();
        return picture ? ofPicture(entries) : ofVideo(entries, frames, followed);
    }

    /** The ids of a video's regions, in the order of {@link #of}. */
    static List<Optional<JsonNode>> ids(List<RegionEntry> entries) {
        return entries.stream().map(RegionEntry::id).distinct().toList();
    }

    /** The region written in the question. On a video the whole picture applies to every frame; a thing is followed. */
    static RequestedRegion written(MaskSource entry, String path, int frames, FollowedRegions followed) {
        boolean whole = entry instanceof NamedRegion named && named.whole();
        if (frames > 1 && !whole) {
            ApiException missing = ApiException.badRequest(
                    path,
                    "invalid_region",
                    path
                            + ": a region in the question cannot follow a moving object: send regions with an entry for each of the "
                            + frames + " frames, write @whole, or start the server with --segmenter BUNDLE");
            var masks = new ArrayList<MaskSource>(Collections.nCopies(frames, followed.unmarked(missing)));
            masks.set(0, followed.marked(entry));
            return new RequestedRegion(Optional.empty(), masks);
        }
        return new RequestedRegion(Optional.empty(), Collections.nCopies(frames, entry));
    }

    private static List<RequestedRegion> ofPicture(List<RegionEntry> entries) {
        return entries.stream()
                .map(it -> {
                    if (it.frame().orElse(0) != 0) {
                        throw bad(it, "frame", "must be omitted for a single picture");
                    }
                    requireNoTime(it);
                    return new RequestedRegion(it.id(), List.of(it.region()));
                })
                .toList();
    }

    private static List<RequestedRegion> ofVideo(List<RegionEntry> entries, Sampled frames, FollowedRegions followed) {
        var byId = new LinkedHashMap<Optional<JsonNode>, TreeMap<Integer, RegionEntry>>();
        for (RegionEntry entry : entries) {
            TreeMap<Integer, RegionEntry> own = byId.computeIfAbsent(entry.id(), id -> new TreeMap<>());
            for (int frame : frames(entry, frames)) {
                RegionEntry other = own.putIfAbsent(frame, entry);
                if (other != null) {
                    throw bad(
                            entry,
                            entry.time().isPresent() ? "time" : "frame",
                            "already has an entry with the same id: " + other.path());
                }
            }
        }
        var regions = new ArrayList<RequestedRegion>();
        byId.forEach((id, own) -> regions.add(new RequestedRegion(id, masks(id, own, frames, followed))));
        return regions;
    }

    /** The frames of an entry: one, or all for the whole picture. */
    private static List<Integer> frames(RegionEntry entry, Sampled frames) {
        boolean whole = entry.region() instanceof NamedRegion named && named.whole();
        return whole && entry.frame().isEmpty() && entry.time().isEmpty()
                ? IntStream.range(0, frames.count()).boxed().toList()
                : List.of(frame(entry, frames));
    }

    private static int frame(RegionEntry entry, Sampled frames) {
        String either = frames.times().isEmpty() ? "" : ", or a time in seconds";
        return entry.time().isPresent()
                ? FrameOf.time(entry.time().getAsDouble(), frames, entry.path())
                : FrameOf.index(
                        entry.frame()
                                .orElseThrow(() -> bad(
                                        entry,
                                        "frame",
                                        "is missing: on a video every entry needs a frame, counted from 0" + either)),
                        frames,
                        entry.path());
    }

    private static void requireNoTime(RegionEntry entry) {
        if (entry.time().isPresent()) {
            throw bad(entry, "time", "must be omitted for a single picture");
        }
    }

    private static List<MaskSource> masks(
            Optional<JsonNode> id, TreeMap<Integer, RegionEntry> own, Sampled frames, FollowedRegions followed) {
        // What the model does not see needs no mark.
        boolean complete = own.keySet().containsAll(frames.seen());
        MaskSource unmarked =
                complete ? own.firstEntry().getValue().region() : followed.unmarked(missing(id, own, frames));
        return IntStream.range(0, frames.count())
                .mapToObj(frame -> Optional.ofNullable(own.get(frame))
                        .map(RegionEntry::region)
                        .map(entry -> complete ? entry : followed.marked(entry))
                        .orElse(unmarked))
                .toList();
    }

    private static ApiException bad(RegionEntry entry, String field, String rule) {
        String param = entry.path() + "." + field;
        return ApiException.badValue(param, param + " " + rule);
    }

    private static ApiException missing(Optional<JsonNode> id, TreeMap<Integer, RegionEntry> own, Sampled frames) {
        int frame = frames.seen().stream()
                .filter(it -> !own.containsKey(it))
                .findFirst()
                .orElseThrow();
        return ApiException.badValue(
                "regions",
                "regions: %s has no entry for frame %d; a video needs one for each of the %d frames that are described, unless the server is started with --segmenter BUNDLE, which follows regions"
                        .formatted(
                                id.map(it -> "the region with id " + it).orElse("the region"),
                                frame,
                                frames.seen().size()));
    }
}
