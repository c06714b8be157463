package io.github.describeanything.focal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.codec.PictureReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Focal windows are those of the published code. */
class FocalWindowTest {
    private static final Path GOLDEN = Path.of("../src/test/resources/golden");

    @Test
    void aPixelInTheCornerGetsTheClippedMinimum() {
        assertThat(FocalWindow.around(new MaskBox(0, 0, 1, 1), 400, 300)).isEqualTo(new FocalWindow(0, 0, 73, 73));
    }

    @Test
    void aPixelInTheMiddleGetsThreeTimesTheMinimum() {
        assertThat(FocalWindow.around(new MaskBox(200, 150, 1, 1), 400, 300))
                .isEqualTo(new FocalWindow(78, 128, 222, 272));
    }

    @Test
    void aBoxOutsideThePictureIsRefused() {
        assertThatThrownBy(() -> FocalWindow.around(new MaskBox(399, 0, 2, 1), 400, 300))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Computes the same windows in integers, with floor and sign handled separately. */
    @Test
    void windowsOfRandomBoxesMatchIntegerArithmetic() {
        var random = new Random(3);
        for (int i = 0; i < 100_000; i++) {
            int width = 1 + random.nextInt(700);
            int height = 1 + random.nextInt(700);
            int x = random.nextInt(width);
            int y = random.nextInt(height);
            var box = new MaskBox(x, y, 1 + random.nextInt(width - x), 1 + random.nextInt(height - y));

            int[] rows = side(box.y(), box.height(), height);
            int[] columns = side(box.x(), box.width(), width);

            assertThat(FocalWindow.around(box, width, height))
                    .as(box + " in " + width + " x " + height)
                    .isEqualTo(new FocalWindow(rows[0], columns[0], rows[1], columns[1]));
        }
    }

    private static int[] side(int start, int length, int limit) {
        int longest = Math.max(length, 48);
        int twice = 2 * start + length - longest;
        int from = twice < 0 ? -(-twice >> 1) : twice >> 1;
        return new int[] {Math.max(0, from - longest), Math.min(limit, from + 2 * longest)};
    }

    @Test
    void boxesOfRandomMasksAreTight() {
        var random = new Random(4);
        for (int i = 0; i < 2000; i++) {
            int width = 1 + random.nextInt(80);
            int height = 1 + random.nextInt(80);
            var bits = new BitSet();
            for (int n = random.nextInt(5); n > 0; n--) {
                bits.set(random.nextInt(width * height));
            }
            var picture = new Picture(width, height, new byte[4 * width * height], false)
                    .withMask(Mask.of(width, height, bits));

            var box = MaskBox.ofAlpha(picture);

            assertThat(box).isEqualTo(Mask.ofAlpha(picture).box());
            assertThat(Mask.ofAlpha(picture).count()).isEqualTo(bits.cardinality());
            assertThat(box.isEmpty()).isEqualTo(bits.isEmpty());
            if (box.isPresent()) {
                var columns = bits.stream().map(bit -> bit % width).summaryStatistics();
                var rows = bits.stream().map(bit -> bit / width).summaryStatistics();
                assertThat(box.get())
                        .isEqualTo(new MaskBox(
                                columns.getMin(),
                                rows.getMin(),
                                columns.getMax() - columns.getMin() + 1,
                                rows.getMax() - rows.getMin() + 1));
            }
        }
    }

    @Test
    void alphaOneIsInsideAndANewMaskKeepsColours() {
        var picture = new Picture(2, 1, new byte[] {1, 2, 3, 1, 4, 5, 6, 0}, true);

        assertThat(MaskBox.ofAlpha(picture)).contains(new MaskBox(0, 0, 1, 1));
        assertThat(picture.withMask(Mask.ofAlpha(picture)).rgba()).containsExactly(1, 2, 3, -1, 4, 5, 6, 0);
    }

    /**
     * Boxes and crop sizes that the published code computed, read by a pattern because this module has no JSON parser.
     */
    @TestFactory
    List<DynamicTest> boxesAndWindowsMatchThePublishedCode() throws Exception {
        String reference = Files.readString(GOLDEN.resolve("reference/reference.json"));
        Matcher cases = Pattern.compile("\"name\": \"(\\w+)\".*?\"boxes\": \\[(.*?)\\}\\s*\\]", Pattern.DOTALL)
                .matcher(reference);
        var tests = new ArrayList<DynamicTest>();
        while (cases.find()) {
            String name = cases.group(1);
            int[][] frames = Pattern.compile("\\{[^{]*")
                    .matcher(cases.group(2))
                    .results()
                    .map(frame -> numbers(frame.group()))
                    .toArray(int[][]::new);
            for (int i = 0; i < frames.length; i++) {
                int[] n = frames[i];
                Path file = GOLDEN.resolve("cases/" + name + (frames.length > 1 ? "_" + i : "") + ".png");
                tests.add(DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    Picture picture = new PictureReader(PictureLimits.DEFAULT).read(Files.readAllBytes(file));
                    MaskBox box = MaskBox.ofAlpha(picture).orElseThrow();
                    FocalWindow window = FocalWindow.around(box, picture.width(), picture.height());
                    assertThat(box).isEqualTo(new MaskBox(n[0], n[1], n[2], n[3]));
                    assertThat(List.of(window.width(), window.height())).isEqualTo(List.of(n[4], n[5]));
                }));
            }
        }
        assertThat(tests).hasSize(26);
        return tests;
    }

    private static int[] numbers(String text) {
        return Pattern.compile("\\d+")
                .matcher(text)
                .results()
                .mapToInt(found -> Integer.parseInt(found.group()))
                .toArray();
    }
}
