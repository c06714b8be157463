package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Polygon;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.Scribble;
import io.github.describeanything.server.TestServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Regions through openai-java: each gets the same answer as the same mask in alpha, alone and with others. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegionsTest {
    private static final Picture PICTURE = RegionPictures.golden("blob.png");
    private static final int WIDTH = PICTURE.width();
    private static final int HEIGHT = PICTURE.height();
    private static final Region LASSO = new Polygon(
            List.of(new double[] {40, 30, 210, 52.5, 180, 200, 90, 240}, new double[] {300, 20, 420, 20, 360, 140}));

    private static final Region LASSO_OF_PORTRAIT =
            new Polygon(List.of(new double[] {30, 40, 52.5, 210, 200, 180, 240, 90}));

    private TestServer server;
    private OpenAIClient client;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32", 8, 64, it -> it);
        client = server.openAi();
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    record Form(String name, Map<String, Object> entry, Region same) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Form> forms() {
        var box = new Box(60.4, 40, 210, 180.6);
        var scribble = new Scribble(new double[] {50, 60, 200, 90, 220, 250}, 24);
        Mask lasso = LASSO.rasterise(WIDTH, HEIGHT);
        List<Integer> counts = RegionPictures.counts(lasso);
        Map<String, Object> polygon = Map.of(
                "polygon", List.of(List.of(40, 30, 210, 52.5, 180, 200, 90, 240), List.of(300, 20, 420, 20, 360, 140)));
        return Stream.of(
                new Form("box", Map.of("box", List.of(60.4, 40, 210, 180.6)), box),
                new Form("box of pixels", Map.of("box", List.of(60.4, 40, 210, 180.6), "unit", "pixel"), box),
                new Form(
                        "box of fractions",
                        Map.of("box", List.of(0.125, 0.25, 0.5, 0.75), "unit", "fraction"),
                        new Box(0.125 * WIDTH, 0.25 * HEIGHT, 0.5 * WIDTH, 0.75 * HEIGHT)),
                new Form("polygon", polygon, LASSO),
                new Form("run lengths", rle(counts), LASSO),
                new Form("compressed run lengths", rle(RegionPictures.compressed(counts)), LASSO),
                new Form("scribble", scribble(List.of(50, 60), List.of(200, 90), List.of(220, 250)), scribble),
                new Form("mask", Map.of("mask", RegionPictures.mask(lasso)), LASSO),
                new Form("mask in white space", Map.of("mask", " " + RegionPictures.mask(lasso) + "\n"), LASSO));
    }

    private static Map<String, Object> rle(Object counts) {
        return Map.of("rle", Map.of("size", List.of(HEIGHT, WIDTH), "counts", counts));
    }

    private static Map<String, Object> scribble(List<?>... points) {
        return Map.of("scribble", Map.of("points", List.of(points), "width", 24));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void eachFormGetsTheAnswerOfTheSameAlphaMask(Form form) {
        String url = RegionPictures.png(PICTURE);
        ChatCompletion regions = ask(of(url), List.of(form.entry()));
        ChatCompletion alpha = create(of(RegionPictures.masked(PICTURE, form.same())));
        assertThat(text(regions, 0)).isNotEmpty().isEqualTo(text(alpha, 0));
        assertThat(regions.usage().orElseThrow().promptTokens())
                .isEqualTo(alpha.usage().orElseThrow().promptTokens());
    }

    @Test
    void anotherRegionGetsAnotherAnswer() {
        List<String> texts = forms().filter(it -> it.name().matches("box|polygon|scribble"))
                .map(it -> text(ask(of(RegionPictures.png(PICTURE)), List.of(it.entry())), 0))
                .toList();
        assertThat(texts).doesNotHaveDuplicates();
    }

    @Test
    void aJpegTakesRegionsAndIsReadAsStored() {
        byte[] jpeg = RegionPictures.jpeg(PICTURE);
        Picture decoded = RegionPictures.READER.read(jpeg);
        String alpha = text(create(of(RegionPictures.masked(decoded, LASSO))), 0);
        Map<String, Object> entry = rle(RegionPictures.counts(LASSO.rasterise(WIDTH, HEIGHT)));
        for (byte[] stored : List.of(jpeg, RegionPictures.turned(jpeg))) {
            String url = RegionPictures.url("jpeg", stored);
            assertThat(text(ask(of(url), List.of(entry)), 0)).isEqualTo(alpha);
        }
    }

    /** Orientation 6: viewers rotate the stored picture by 90 degrees clockwise. */
    @Test
    void orientationIsAppliedOnRequest() {
        byte[] jpeg = RegionPictures.jpeg(PICTURE);
        String turned = RegionPictures.url("jpeg", RegionPictures.turned(jpeg));
        Picture shown = RegionPictures.clockwise(RegionPictures.READER.read(jpeg));
        for (Region region : List.of(new Box(30, 60, 120, 250), LASSO_OF_PORTRAIT)) {
            String alpha = text(create(of(RegionPictures.masked(shown, region))), 0);
            Mask mask = region.rasterise(HEIGHT, WIDTH);
            Object counts = RegionPictures.counts(mask);
            for (Map<String, Object> entry : List.of(
                    Map.<String, Object>of("mask", RegionPictures.mask(mask)),
                    Map.<String, Object>of("rle", Map.of("size", List.of(WIDTH, HEIGHT), "counts", counts)))) {
                var asked = of(turned).putAdditionalBodyProperty("orientation", JsonValue.from("apply"));
                assertThat(text(ask(asked, List.of(entry)), 0)).isEqualTo(alpha);
            }
        }
        List<Map<String, Object>> box = List.of(Map.of("box", List.of(30, 60, 120, 250)));
        String stored = text(ask(of(turned), box), 0);
        var upright = of(turned).putAdditionalBodyProperty("orientation", JsonValue.from("apply"));
        assertThat(text(ask(upright, box), 0)).isNotEqualTo(stored);
        // The unrotated file is not confused with the cached, rotated one.
        assertThat(text(ask(of(turned), box), 0)).isEqualTo(stored);
    }

    @Test
    void sixtyFourRegionsGetTheSameAnswersAsAlone() {
        String url = RegionPictures.png(PICTURE);
        List<Map<String, Object>> entries = IntStream.range(0, 64)
                .mapToObj(i -> box("r" + i, 10 + 55 * (i % 8), 8 + 38 * (i / 8), 50, 34))
                .toList();
        ChatCompletion all = ask(of(url).maxCompletionTokens(6), entries);
        assertThat(all.choices()).hasSize(64);
        long prompts = 0;
        for (int i = 0; i < 64; i++) {
            ChatCompletion.Choice choice = all.choices().get(i);
            assertThat(choice.index()).isEqualTo(i);
            assertThat(region(choice).get("id")).isEqualTo("r" + i);
            if (i % 7 == 0) {
                ChatCompletion alone = ask(of(url).maxCompletionTokens(6), List.of(entries.get(i)));
                assertThat(text(all, i)).isEqualTo(text(alone, 0));
                prompts = alone.usage().orElseThrow().promptTokens();
            }
        }
        assertThat(all.usage().orElseThrow().promptTokens()).isEqualTo(64 * prompts);
        assertThat(all.usage().orElseThrow().completionTokens()).isLessThanOrEqualTo(64 * 6);
    }

    @Test
    void answersToARegionAreConsecutive() {
        var params = of(RegionPictures.png(PICTURE)).n(2).temperature(1).seed(7).maxCompletionTokens(12);
        List<Map<String, Object>> entries = List.of(box("a", 10, 10, 90, 90), box("b", 200, 100, 90, 90));
        ChatCompletion both = ask(params, entries);
        assertThat(both.choices()).hasSize(4);
        for (int region = 0; region < 2; region++) {
            ChatCompletion alone = ask(params, List.of(entries.get(region)));
            for (int answer = 0; answer < 2; answer++) {
                ChatCompletion.Choice choice = both.choices().get(2 * region + answer);
                assertThat(choice.index()).isEqualTo(2 * region + answer);
                assertThat(region(choice)).isEqualTo(Map.of("index", region, "id", region == 0 ? "a" : "b"));
                assertThat(choice.message().content())
                        .isEqualTo(alone.choices().get(answer).message().content());
            }
        }
        assertThat(text(both, 0)).isNotEqualTo(text(both, 1));
    }

    @Test
    void streamedChunksCarryTheIndexAndFirstChunksTheRegion() {
        List<Map<String, Object>> entries =
                List.of(box(17, 10, 10, 90, 90), box(4, 200, 100, 90, 90), Map.of("box", List.of(5, 5, 300, 300)));
        var params = of(RegionPictures.png(PICTURE)).putAdditionalBodyProperty("regions", JsonValue.from(entries));
        ChatCompletion whole = create(params);
        var texts = new ArrayList<>(Collections.nCopies(3, ""));
        var named = new HashMap<Long, Object>();
        try (StreamResponse<ChatCompletionChunk> chunks =
                client.chat().completions().createStreaming(params.build())) {
            chunks.stream().flatMap(it -> it.choices().stream()).forEach(choice -> {
                int index = (int) choice.index();
                texts.set(index, texts.get(index) + choice.delta().content().orElse(""));
                JsonValue region = choice._additionalProperties().get("region");
                assertThat(region != null).isEqualTo(choice.delta().role().isPresent());
                if (region != null) {
                    named.put(choice.index(), region.convert(Map.class));
                }
            });
        }
        for (int i = 0; i < 3; i++) {
            assertThat(texts.get(i)).isNotEmpty().isEqualTo(text(whole, i));
        }
        assertThat(named)
                .isEqualTo(Map.of(
                        0L, Map.of("index", 0, "id", 17), 1L, Map.of("index", 1, "id", 4), 2L, Map.of("index", 2)));
    }

    @Test
    void aVideoTakesOneEntryPerFrameInAnyOrder() {
        List<Picture> frames = IntStream.range(0, 8)
                .mapToObj(i -> RegionPictures.golden("joint_video_" + i + ".png"))
                .toList();
        String[] plain = frames.stream().map(RegionPictures::png).toArray(String[]::new);
        String[] masked = IntStream.range(0, 8)
                .mapToObj(i -> RegionPictures.masked(frames.get(i), new Box(20 + i, 30, 70 + i, 80)))
                .toArray(String[]::new);
        List<Map<String, Object>> entries = new ArrayList<>(IntStream.range(0, 8)
                .mapToObj(i -> Map.<String, Object>of("frame", i, "box", List.of(20 + i, 30, 70 + i, 80)))
                .toList());
        Collections.reverse(entries);
        String alpha = text(create(of(masked)), 0);
        assertThat(text(ask(of(plain), entries), 0)).isNotEmpty().isEqualTo(alpha);

        // A second object in the video has its own id.
        IntStream.range(0, 8)
                .forEach(i -> entries.add(Map.of("id", "other", "frame", i, "box", List.of(90, 10, 140, 60))));
        ChatCompletion two = ask(of(plain), entries);
        assertThat(two.choices()).hasSize(2);
        assertThat(text(two, 0)).isEqualTo(alpha);
        assertThat(region(two.choices().get(1))).isEqualTo(Map.of("index", 1, "id", "other"));
    }

    @Test
    void anOpaqueAlphaChannelIsNoMask() {
        Map<String, Object> entry = Map.of("box", List.of(60, 40, 210, 180));
        String plain = text(ask(of(RegionPictures.png(PICTURE)), List.of(entry)), 0);
        assertThat(text(ask(of(RegionPictures.opaque(PICTURE)), List.of(entry)), 0))
                .isEqualTo(plain);
    }

    private static Map<String, Object> box(Object id, int x, int y, int width, int height) {
        return Map.of("id", id, "box", List.of(x, y, x + width, y + height));
    }

    private ChatCompletion ask(ChatCompletionCreateParams.Builder params, List<Map<String, Object>> regions) {
        return create(params.build().toBuilder().putAdditionalBodyProperty("regions", JsonValue.from(regions)));
    }

    private ChatCompletion create(ChatCompletionCreateParams.Builder params) {
        ChatCompletion completion = client.chat().completions().create(params.build());
        completion.validate();
        return completion;
    }

    private static ChatCompletionCreateParams.Builder of(String... urls) {
        List<ChatCompletionContentPart> parts = Arrays.stream(urls)
                .map(url -> ChatCompletionContentPart.ofImageUrl(ChatCompletionContentPartImage.builder()
                        .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder()
                                .url(url)
                                .build())
                        .build()))
                .toList();
        return ChatCompletionCreateParams.builder()
                .model("describe_anything_model")
                .temperature(0)
                .maxCompletionTokens(16)
                .addUserMessageOfArrayOfContentParts(parts);
    }

    private static String text(ChatCompletion completion, int choice) {
        return completion.choices().get(choice).message().content().orElseThrow();
    }

    private static Map<?, ?> region(ChatCompletion.Choice choice) {
        return choice._additionalProperties().get("region").convert(Map.class);
    }
}
