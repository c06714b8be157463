package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.NamedRegion;
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
    static List<RequestedRegion> of(List<RegionEntry> entries, int frames, FollowedRegions followed) {
        return frames == 1 ? ofPicture(entries) : ofVideo(entries, frames, followed);
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
                        throw bad(it, "must be omitted for a single picture");
                    }
                    return new RequestedRegion(it.id(), List.of(it.region()));
                })
                .toList();
    }

    private static List<RequestedRegion> ofVideo(List<RegionEntry> entries, int frames, FollowedRegions followed) {
        var byId = new LinkedHashMap<Optional<JsonNode>, TreeMap<Integer, RegionEntry>>();
        for (RegionEntry entry : entries) {
            int frame = frame(entry, frames);
            RegionEntry other =
                    byId.computeIfAbsent(entry.id(), id -> new TreeMap<>()).putIfAbsent(frame, entry);
            if (other != null) {
                throw bad(entry, "already has an entry with the same id: " + other.path());
            }
        }
        var regions = new ArrayList<RequestedRegion>();
        byId.forEach((id, own) -> regions.add(new RequestedRegion(id, masks(id, own, frames, followed))));
        return regions;
    }

    /** The frame of an entry; -1 is the last. */
    private static int frame(RegionEntry entry, int frames) {
        int given = entry.frame()
                .orElseThrow(() -> bad(entry, "is missing: on a video every entry needs a frame, counted from 0"));
        if (given < -frames || given >= frames) {
            throw bad(entry, "must be between 0 and %d, or -1 for the last frame".formatted(frames - 1));
        }
        return Math.floorMod(given, frames);
    }

    private static List<MaskSource> masks(
            Optional<JsonNode> id, TreeMap<Integer, RegionEntry> own, int frames, FollowedRegions followed) {
        if (own.size() == frames) {
            return own.values().stream().map(RegionEntry::region).toList();
        }
        MaskSource unmarked = followed.unmarked(missing(id, own, frames));
        return IntStream.range(0, frames)
                .mapToObj(frame -> Optional.ofNullable(own.get(frame))
                        .map(RegionEntry::region)
                        .map(followed::marked)
                        .orElse(unmarked))
                .toList();
    }

    private static ApiException bad(RegionEntry entry, String rule) {
        String param = entry.path() + ".frame";
        return ApiException.badValue(param, param + " " + rule);
    }

    private static ApiException missing(Optional<JsonNode> id, TreeMap<Integer, RegionEntry> own, int frames) {
        int frame = IntStream.range(0, frames)
                .filter(it -> !own.containsKey(it))
                .findFirst()
                .orElseThrow();
        return ApiException.badValue(
                "regions",
                "regions: %s has no entry for frame %d; a video needs one for each of its %d frames, unless the server is started with --segmenter BUNDLE, which follows regions"
                        .formatted(id.map(it -> "the region with id " + it).orElse("the region"), frame, frames));
    }
}
