package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.NamedRegion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
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
     * Groups entries into regions: on a picture each entry is a region; on a video the entries of one id are, one per
     * frame.
     */
    public static List<RequestedRegion> of(List<RegionEntry> entries, int frames) {
        return frames == 1 ? ofPicture(entries) : ofVideo(entries, frames);
    }

    /** The region written in the question. On a video only the whole picture applies to every frame. */
    public static RequestedRegion written(MaskSource entry, String path, int frames) {
        boolean whole = entry instanceof NamedRegion named && named.whole();
        if (frames > 1 && !whole) {
            throw ApiException.badRequest(
                    path,
                    "invalid_region",
                    path
                            + ": a region in the question cannot follow a moving object: send regions with an entry for each of the "
                            + frames + " frames, or write @whole");
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

    private static List<RequestedRegion> ofVideo(List<RegionEntry> entries, int frames) {
        var byId = new LinkedHashMap<Optional<JsonNode>, RegionEntry[]>();
        for (RegionEntry entry : entries) {
            int frame = entry.frame()
                    .orElseThrow(() -> bad(entry, "is missing: on a video every entry needs a frame, counted from 0"));
            if (frame >= frames) {
                throw bad(entry, "must be between 0 and " + (frames - 1));
            }
            RegionEntry[] own = byId.computeIfAbsent(entry.id(), id -> new RegionEntry[frames]);
            if (own[frame] != null) {
                throw bad(entry, "already has an entry with the same id: " + own[frame].path());
            }
            own[frame] = entry;
        }
        var regions = new ArrayList<RequestedRegion>();
        byId.forEach((id, own) -> {
            for (int frame = 0; frame < frames; frame++) {
                if (own[frame] == null) {
                    throw missing(id, frame, frames);
                }
            }
            regions.add(new RequestedRegion(
                    id, Arrays.stream(own).map(RegionEntry::region).toList()));
        });
        return regions;
    }

    private static ApiException bad(RegionEntry entry, String rule) {
        String param = entry.path() + ".frame";
        return ApiException.badValue(param, param + " " + rule);
    }

    private static ApiException missing(Optional<JsonNode> id, int frame, int frames) {
        return ApiException.badValue(
                "regions",
                "regions: %s has no entry for frame %d; a video needs one for each of its %d frames"
                        .formatted(id.map(it -> "the region with id " + it).orElse("the region"), frame, frames));
    }
}
