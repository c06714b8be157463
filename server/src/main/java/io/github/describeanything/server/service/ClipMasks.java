package io.github.describeanything.server.service;

import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.segment.Direction;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.model.segment.TrackedMask;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.video.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Decides which frames of a clip are described, and makes the masks of regions on them. Thread-safe; blocks.
 *
 * <p>Of more frames than the model takes, evenly spread ones are described. A region that is not marked on all of those is
 * tracked. If a tracked thing is out of sight on one of them, the frames are spread over those that show it.
 */
final class ClipMasks {
    private final DescribeAnything model;
    private final Optional<Tracks> tracks;

    ClipMasks(DescribeAnything model, Optional<Segmenter> segmenter) {
        this.model = model;
        this.tracks = segmenter.map(it -> new Tracks(model, it));
    }

    /** A region on the frames that are described. */
    record Shown(List<RequestPicture> frames, List<ScoredMask> masks) {}

    /** The frames that are described if every region is visible on them; some repeat in a short video. */
    List<Integer> described(Clip clip) {
        if (clip.frames() == 1 && clip.time(0).isEmpty()) {
            return List.of(0);
        }
        return even(clip.frames());
    }

    private List<Integer> even(int count) {
        return IntStream.of(Sampling.even(count, model.manifest().maxFrames()))
                .boxed()
                .toList();
    }

    /** @throws ApiException if a region has to be tracked and nothing here can */
    void requireMarks(List<RegionMarks> regions, List<Integer> described) {
        for (RegionMarks region : regions) {
            if (!region.cover(described) && tracks.isEmpty()) {
                throw region.missing(described);
            }
        }
    }

    /** Makes the masks of some regions, by number. All frames that they need are loaded at once. */
    Map<Integer, Shown> of(Clip clip, Map<Integer, RegionMarks> regions, List<Integer> described) {
        var tracked = new TreeMap<Integer, RegionMarks>();
        regions.forEach((number, region) -> {
            if (!region.cover(described)) {
                tracked.put(number, region);
            }
        });
        if (!regions.isEmpty()) {
            clip.load(tracked.isEmpty() ? described : clip.all());
        }
        var shown = new TreeMap<Integer, Shown>();
        regions.forEach((number, region) -> {
            if (!tracked.containsKey(number)) {
                shown.put(number, marked(clip.pictures(described), described, region));
            }
        });
        if (!tracked.isEmpty()) {
            shown.putAll(tracked(clip, tracked, described));
        }
        return shown;
    }

    /** Clicks wait for the segmenter on this thread; everything else is computed by a worker, in one task. */
    private Shown marked(List<RequestPicture> frames, List<Integer> described, RegionMarks region) {
        List<MaskSource> sources = described.stream().map(region::on).toList();
        if (sources.stream().noneMatch(ClickedRegion.class::isInstance)) {
            return new Shown(frames, model.onWorker(() -> IntStream.range(0, frames.size())
                    .mapToObj(i -> rasterised(frames.get(i), sources.get(i)))
                    .toList()));
        }
        return new Shown(
                frames,
                IntStream.range(0, frames.size())
                        .mapToObj(i -> sources.get(i) instanceof ClickedRegion clicked
                                ? clicked.maskFor(frames.get(i), model)
                                : model.onWorker(() -> rasterised(frames.get(i), sources.get(i))))
                        .toList());
    }

    private static ScoredMask rasterised(RequestPicture frame, MaskSource source) {
        return new ScoredMask(source.maskFor(frame.picture()), Optional.empty());
    }

    /** A mask that is kept until all frames are tracked. */
    private record Kept(RunLengths mask, float score) {}

    private Map<Integer, Shown> tracked(Clip clip, Map<Integer, RegionMarks> regions, List<Integer> described) {
        var prompts = new ArrayList<Tracks.Prompt>();
        regions.forEach((number, region) -> region.byFrame()
                .forEach((frame, mark) -> prompts.add(new Tracks.Prompt(number, frame, mark))));
        var visible = new TreeMap<Integer, TreeMap<Integer, Kept>>();
        regions.keySet().forEach(it -> visible.put(it, new TreeMap<>()));
        tracks.orElseThrow().follow(clip, prompts, true, new Tracks.Sink<RuntimeException>() {
            @Override
            public void begin() {
                // Nothing is to be announced.
            }

            @Override
            public void frame(Direction pass, TrackedFrame frame) {
                for (TrackedMask found : frame.masks()) {
                    Map<Integer, Kept> own = visible.get(found.object());
                    own.remove(frame.frame());
                    if (!found.mask().box().isEmpty()) {
                        own.put(
                                frame.frame(),
                                model.onWorker(() -> new Kept(RunLengths.of(found.mask()), found.score())));
                    }
                }
            }
        });
        return visible.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, it -> shown(clip, it.getValue(), described)));
    }

    private Shown shown(Clip clip, TreeMap<Integer, Kept> visible, List<Integer> described) {
        List<Integer> frames = described;
        if (!visible.keySet().containsAll(described)) {
            List<Integer> all = List.copyOf(visible.keySet());
            frames = even(all.size()).stream().map(all::get).toList();
        }
        List<RequestPicture> pictures = clip.pictures(frames);
        List<Integer> chosen = frames;
        return new Shown(pictures, model.onWorker(() -> IntStream.range(0, chosen.size())
                .mapToObj(i -> {
                    Kept kept = visible.get(chosen.get(i));
                    RequestPicture picture = pictures.get(i);
                    int width = picture.picture().width();
                    return new ScoredMask(
                            kept.mask.rasterise(width, picture.picture().height()), Optional.of(kept.score));
                })
                .toList()));
    }
}
