package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.server.Limits;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.WireForm;
import io.github.describeanything.server.With;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Errors in regions name the entry and do not affect other requests. */
@ParameterizedClass
@EnumSource(WireForm.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegionRefusalsTest {
    @Parameter
    private WireForm form;

    private static final Picture PICTURE = RegionPictures.golden("blob.png");
    private static final String URL = RegionPictures.png(PICTURE);
    private static final String GOOD = "{\"box\": [10, 10, 90, 90]}";

    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
    }

    @BeforeEach
    void speak() {
        server.speaking(form);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** The picture is 500 x 333. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            7                                                   |                     | object
            {}                                                  |                     | exactly one
            {"bbox": [1, 2, 3, 4]}                              |                     | has none
            {"box": [1, 2, 3, 4], "mask": "data:,"}             |                     | box and mask
            {"box": [1, 2, 3]}                                  | .box                | [x0, y0, x1, y1]
            {"box": {"x": 1}}                                   | .box                | [x0, y0, x1, y1]
            {"box": [1, 2, "3", 4]}                             | .box[2]             | number
            {"box": [1, 2, NaN, 4]}                             | .box[2]             | NaN
            {"box": [1, 2, 1e400, 4]}                           | .box[2]             | outside
            {"box": [1, 2, 511, 4]}                             | .box[2]             | outside
            {"box": [1, -7, 50, 4]}                             | .box[1]             | outside
            {"box": [9, 2, 9, 4]}                               | .box                | x0 < x1
            {"box": [1.6, 1.6, 1.9, 1.9]}                       | .box                | no pixel
            {"box": [0.7, 0.1, 0.9, 1]}                         | .box                | "unit": "fraction"
            {"box": [0.7, 0.1, 0.9, 1], "unit": "pixel"}        | .box                | no pixel
            {"polygon": [[0, 0, 0.5, 0, 0.5, 0.5]]}             | .polygon            | "unit": "fraction"
            {"scribble": {"points": [[0.5, 0.5]], "width": 2}}  | .scribble           | "unit": "fraction"
            {"box": [0, 0, 1.5, 1], "unit": "fraction"}         | .box[2]             | outside
            {"box": [0, 0, 1, 1], "unit": "percent"}            | .unit               | fraction
            {"box": [0, 0, 9, 9], "unit": 3}                    | .unit               | string
            {"box": [0, 0, 9, 9], "id": [1]}                    | .id                 | string
            {"box": [0, 0, 9, 9], "id": 1.5}                    | .id                 | string
            {"box": [0, 0, 9, 9], "frame": 2}                   | .frame              | single picture
            {"box": [0, 0, 9, 9], "frame": -1}                  | .frame              | single picture
            {"polygon": []}                                     | .polygon            | at least one part
            {"polygon": 3}                                      | .polygon            | list
            {"polygon": [1, 2, 3, 4, 5, 6]}                     | .polygon[0]         | list
            {"polygon": [[1, 2, 3, 4]]}                         | .polygon[0]         | three corners
            {"polygon": [[1, 2], [30, 4], [30, 40]]}            | .polygon            | [x, y, x, y, …]
            {"polygon": [[0, 0, 9, 0, 9, 9], [1, 2, 3, 4, 5]]}  | .polygon[1]         | three corners
            {"polygon": [[1, 2, 3, 4, 5, 700]]}                 | .polygon[0][5]      | outside
            {"polygon": [[1, 1, 1, 1, 1, 1]]}                   | .polygon            | no pixel
            {"rle": [1, 2]}                                     | .rle                | object
            {"rle": {"counts": [3]}}                            | .rle.size           | list
            {"rle": {"size": [333], "counts": [3]}}             | .rle.size           | [height, width]
            {"rle": {"size": [500, 333], "counts": [3, 166497]}}| .rle.size           | 333 high
            {"rle": {"size": [333, 500], "counts": 3}}          | .rle.counts         | string or a list
            {"rle": {"size": [333, 500], "counts": [3, 9]}}     | .rle.counts         | sum
            {"rle": {"size": [333, 500], "counts": [3, 1.5]}}   | .rle.counts[1]      | integer
            {"rle": {"size": [333, 500], "counts": [3, 999999]}}| .rle.counts[1]      | sum
            {"rle": {"size": [333, 500], "counts": [166500]}}   | .rle                | no pixel
            {"rle": {"size": [333, 500], "counts": "~"}}        | .rle.counts         | compressed
            {"rle": {"size": [333, 500], "counts": "03"}}       | .rle.counts         | sum
            {"rle": {"size": [333, 500], "counts": [0, 166500]}, "unit": "fraction"} | .unit | pixel
            {"scribble": [1, 2]}                                | .scribble           | object
            {"scribble": {"points": [[1, 2]]}}                  | .scribble.width     | missing
            {"scribble": {"points": [[1, 2]], "width": 0}}      | .scribble.width     | above 0
            {"scribble": {"points": [[1, 2]], "width": 1e9}}    | .scribble.width     | at most
            {"scribble": {"points": [], "width": 3}}            | .scribble.points    | at least one
            {"scribble": {"points": [1, 2], "width": 3}}        | .scribble.points[0] | [x, y]
            {"scribble": {"points": [[1, 2], [3]], "width": 3}} | .scribble.points[1] | [x, y]
            {"whole": true, "box": [1, 2, 3, 4]}                |                     | box and whole
            {"whole": false}                                    |                     | has none
            {"whole": 1}                                        | .whole              | true
            {"mask": 1}                                         | .mask               | string
            {"mask": "http://127.0.0.1/mask.png"}               | .mask               | data URL
            {"mask": "data:image/png;base64,@@"}                | .mask               | base64
            {"mask": "data:image/png;base64,AAAA"}              | .mask               | not a PNG
            """)
    void invalidEntriesAreRefusedByField(String entry, String field, String words) {
        refused(about(GOOD, GOOD, GOOD, entry), "regions[3]" + (field == null ? "" : field), words);
    }

    @Test
    void masksOfAnotherSizeEmptyAndLossyMasksAreRefused() {
        Picture other = RegionPictures.golden("tiny_image.png");
        refused(about(mask(RegionPictures.png(other))), "regions[0].mask", "37 x 23 pixels");
        var nothing = new Picture(PICTURE.width(), PICTURE.height(), new byte[PICTURE.rgba().length], true);
        refused(about(mask(RegionPictures.png(nothing))), "regions[0].mask", "no pixel");
        String jpeg = RegionPictures.url("jpeg", RegionPictures.jpeg(PICTURE));
        refused(about(mask(jpeg)), "regions[0].mask", "JPEG");
    }

    /** Cached regions are found by their bytes, which may be equal for another kind of region. */
    @Test
    void equalBytesOfAnotherKindAreAnotherRegion() throws Exception {
        String box = "{\"box\":[11,12,93,94]}";
        assertThat(server.post(about(box)).statusCode()).isEqualTo(200);
        byte[] spelled = "boxfalse[11,12,93,94]".getBytes(StandardCharsets.UTF_8);
        refused(about(mask(RegionPictures.url("png", spelled))), "regions[0].mask", "not a PNG");
        var sha = MessageDigest.getInstance("SHA-256");
        byte[] picture = sha.digest(Base64.getDecoder().decode(URL.substring(URL.indexOf(',') + 1)));
        byte[] both = Arrays.copyOf(picture, 2 * picture.length);
        System.arraycopy(sha.digest(spelled), 0, both, picture.length, picture.length);
        refused(
                TestServer.request(RegionPictures.url("png", both), "", ""),
                "messages[0].content[0].image_url",
                "not a PNG");
    }

    @Test
    void moreThan10000PointsAreRefused() {
        String corners = numbers(20_002);
        refused(about(GOOD, "{\"polygon\": [[" + corners + "]]}"), "regions[1].polygon[0]", "more than");
        refused(about("{\"polygon\": [[0,0,9,0,9,9], [" + numbers(19_996) + "]]}"), "regions[0].polygon[1]", "more");
        String points = IntStream.range(0, 10_001).mapToObj(i -> "[1,2]").collect(Collectors.joining(","));
        refused(about(scribble(points)), "regions[0].scribble.points", "more than 10000");
    }

    /** Refused while parsing, before the numbers fill memory. */
    @Test
    void millionsOfPointsAreRefused() {
        JsonNode error = error(server.post(about(GOOD, "{\"polygon\": [[" + numbers(3_000_000) + "]]}")), 400);
        assertThat(error.path("param").asString()).startsWith("regions[1].polygon[0]");
        assertThat(error.path("code").asString()).isEqualTo("too_many_values");
    }

    @Test
    void regionsMustBeAListOfLimitedLength() {
        refused(TestServer.request(URL, "", ", \"regions\": {\"box\": [1,2,3,4]}"), "regions", "list");
        String[] entries = IntStream.range(0, 65).mapToObj(i -> GOOD).toArray(String[]::new);
        refused(about(entries), "regions", "65 entries; this server takes at most 64");
    }

    @Test
    void tooManyAnswersAreRefused() {
        assumeThat(form).as("has n").isEqualTo(WireForm.CHAT);
        String request = about(IntStream.range(0, 40).mapToObj(i -> GOOD).toArray(String[]::new));
        refused(request.replaceFirst("\\{", "{\"n\": 2, "), "n", "80 answers");
    }

    @Test
    void aMaskInAlphaWithRegionsIsRefused() {
        String masked = RegionPictures.masked(PICTURE, new Box(5, 5, 99, 99));
        for (String words : List.of("omit regions", "without its alpha channel")) {
            refused(TestServer.request(masked, "", ", \"regions\": [" + GOOD + "]"), "regions", words);
        }
    }

    @Test
    void anInvalidPictureIsBlamedOnTheMessage() {
        String none = RegionPictures.url("png", new byte[] {1, 2, 3});
        refused(
                TestServer.request(none, "", ", \"regions\": [" + GOOD + "]"),
                "messages[0].content[0].image_url",
                "not a PNG");
    }

    @Test
    void aVideoNeedsAnEntryForEveryFrame() {
        String[] frames = IntStream.range(0, 8).mapToObj(i -> frame(i, "")).toArray(String[]::new);
        refused(video(frames[0], frames[1]), "regions", "frame 2");
        refused(video(GOOD), "regions[0].frame", "missing");
        refused(video(frame(8, "")), "regions[0].frame", "between 0 and 7");
        refused(video(frames[0], frames[0]), "regions[1].frame", "regions[0]");
        List<String> two = new ArrayList<>(List.of(frames));
        two.add(frame(0, "\"id\": \"b\", "));
        refused(video(two.toArray(String[]::new)), "regions", "id \"b\" has no entry for frame 1");
        frames[5] = "{\"frame\": 5, \"box\": [1, 1, 2, 900]}";
        refused(video(frames), "regions[5].box[3]", "outside");
    }

    @Test
    void aBadRegionIsRefusedBeforeEncodingAny() {
        long before = server.model.stats().featureMisses();
        String[] entries = IntStream.range(0, 64)
                .mapToObj(i -> "{\"box\": [%d, 0, 400, 300]}".formatted(i))
                .toArray(String[]::new);
        entries[63] = "{\"box\": [0, 0, 400, 3000]}";
        refused(about(entries), "regions[63].box[3]", "outside");
        assertThat(server.model.stats().featureMisses()).isEqualTo(before);
        assertThat(server.model.stats().admitted()).isZero();
    }

    @Test
    void aFullQueueIsReportedBeforeDecoding() throws Exception {
        try (var small =
                TestServer.startPaced("golden-joint-fp32", 1, 1, it -> it).speaking(form)) {
            String endless = TestServer.request(
                            TestServer.dataUrl("blob.png"), "", ", \"ignore_eos\": true, \"stream\": true")
                    .replace("\"max_tokens\": 16", "\"max_tokens\": 900");
            String none = RegionPictures.url("png", new byte[] {1, 2, 3});
            String two = TestServer.request(none, "", ", \"regions\": [" + GOOD + ", " + GOOD + "]");
            CompletableFuture<HttpResponse<String>> busy;
            try (var _ = small.slowly()) {
                busy = CompletableFuture.supplyAsync(() -> small.post(endless), Thread::startVirtualThread);
                while (small.model.stats().admitted() == 0) {
                    Thread.sleep(1);
                }
                assertThat(error(small.post(two), 429).path("code").asString()).isEqualTo("queue_full");
                assertThat(busy).isNotDone();
            }
            busy.join();
            // With enough permits, the error is about the picture.
            refused(small, two, "messages[0].content[0].image_url", "not a PNG");
            String three = TestServer.request(URL, "", ", \"regions\": [" + String.join(",", GOOD, GOOD, GOOD) + "]");
            refused(small, three, "regions", "at most 2");
        }
    }

    @Test
    void theLimitOfRegionsIsConfigurable() {
        try (var two = TestServer.start(
                        "golden-joint-fp32",
                        2,
                        8,
                        With.limits(new Limits(64 << 20, 64, 2, 64, Limits.DEFAULT.idle(), Limits.DEFAULT.keepAlive())))
                .speaking(form)) {
            assertThat(two.post(about(GOOD, GOOD)).statusCode()).isEqualTo(200);
            refused(two, about(GOOD, GOOD, GOOD), "regions", "at most 2");
        }
    }

    /** A lone surrogate encodes to a question mark, which is a run length of 15. */
    @Test
    void aLoneSurrogateIsNotMistakenForACachedRunLength() {
        String entry = "{\"rle\": {\"size\": [333, 500], \"counts\": \"?T3a_R5\"}}";
        assertThat(server.post(about(entry)).statusCode()).isEqualTo(200);
        refused(about(entry.replace("?", "\\ud800")), "regions[0].rle.counts", "regions[0].rle.counts");
    }

    private void refused(String request, String param, String words) {
        refused(server, request, param, words);
    }

    private static void refused(TestServer server, String request, String param, String words) {
        JsonNode error = error(server.post(request), 400);
        assertThat(error.path("param").asString()).as(error.toString()).isEqualTo(param);
        assertThat(error.path("message").asString()).contains(words);
        assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
    }

    private static JsonNode error(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return TestServer.json(response).path("error");
    }

    private static String about(String... entries) {
        return TestServer.request(URL, "", ", \"regions\": [" + String.join(", ", entries) + "]");
    }

    private static String video(String... entries) {
        String part = "{\"type\": \"image_url\", \"image_url\": {\"url\": \"" + URL + "\"}}";
        String parts = IntStream.range(0, 8).mapToObj(i -> part).collect(Collectors.joining(","));
        return "{\"model\": \"golden\", \"max_tokens\": 4, \"regions\": [" + String.join(", ", entries)
                + "], \"messages\": [{\"role\": \"user\", \"content\": [" + parts + "]}]}";
    }

    private static String frame(int frame, String id) {
        return "{%s\"frame\": %d, \"box\": [10, 10, 90, 90]}".formatted(id, frame);
    }

    private static String mask(String url) {
        return "{\"mask\": \"" + url + "\"}";
    }

    private static String scribble(String points) {
        return "{\"scribble\": {\"points\": [" + points + "], \"width\": 3}}";
    }

    private static String numbers(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Integer.toString(i % 300))
                .collect(Collectors.joining(","));
    }
}
