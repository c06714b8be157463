package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.openai.RleBody;
import io.github.describeanything.server.openai.segment.SegmentationBody.FrameMaskBody;
import io.github.describeanything.server.service.TrackSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Collects the masks of a video. Used by one thread. */
final class WholeTracking implements TrackSink {
    private final List<Integer> objects;
    private final Map<Integer, Map<Integer, FrameMaskBody>> found = new TreeMap<>();
    private Optional<Frames> video = Optional.empty();

    /** @param objects the client's numbers of the things, in the order of the answer */
    WholeTracking(List<Integer> objects) {
        this.objects = List.copyOf(objects);
    }

    @Override
    public void begin(Frames frames) {
        video = Optional.of(frames);
    }

    @Override
    public void frame(String pass, int frame, List<Found> things) {
        for (Found it : things) {
            found.computeIfAbsent(it.object(), object -> new TreeMap<>())
                    .put(frame, new FrameMaskBody(frame, RleBody.of(it.mask()), it.score()));
        }
    }

    TrackingBody body() {
        var things = new ArrayList<TrackingBody.ThingBody>();
        for (int object : objects) {
            var masks = List.copyOf(found.getOrDefault(object, Map.of()).values());
            things.add(new TrackingBody.ThingBody(things.size(), object, masks));
        }
        return new TrackingBody("list", TrackingBody.VideoBody.of(video.orElseThrow()), things);
    }
}
