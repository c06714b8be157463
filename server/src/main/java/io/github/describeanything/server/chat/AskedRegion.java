package io.github.describeanything.server.chat;

import io.github.describeanything.server.errors.ApiException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One region that is asked about, with an entry for each of its pictures. Immutable.
 *
 * @param entries one on a picture; on a video one a frame, in the frames' order
 */
record AskedRegion(Optional<JsonNode> id, List<RegionEntry> entries) {
    AskedRegion {
        entries = List.copyOf(entries);
    }

    /** On one picture every entry is a region; on a video those of one id are, each on a frame of its own. */
    static List<AskedRegion> of(List<RegionEntry> entries, int frames) {
        return frames == 1 ? ofPicture(entries) : ofVideo(entries, frames);
    }

    /** The region that is written in a question. On a video only the whole picture is the same thing in each frame. */
    static AskedRegion written(RegionEntry entry, int frames) {
        if (frames > 1 && !entry.whole()) {
            throw ApiException.badRequest(
                    entry.path(),
                    "invalid_region",
                    entry.path() + ": in a video a thing moves: send regions with an entry for each of its " + frames
                            + " frames, or write @whole");
        }
        return new AskedRegion(Optional.empty(), Collections.nCopies(frames, entry));
    }

    private static List<AskedRegion> ofPicture(List<RegionEntry> entries) {
        return entries.stream()
                .map(it -> {
                    if (it.frame().orElse(0) != 0) {
                        throw bad(it, "is for a video, and this is one picture: leave it out");
                    }
                    return new AskedRegion(it.id(), List.of(it));
                })
                .toList();
    }

    private static List<AskedRegion> ofVideo(List<RegionEntry> entries, int frames) {
        var byId = new LinkedHashMap<Optional<JsonNode>, RegionEntry[]>();
        for (RegionEntry entry : entries) {
            int frame = entry.frame()
                    .orElseThrow(() -> bad(entry, "is missing: on a video every entry names its frame, from 0 on"));
            if (frame >= frames) {
                throw bad(entry, "must be between 0 and " + (frames - 1));
            }
            RegionEntry[] own = byId.computeIfAbsent(entry.id(), id -> new RegionEntry[frames]);
            if (own[frame] != null) {
                throw bad(entry, "has an entry of the same id already: " + own[frame].path());
            }
            own[frame] = entry;
        }
        var regions = new ArrayList<AskedRegion>();
        byId.forEach((id, own) -> {
            for (int frame = 0; frame < frames; frame++) {
                if (own[frame] == null) {
                    throw missing(id, frame, frames);
                }
            }
            regions.add(new AskedRegion(id, List.of(own)));
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
                "regions: %s has no entry for frame %d, and a video needs one for each of its %d frames"
                        .formatted(id.map(it -> "the region with id " + it).orElse("the region"), frame, frames));
    }
}
