package io.github.describeanything.server.openai.segment;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.describeanything.server.openai.RleBody;
import io.github.describeanything.server.service.TrackSink;
import java.util.List;

/** The answer to a segmentation request about a video. Immutable. */
record TrackingBody(String object, VideoBody image, List<ThingBody> data) {

    /** The frames. @param times of a video file's frames, in seconds */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record VideoBody(int width, int height, int frames, List<Double> times) {
        static VideoBody of(TrackSink.Frames frames) {
            return new VideoBody(
                    frames.width(),
                    frames.height(),
                    frames.count(),
                    frames.times().stream()
                            .map(it -> Math.round(it * 1e3) / 1e3)
                            .toList());
        }
    }

    /** A thing. @param masks one for each frame */
    record ThingBody(int index, int object, List<SegmentationBody.FrameMaskBody> masks) {}

    /** The first event of a stream. */
    record BeginBody(String object, VideoBody image) {}

    /** An event: the things on one frame. @param pass forward or backward */
    record FrameBody(String object, String pass, int frame, List<ThingBody> data) {}
}
