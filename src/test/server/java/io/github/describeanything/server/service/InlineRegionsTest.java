package io.github.describeanything.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Polygon;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parsing of regions in a question. */
class InlineRegionsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@box(10,20,300,240)",
                "@box(10, 20, 300, 240)",
                "@BOX( 10 20 300 240 )",
                "@Box (10,20,300,240)",
                "@box[10, 20, 300, 240]",
                "@box([10, 20, 300, 240])",
                "@box((10,20),(300,240))",
                "@box(10px, 20px, 300px, 240px)",
                "@box(10.0,2e1,+300,240.)",
                "@box(\n10,\n20,\n300,\n240\n)",
                "@box（10，20，300，240）",
                "＠box(10,20,300,240)",
                "＠ｂｏｘ（１０、２０、３００、２４０）",
                "@box(10\u202fpx; 20\u202fpx; 300\u00a0px; 240\u2009px)",
                "@box(١٠، ٢٠، ٣٠٠، ٢٤٠)",
                "@box(10,\u200f 20,\u200f 300, 240)",
            })
    void allSpellingsOfABoxAreEqual(String written) {
        InlineRegions read = InlineRegions.read(written + " What is it?");
        assertThat(read.text()).isEqualTo("What is it?");
        assertThat(read.regions()).hasSize(1);
        assertThat(read.regions().getFirst().region()).isEqualTo(new Box(10, 20, 300, 240));
        assertThat(read.regions().getFirst().fractions()).isFalse();
    }

    @Test
    void percentagesAreFractions() {
        InlineRegion box =
                InlineRegions.read("@box(10%, 20 %,62.5%,80%)").regions().getFirst();
        assertThat(box.fractions()).isTrue();
        assertThat(box.region()).isEqualTo(new Box(0.1, 0.2, 0.625, 0.8));
        for (String other :
                List.of("@box(10\u202f%, 20\u202f%, 62.5\u202f%, 80\u202f%)", "@box(10٪، 20٪، 62٫5٪، 80٪)")) {
            assertThat(InlineRegions.read(other).regions()).as(other).containsExactly(box);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@polygon(1,2 30,4 5,60)",
                "@polygon(1, 2, 30, 4, 5, 60)",
                "@polygon((1,2), (30,4), (5,60))",
                "@polygon([[1,2],[30,4],[5,60]])",
                "@polygon([1,2,30,4,5,60])",
                "@polygon[[1,2,30,4,5,60]]",
                "@polygon(1 2 30 4 5 60;)",
            })
    void allSpellingsOfAPolygonAreEqual(String written) {
        assertThat(parts(written)).containsExactly(List.of(1.0, 2.0, 30.0, 4.0, 5.0, 60.0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@polygon(1,2 30,4 5,60; 7,8 9,8 9,90)",
                "@polygon([[1,2,30,4,5,60],[7,8,9,8,9,90]])",
                "@polygon((1,2),(30,4),(5,60);(7,8),(9,8),(9,90))"
            })
    void aPolygonMayHaveParts(String written) {
        assertThat(parts(written))
                .containsExactly(List.of(1.0, 2.0, 30.0, 4.0, 5.0, 60.0), List.of(7.0, 8.0, 9.0, 8.0, 9.0, 90.0));
    }

    private static List<List<Double>> parts(String written) {
        InlineRegion polygon = InlineRegions.read(written).regions().getFirst();
        assertThat(polygon.region()).isInstanceOf(Polygon.class);
        return polygon.parts();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            @whole|
            @WHOLE What is it?|What is it?
            What is it? @whole|What is it?
            What is in @whole, please?|What is in, please?
            What is @box(1,2,3,4)?|What is?
            Describe @box(1,2,3,4) in detail.|Describe in detail.
            What is this?@box(1,2,3,4)|What is this?
            this@box(1,2,3,4)one|this one
            这是什么@box(1,2,3,4)|这是什么
            这是什么？＠box（1，2，3，4）|这是什么？
            @whole() Well?|Well?
            @box(1,2,3,4) @box(1.0,2,3,4) Twice the same|Twice the same
            """)
    void theRemainingTextReadsNaturally(String question, String rest) {
        InlineRegions read = InlineRegions.read(question);
        assertThat(read.text()).isEqualTo(rest == null ? "" : rest);
        assertThat(read.regions()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "What is it?",
                "Mail me@box.com or you@whole.org (work), or me@box (home).",
                "@boxes and @wholesale and @polygon_2 and @box-office",
                "@box is a company, as @polygon is; see @whole.example and @whole-sale",
                "@box (the company) has this cup",
                "@ box(1,2,3,4)",
                "box(1,2,3,4)",
                "@",
                ""
            })
    void addressesAndNamesStayText(String text) {
        assertThat(InlineRegions.read(text)).isEqualTo(new InlineRegions(text, List.of()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            @box(1,2)                         | must look like @box(x0, y0, x1, y1)
            @box(1,2,3,4,5)                   | must look like @box(
            @box()                            | must look like @box(
            @box(left, top, right, bottom)    | must look like @box(
            @box(1,2,3,4                      | must look like @box(
            @box 10 20 30 40                  | must look like @box(
            @box: 10,20,30,40                 | must look like @box(
            @box：10，20，30，40                 | must look like @box(
            @box: (10,20,30,40)               | must look like @box(
            @point=[10,20]                    | must look like @point(
            @box(10-20-30-40)                 | must look like @box(
            @box(x0=1, y0=2, x1=3, y1=4)      | must look like @box(
            @box(10%, 20%, 300, 240)          | mixes pixels and percentages
            @box(10%, 20px, 30%, 40%)         | mixes pixels and percentages
            @box(0.1, 0.2, 0.6, 0.8)          | write 0.5 as 50%
            @box(0, 0, 1, 1)                  | or @whole for the whole picture
            @polygon()                        | must look like @polygon(
            @polygon(1,2 3,4 5)               | must look like @polygon(
            @polygon([1,2,3,4,5,6] 7 8)       | must look like @polygon(
            @polygon(0.1,0.1 0.5,0.1 0.5,0.9) | takes pixels or percentages
            """)
    void malformedRegionsSayWhatToWrite(String written, String words) {
        assertThatThrownBy(() -> InlineRegions.read("What is " + written + "?"))
                .isInstanceOf(InlineRegions.MalformedException.class)
                .hasMessageContaining(words);
    }

    @Test
    void moreThan10000PointsAreRefused() {
        String points = IntStream.rangeClosed(0, 10_000).mapToObj(i -> i + ",2").collect(Collectors.joining(" "));
        for (String polygon : List.of(points, points.replace(" 7000,", ";7000,"), "1 ".repeat(1_000_000))) {
            assertThatThrownBy(() -> InlineRegions.read("@polygon(" + polygon + ")"))
                    .hasMessageContaining("more than 10000 points");
        }
    }

    /** A text may be as long as a body. */
    @Test
    void longTextsAreParsedInLinearTime() {
        String space = " ".repeat(2_000_000);
        String handles = "@box ".repeat(400_000);
        assertTimeout(Duration.ofSeconds(10), () -> {
            assertThat(InlineRegions.read("@box" + space + "is a company").regions())
                    .isEmpty();
            assertThat(InlineRegions.read("@box (" + space + "the company)").regions())
                    .isEmpty();
            assertThat(InlineRegions.read(handles).text()).isEqualTo(handles);
            assertThat(InlineRegions.read("@whole ".repeat(300_000)).regions()).hasSize(1);
            assertThatThrownBy(() -> InlineRegions.read("@box(" + "(".repeat(2_000_000)))
                    .hasMessageContaining("must look like");
        });
        String boxes =
                IntStream.range(0, 100).mapToObj("@box(1,2,3,%d)"::formatted).collect(Collectors.joining());
        assertThatThrownBy(() -> InlineRegions.read(boxes)).hasMessageContaining("more than 64 regions");
        assertThatThrownBy(() -> InlineRegions.read("@point(1,2)".repeat(257)))
                .hasMessageContaining("more than 256 points");
    }

    @Test
    void severalRegionsKeepTheirOrder() {
        InlineRegions read = InlineRegions.read("Is @box(1,2,3,4) on @polygon(1,2 30,4 5,60), and what of @whole?");
        assertThat(read.text()).isEqualTo("Is on, and what of?");
        assertThat(read.regions().stream().map(Object::toString)).containsExactly("@box", "@polygon", "@whole");
    }
}
