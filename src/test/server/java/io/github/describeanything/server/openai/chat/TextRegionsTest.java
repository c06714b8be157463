package io.github.describeanything.server.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.WireForm;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
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

/** Regions written in the question, for chat programs. The picture is 500 x 333. */
@ParameterizedClass
@EnumSource(WireForm.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextRegionsTest {
    @Parameter
    private WireForm form;

    private static final Picture PICTURE = RegionPictures.golden("blob.png");
    private static final String URL = RegionPictures.png(PICTURE);
    private static final String JPEG = RegionPictures.url("jpeg", RegionPictures.jpeg(PICTURE));

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

    private Answered answer(Conversation conversation) {
        return Answered.of(server.post(conversation.field("logprobs", true).json()));
    }

    private Answered named(String question, Map<String, Object> region) {
        return answer(Conversation.empty().shows(question, URL).field("regions", List.of(region)));
    }

    private void refused(Conversation conversation, String param, String code, String words) {
        HttpResponse<String> response = server.post(conversation.json());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response).path("error");
        assertThat(error.path("param").asString()).as(error.toString()).isEqualTo(param);
        assertThat(error.path("code").asString()).isEqualTo(code);
        assertThat(error.path("message").asString()).contains(words);
    }

    @Test
    void aRegionInTheQuestionEqualsTheSameInRegions() {
        Map<String, Object> box = Map.of("box", List.of(60, 40, 210, 180));
        assertThat(answer(Conversation.empty().shows("What is it? @box(60, 40, 210, 180)", URL)))
                .isEqualTo(named("What is it?", box));
        assertThat(answer(Conversation.empty().shows("@BOX(12%,12.5%,42%,50%) What is it?", URL)))
                .isEqualTo(named("What is it?", Map.of("box", List.of(0.12, 0.125, 0.42, 0.5), "unit", "fraction")));
        assertThat(answer(Conversation.empty().shows("What is @polygon(40,30 210,52.5 180,200)?", URL)))
                .isEqualTo(named("What is?", Map.of("polygon", List.of(List.of(40, 30, 210, 52.5, 180, 200)))));
        assertThat(answer(Conversation.empty().shows("@whole What is it?", URL)))
                .isEqualTo(named("What is it?", Map.of("whole", true)))
                .isNotEqualTo(named("What is it?", box));
    }

    @Test
    void wholeEqualsAnOpaqueMask() {
        Answered opaque = answer(Conversation.empty().shows("What is it?", RegionPictures.opaque(PICTURE)));
        assertThat(named("What is it?", Map.of("whole", true))).isEqualTo(opaque);
    }

    @Test
    void aRegionAloneAsksTheDefaultQuestion() {
        assertThat(answer(Conversation.empty().shows("@box(60,40,210,180)", URL)))
                .isEqualTo(named("", Map.of("box", List.of(60, 40, 210, 180))));
        for (String marked :
                List.of("`@box(60,40,210,180)`", "**@box(60,40,210,180)**?", "@box(60,40,210,180)\u200b")) {
            assertThat(answer(Conversation.empty().shows(marked, URL)))
                    .as(marked)
                    .isEqualTo(named("", Map.of("box", List.of(60, 40, 210, 180))));
        }
        assertThat(answer(Conversation.empty().shows("", URL).says("@box(60,40,210,180)")))
                .isEqualTo(named("", Map.of("box", List.of(60, 40, 210, 180))));
    }

    @Test
    void choicesHaveNoRegionUnlessTheRequestHasRegions() {
        Conversation asked = Conversation.empty().shows("@whole", URL);
        assertThat(server.post(asked.json()).body()).doesNotContain("\"region\"");
        assertThat(server.post(asked.field("stream", true).json()).body()).doesNotContain("\"region\"");
    }

    @Test
    void aRegionAppliesUntilAnotherRegionOrPicture() {
        Conversation first = Conversation.empty()
                .shows("@box(60,40,210,180) What is it?", URL)
                .answered("A thing.");
        Map<String, Object> box = Map.of("box", List.of(60, 40, 210, 180));
        assertThat(answer(first.says("What colour?"))).isEqualTo(named("What colour?", box));
        Conversation second = first.says("And @box(300,20,420,140)?").answered("Another.");
        assertThat(answer(second.says("What colour?")))
                .isEqualTo(named("What colour?", Map.of("box", List.of(300, 20, 420, 140))))
                .isNotEqualTo(named("What colour?", box));
        refused(
                second.shows("And this?", JPEG),
                "messages[4].content[0].image_url",
                "missing_mask",
                "@box(x0, y0, x1, y1)");
        assertThat(answer(second.shows("And this?", RegionPictures.masked(PICTURE, new Box(5, 5, 99, 99)))))
                .isEqualTo(named("And this?", Map.of("box", List.of(5, 5, 99, 99))));
    }

    @Test
    void aRefusedRegionCanBeCorrected() {
        Conversation wrong = Conversation.empty().shows("What is @box(60,40)?", URL);
        refused(wrong, "messages[0].content[1].text", "invalid_region", "@box(x0, y0, x1, y1)");
        assertThat(answer(wrong.says("@box(60,40,210,180) What is it?")))
                .isEqualTo(named("What is it?", Map.of("box", List.of(60, 40, 210, 180))));
        refused(wrong.answered("").says("Well?"), "messages[0].content[1].text", "invalid_region", "@box(x0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            @box(1,2)                                  | @box(x0, y0, x1, y1)
            @box(10%, 20%, 30, 40)                     | mixes pixels and percentages
            @box(460, 34, 1596, 170)                   | outside the picture's 0 to 500
            @box(90, 34, 60, 170)                      | x0 < x1
            @polygon(1,2 3,4 5)                        | @polygon(x,y x,y x,y)
            @box(1,2,30,40) or @box(50,60,70,80)       | a second region, @box
            @whole or @box(50,60,70,80)                | one at a time
            """)
    void malformedRegionsAreRefusedByField(String text, String words) {
        refused(Conversation.empty().shows(text, URL), "messages[0].content[1].text", "invalid_region", words);
        refused(
                Conversation.empty().shows("", URL).answered("A.").says(text),
                "messages[2].content",
                "invalid_region",
                words);
    }

    @Test
    void emailAddressesStayText() {
        Map<String, Object> whole = Map.of("whole", true);
        String question = "Whose is it: me@box.com, you@whole.org or @boxes?";
        assertThat(named(question, whole)).isNotEqualTo(named("Whose is it:, or?", whole));
        refused(
                Conversation.empty().shows(question, URL),
                "messages[0].content[0].image_url",
                "missing_mask",
                "no alpha");
    }

    /** Chat programs show photographs upright, and people write the coordinates that they see. */
    @Test
    void coordinatesAreThoseOfTheUprightPicture() {
        byte[] jpeg = RegionPictures.jpeg(PICTURE);
        String turned = RegionPictures.url("jpeg", RegionPictures.turned(jpeg));
        String shown = RegionPictures.png(RegionPictures.clockwise(RegionPictures.READER.read(jpeg)));
        for (String region : List.of("@box(30,60,120,250)", "@box(10%,12%,40%,50%)", "@whole")) {
            Answered seen = answer(Conversation.empty().shows("What is it? " + region, shown));
            assertThat(answer(Conversation.empty().shows("What is it? " + region, turned)))
                    .isEqualTo(seen);
            assertThat(answer(Conversation.empty()
                            .shows("What is it? " + region, turned)
                            .field("orientation", "stored")))
                    .isEqualTo(answer(Conversation.empty().shows("What is it? " + region, JPEG)))
                    .isNotEqualTo(seen);
        }
    }

    @Test
    void aMaskOrRegionsInAdditionAreRefused() {
        String masked = RegionPictures.masked(PICTURE, new Box(5, 5, 99, 99));
        refused(
                Conversation.empty().shows("@box(60,40,210,180)", masked),
                "messages[0].content[1].text",
                "mask_and_regions",
                "without its alpha channel");
        refused(
                Conversation.empty()
                        .shows("@box(60,40,210,180)", URL)
                        .field("regions", List.of(Map.of("box", List.of(1, 2, 30, 40)))),
                "regions",
                "invalid_region",
                "messages[0].content[1].text");
    }

    @Test
    void onAVideoOnlyWholeIsAccepted() {
        String[] frames = IntStream.range(0, 8)
                .mapToObj(i -> RegionPictures.png(RegionPictures.golden("joint_video_" + i + ".png")))
                .toArray(String[]::new);
        Object whole = IntStream.range(0, 8)
                .mapToObj(i -> Map.of("frame", i, "whole", true))
                .toList();
        assertThat(answer(Conversation.empty().shows("@whole What moves?", frames)))
                .isEqualTo(
                        answer(Conversation.empty().shows("What moves?", frames).field("regions", whole)));
        refused(
                Conversation.empty().shows("@box(10,10,60,60) What moves?", frames),
                "messages[0].content[8].text",
                "invalid_region",
                "an entry for each of the 8 frames");
    }

    @Test
    void regionsInOtherRolesAreIgnored() {
        Conversation asked = Conversation.empty()
                .with(Map.of("role", "system", "content", "Use @box(1,2) to point."))
                .shows("@box(60,40,210,180) What is it?", URL)
                .answered("See @box(1,2,30,40).")
                .says("What colour?");
        assertThat(answer(asked)).isEqualTo(named("What colour?", Map.of("box", List.of(60, 40, 210, 180))));
    }
}
