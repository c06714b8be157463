package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.model.segment.FramePrompt;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.TrackedFrame;
import io.github.describeanything.server.Clip;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.WireForm;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Videos in which a thing is marked on some frames: the answer is that of the tracked masks on the frames that are seen. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrackedVideosTest {
    private static final List<Double> BOX = List.of(86.0, 92.0, 167.0, 160.0);
    private static final SegmentPrompt BOXED = SegmentPrompt.box(86, 92, 167, 160);
    private static final SegmentPrompt CLICKED =
            SegmentPrompt.inside(144.6, 144.6).and(132.9, 133, false);
    private static final Map<String, Object> CLICK =
            Map.of("points", List.of(List.of(144.6, 144.6), List.of(132.9, 133)), "labels", List.of(1, 0), "frame", 0);

    private final Clip clip = Clip.of(10);
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", 64);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private String[] urls(List<Integer> frames) {
        return frames.stream().map(clip.urls()::get).toArray(String[]::new);
    }

    private static List<Integer> first(int frames) {
        return IntStream.range(0, frames).boxed().toList();
    }

    private Answered answer(String question, List<Integer> frames, List<?> regions) {
        var conversation = Conversation.empty().shows(question, urls(frames)).field("logprobs", true);
        return Answered.of(
                server.post((regions.isEmpty() ? conversation : conversation.field("regions", regions)).json()));
    }

    private List<Mask> tracked(int frames, FramePrompt... prompts) {
        return server.segmenter.orElseThrow().track(clip.frames().subList(0, frames), List.of(prompts)).stream()
                .map(TrackedFrame::masks)
                .map(it -> it.getFirst().mask())
                .toList();
    }

    /** Eight of the frames with the thing, evenly spread; repeated if there are fewer. */
    private static List<Integer> seen(List<Mask> masks) {
        List<Integer> visible = IntStream.range(0, masks.size())
                .filter(it -> masks.get(it).count() > 0)
                .boxed()
                .toList();
        return IntStream.range(0, 8)
                .map(i -> (int) Math.floor(i * (visible.size() - 1) / 7.0))
                .mapToObj(visible::get)
                .toList();
    }

    /** What the model says of these frames with these masks. */
    private Answered described(List<Integer> frames, List<Mask> masks) {
        var entries = new ArrayList<Map<String, Object>>();
        for (int i = 0; i < frames.size(); i++) {
            RunLengths rle = RunLengths.of(masks.get(frames.get(i)));
            var size = List.of(rle.height(), rle.width());
            entries.add(Map.of("frame", i, "rle", Map.of("size", size, "counts", rle.compressed())));
        }
        return answer("What moves?", frames, entries);
    }

    @Test
    void aBoxOnTheLastFrameIsFollowedThroughEight() {
        List<Mask> masks = tracked(8, FramePrompt.of(7, 0, BOXED));
        assertThat(answer("What moves?", first(8), List.of(Map.of("box", BOX, "frame", -1))))
                .isEqualTo(described(seen(masks), masks));
    }

    @Test
    void eightOfTenFramesAreSeenEvenlySpreadOverThoseWithTheThing() {
        List<Mask> masks = tracked(10, FramePrompt.of(0, 0, CLICKED));
        List<Integer> seen = List.of(0, 1, 2, 3, 4, 5, 6, 9);
        assertThat(seen(masks)).isEqualTo(seen);
        assertThat(masks.get(8).count()).isZero();
        assertThat(answer("What moves?", first(10), List.of(CLICK))).isEqualTo(described(seen, masks));
    }

    @Test
    void severalThingsAreSeveralChoices() {
        List<Mask> masks = tracked(8, FramePrompt.of(7, 0, BOXED));
        HttpResponse<String> response = server.post(Conversation.empty()
                .shows("What moves?", urls(first(8)))
                .field("logprobs", true)
                .field("return_masks", true)
                .field(
                        "regions",
                        List.of(
                                Map.of("id", "box", "box", BOX, "frame", 7),
                                Map.of("id", "click", "points", List.of(List.of(144.6, 144.6)), "frame", 1),
                                Map.of("id", "click", "points", List.of(List.of(133, 133)), "frame", 3)))
                .json());
        assertThat(Answered.of(response)).isEqualTo(described(seen(masks), masks));
        JsonNode choices = TestServer.json(response).path("choices");
        assertThat(choices).hasSize(2);
        assertThat(choices.at("/1/region/id").asString()).isEqualTo("click");
        JsonNode mask = choices.at("/0/region/mask");
        assertThat(RunLengths.ofString(256, 256, mask.at("/rle/counts").asString())
                        .rasterise(256, 256))
                .isEqualTo(masks.get(seen(masks).getFirst()));
        assertThat(mask.path("score").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void aRegionInTheQuestionMarksTheFirstFrame() {
        Answered expected = answer("What moves?", first(8), List.of(Map.of("box", BOX, "frame", 0)));
        assertThat(answer("@box(86, 92, 167, 160) What moves?", first(8), List.of()))
                .isEqualTo(expected);
    }

    @Test
    void aMaskIsFollowedToo() {
        Map<String, Object> polygon =
                Map.of("polygon", List.of(List.of(86, 92, 166, 92, 166, 160, 86, 160)), "frame", 2);
        assertThat(answer("What moves?", first(8), List.of(polygon)))
                .isNotEqualTo(answer("What moves?", first(8), List.of(Map.of("box", BOX, "frame", 2))));
    }

    @Test
    void allFramesMayBeMarkedOfALongerVideo() {
        var entries = IntStream.range(0, 10)
                .mapToObj(i -> Map.of("box", BOX, "frame", i))
                .toList();
        long tracked = server.segmenter.orElseThrow().stats().tracked();
        List<Integer> seen = List.of(0, 1, 2, 3, 5, 6, 7, 9);
        var eight = IntStream.range(0, 8)
                .mapToObj(i -> Map.of("box", BOX, "frame", i))
                .toList();
        assertThat(answer("What moves?", first(10), entries)).isEqualTo(answer("What moves?", seen, eight));
        assertThat(server.segmenter.orElseThrow().stats().tracked()).isEqualTo(tracked);
    }

    @Test
    void responsesTrackToo() {
        try (var other = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", 64)
                .speaking(WireForm.RESPONSES)) {
            String body = Conversation.empty()
                    .shows("What moves?", urls(first(9)))
                    .field("regions", List.of(CLICK))
                    .json();
            HttpResponse<String> response = other.post(body);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(TestServer.text(response)).isEqualTo(TestServer.text(server.post(body)));
        }
    }

    @Test
    void theSameVideoIsTrackedOnce() {
        var regions = List.of(Map.of("box", BOX, "frame", 5));
        Answered first = answer("What moves?", first(8), regions);
        long tracked = server.segmenter.orElseThrow().stats().tracked();
        assertThat(answer("What moves?", first(8), regions)).isEqualTo(first);
        assertThat(server.segmenter.orElseThrow().stats().tracked()).isEqualTo(tracked);
    }

    private static void refused(TestServer by, String body, String param, String words) {
        HttpResponse<String> response = by.post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).as(response.body()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(words);
    }

    @Test
    void whatCannotBeFollowedIsRefused() {
        var video = Conversation.empty().shows("What moves?", urls(first(8)));
        refused(server, with(video, Map.of("box", BOX)), "regions[0].frame", "every entry needs a frame");
        refused(server, with(video, Map.of("box", BOX, "frame", 8)), "regions[0].frame", "0 and 7, or -1");
        refused(server, with(video, Map.of("whole", true, "frame", 1)), "regions[0]", "cannot be followed");
        refused(server, with(video, Map.of("box", List.of(300, 1, 400, 9), "frame", 1)), "regions[0].box", "outside");
        var many = IntStream.range(0, 17)
                .mapToObj(i -> Map.of("id", i, "box", BOX, "frame", 1))
                .toList();
        refused(server, video.field("regions", many).json(), "regions", "at most 16");
        String[] long65 = Collections.nCopies(65, clip.urls().getFirst()).toArray(String[]::new);
        var longer = Conversation.empty().shows("What moves?", long65);
        refused(server, with(longer, CLICK), "messages", "8 to 64 frames of a video (--max-frames)");
    }

    private static String with(Conversation video, Map<String, ?> region) {
        return video.field("regions", List.of(region)).json();
    }

    @Test
    void withoutASegmenterTheOptionIsNamed() {
        try (var plain = TestServer.start("golden-joint-fp32")) {
            var eight = Conversation.empty().shows("What moves?", urls(first(8)));
            refused(plain, with(eight, Map.of("box", BOX, "frame", 0)), "regions", "--segmenter");
            var nine = Conversation.empty().shows("@whole What moves?", urls(first(9)));
            refused(plain, nine.json(), "messages", "--segmenter");
        }
    }
}
