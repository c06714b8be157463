package io.github.describeanything.focal.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.MaskBox;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Boxes, polygons, run lengths and scribbles cover the pixels they should, or are refused by field. */
class RegionTest {
    @TestFactory
    List<DynamicTest> cocoRegionsMatchPycocotools() throws Exception {
        var tests = new ArrayList<DynamicTest>();
        for (String line : Files.readAllLines(Path.of("../src/test/focal/resources/coco-regions.txt"))) {
            String[] fields = line.split(" ");
            int width = Integer.parseInt(fields[0]);
            int height = Integer.parseInt(fields[1]);
            Region region = switch (fields[2]) {
                case "polygon" ->
                    new Polygon(Arrays.stream(fields[3].split(";"))
                            .map(part -> Arrays.stream(part.split(","))
                                    .mapToDouble(Double::parseDouble)
                                    .toArray())
                            .toList());
                case "string" -> RunLengths.ofString(height, width, fields[3]);
                default ->
                    new RunLengths(
                            height,
                            width,
                            Arrays.stream(fields[3].split(","))
                                    .mapToInt(Integer::parseInt)
                                    .toArray());
            };
            byte[] packed = Base64.getDecoder().decode(fields[4]);
            var bits = new BitSet();
            for (int i = 0; i < width * height; i++) {
                bits.set(i, (packed[i / 8] >> 7 - i % 8 & 1) == 1);
            }
            tests.add(DynamicTest.dynamicTest(
                    fields[2] + " " + tests.size(),
                    () -> assertThat(region.rasterise(width, height)).isEqualTo(Mask.of(width, height, bits))));
        }
        assertThat(tests).hasSizeGreaterThan(3 * 200);
        return tests;
    }

    @Test
    void aBoxCoversThePixelsWhoseCentresLieInIt() {
        assertThat(new Box(1, 2, 4, 6).rasterise(9, 9).box()).contains(new MaskBox(1, 2, 3, 4));
        assertThat(new Box(0.5, 0.6, 3.5, 3.6).rasterise(9, 9).box()).contains(new MaskBox(0, 1, 3, 3));
        assertThat(new Box(-0.9, -1, 9.9, 10).rasterise(9, 9).count()).isEqualTo(81);
    }

    @Test
    void aBoxMayOvershootByTwoPercentOrTwoPixels() {
        assertThat(new Box(-1.4, 10, 40, 40).rasterise(96, 72)).isEqualTo(new Box(0, 10, 40, 40).rasterise(96, 72));
        assertThat(new Box(-20, -2, 1020, 52).rasterise(1000, 50)).isEqualTo(new Whole().rasterise(1000, 50));
        assertThat(new Box(-0.02, 0, 0.5, 1.02)
                        .ofFractions(1000, 800)
                        .rasterise(1000, 800)
                        .box())
                .contains(new MaskBox(0, 0, 500, 800));
        assertThatThrownBy(() -> new Box(0, 0, 1020.5, 50).rasterise(1000, 50))
                .isInstanceOf(RegionException.class)
                .hasMessage("x is 1020.5, outside the picture's 0 to 1000 by more than 20.0 pixels");
    }

    @Test
    void wholeCoversEveryPixel() {
        assertThat(new Whole().rasterise(7, 3).count()).isEqualTo(21);
        assertThat(new Whole().ofFractions(7, 3).rasterise(7, 3).box()).contains(new MaskBox(0, 0, 7, 3));
    }

    @Test
    void partsOfFewerThanThreePointsAreDropped() {
        double[] triangle = {0, 0, 9, 0, 9, 9};
        var alone = new Polygon(List.of(triangle)).rasterise(40, 20);
        // Dropped parts may lie anywhere.
        for (double[] part : List.of(new double[] {}, new double[] {5, 5}, new double[] {0, 0, 900, 19})) {
            assertThat(new Polygon(List.of(part, triangle)).rasterise(40, 20)).isEqualTo(alone);
        }
        assertThatThrownBy(() -> new Polygon(List.of(new double[] {1, 1, 5, 5})).rasterise(40, 20))
                .hasMessage("A polygon must have at least one part [x, y, x, y, …] with at least three corners");
    }

    @Test
    void aScribbleFromOutsideIsClipped() {
        var line = new Scribble(new double[] {-2, 5.5, 5, 5.5}, 1).rasterise(40, 20);
        assertThat(line.box()).contains(new MaskBox(0, 5, 6, 1));
        refused("scribble", new Scribble(new double[] {-2, 5.5}, 1));
    }

    @Test
    void fractionsScaleWithThePicture() {
        var box = new Box(0.25, 0.5, 0.5, 1).ofFractions(40, 20);
        assertThat(box.rasterise(40, 20).box()).contains(new MaskBox(10, 10, 10, 10));
        var triangle = new Polygon(List.of(new double[] {0, 0, 1, 0, 0, 1})).ofFractions(40, 20);
        assertThat(triangle.rasterise(40, 20).box()).contains(new MaskBox(0, 0, 39, 20));
        var dot = new Scribble(new double[] {0.5, 0.5}, 0.1).ofFractions(40, 20);
        assertThat(dot.rasterise(40, 20).box()).contains(new MaskBox(18, 8, 4, 4));
    }

    /** Compares with the distance from every pixel's centre to every segment, a slow but independent computation. */
    @Test
    void scribblesCoverPixelsWithinHalfThePenWidth() {
        var random = new Random(5);
        for (int i = 0; i < 400; i++) {
            int width = 1 + random.nextInt(60);
            int height = 1 + random.nextInt(60);
            var points = new double[2 * (1 + random.nextInt(5))];
            for (int p = 0; p < points.length; p++) {
                points[p] = random.nextDouble() * (p % 2 == 0 ? width : height);
                if (random.nextInt(3) == 0) {
                    points[p] = Math.floor(points[p]);
                }
            }
            double pen = (0.05 + 0.9 * random.nextDouble()) * Math.min(30, Math.max(width, height));

            Mask mask = new Scribble(points, pen).rasterise(width, height);

            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    double distance = distance(points, x + 0.5, y + 0.5);
                    if (Math.abs(distance - pen / 2) > 1e-9) {
                        assertThat(mask.get(x, y))
                                .as(x + "," + y + " of " + Arrays.toString(points) + " pen " + pen)
                                .isEqualTo(distance < pen / 2 || under(points, x, y, width, height));
                    }
                }
            }
        }
    }

    private static boolean under(double[] points, int x, int y, int width, int height) {
        for (int i = 0; i < points.length; i += 2) {
            if (Math.min((int) points[i], width - 1) == x && Math.min((int) points[i + 1], height - 1) == y) {
                return true;
            }
        }
        return false;
    }

    private static double distance(double[] points, double x, double y) {
        double least = Math.hypot(x - points[0], y - points[1]);
        for (int i = 2; i < points.length; i += 2) {
            double dx = points[i] - points[i - 2];
            double dy = points[i + 1] - points[i - 1];
            double square = dx * dx + dy * dy;
            double along = square == 0 ? 0 : ((x - points[i - 2]) * dx + (y - points[i - 1]) * dy) / square;
            double t = Math.clamp(along, 0.0, 1.0);
            least = Math.min(least, Math.hypot(x - points[i - 2] - t * dx, y - points[i - 1] - t * dy));
        }
        return least;
    }

    @Test
    void invalidRegionsAreRefusedByField() {
        refused("box[0]", new Box(Double.NaN, 0, 1, 1));
        refused("box[2]", new Box(0, 0, Double.POSITIVE_INFINITY, 1));
        refused("box[2]", new Box(0, 0, 42.1, 1));
        refused("box[1]", new Box(0, -2.1, 4, 1));
        refused("box", new Box(3, 0, 3, 1));
        refused("box", new Box(4, 0, 3, 1));
        refused("box", new Box(0.6, 0.6, 0.9, 0.9));
        refused("box", new Box(-1, -1, 0, 0));
        refused("polygon", new Polygon(List.of()));
        refused("polygon", new Polygon(List.of(new double[] {0, 0, 9, 9}, new double[] {})));
        refused("polygon[0]", new Polygon(List.of(new double[] {0, 0, 9, 0, 9, 9, 1})));
        refused("polygon[0][3]", new Polygon(List.of(new double[] {0, 0, 9, 99, 9, 9})));
        refused("polygon", new Polygon(List.of(new double[] {1, 1, 1, 1, 1, 1})));
        refused("polygon", new Polygon(List.of(new double[2_000_002])));
        refused("rle.size", new RunLengths(40, 20, new int[] {0, 800}));
        refused("rle.counts", new RunLengths(20, 40, new int[] {0, 799}));
        refused("rle.counts[1]", new RunLengths(20, 40, new int[] {0, 801}));
        refused("rle.counts[0]", new RunLengths(20, 40, new int[] {-1, 801}));
        refused("rle.counts[2]", new RunLengths(20, 40, new int[] {799, 0, Integer.MAX_VALUE}));
        refused("rle", new RunLengths(20, 40, new int[] {800}));
        refused("rle.counts", new RunLengths(20, 40, new int[] {}));
        refused("scribble.points", new Scribble(new double[] {}, 3));
        refused("scribble.points", new Scribble(new double[] {1, 2, 3}, 3));
        refused("scribble.points[0]", new Scribble(new double[] {-3, 2}, 3));
        refused("scribble.width", new Scribble(new double[] {1, 2}, 0));
        refused("scribble.width", new Scribble(new double[] {1, 2}, Double.NaN));
        refused("scribble.width", new Scribble(new double[] {1, 2}, 1e9));
        refused("mask", new Drawn(Mask.of(20, 40, new BitSet())));
        refused("mask", new Drawn(Mask.of(40, 20, new BitSet())));
    }

    @Test
    void malformedCompressedRunLengthsAreRefused() {
        for (String text : List.of("P", "~", "0 0", "oooooooooo0", "Q", "\u00e9", "PPPPPPPPP")) {
            assertThatThrownBy(() -> RunLengths.ofString(20, 40, text).rasterise(40, 20))
                    .as(text)
                    .isInstanceOf(RegionException.class);
        }
    }

    @Test
    void longOutlinesAreRefusedQuickly() {
        var zigzag = new double[2 * Region.MAX_POINTS];
        for (int i = 0; i < zigzag.length; i += 2) {
            zigzag[i] = i % 4 == 0 ? 0 : 16_000;
            zigzag[i + 1] = i % 4 == 0 ? 2000 : 0;
        }
        long start = System.nanoTime();
        assertThatThrownBy(() -> new Polygon(List.of(zigzag)).rasterise(16_000, 2000))
                .isInstanceOf(RegionException.class);
        assertThatThrownBy(() -> new Scribble(zigzag, 15_000).rasterise(16_000, 2000))
                .isInstanceOf(RegionException.class);
        var whole = Collections.nCopies(1500, new double[] {0, 0, 16_000, 0, 16_000, 2000, 0, 2000});
        assertThatThrownBy(() -> new Polygon(whole).rasterise(16_000, 2000)).isInstanceOf(RegionException.class);
        assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
    }

    @Test
    void theCostOfAPartDependsOnItsOwnSize() {
        double[] corner = {1990, 0, 1999, 0, 1999, 10};
        double[] strip = {0, 15_999, 2000, 15_999, 2000, 16_001, 0, 16_001};
        var threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        Mask corners = new Polygon(Collections.nCopies(Region.MAX_POINTS / 3, corner)).rasterise(2000, 16_000);
        assertThat(threads.getCurrentThreadCpuTime() - start).isLessThan(500_000_000L);
        assertThat(corners).isEqualTo(new Polygon(List.of(corner)).rasterise(2000, 16_000));
        var strips = new Polygon(Collections.nCopies(Region.MAX_POINTS / 4, strip));
        assertThatThrownBy(() -> strips.rasterise(2000, 16_000)).isInstanceOf(RegionException.class);
    }

    private static void refused(String field, Region region) {
        var thrown = catchThrowableOfType(RegionException.class, () -> region.rasterise(40, 20));
        assertThat(thrown).as(region.toString()).isNotNull();
        assertThat(thrown.field()).as(thrown.getMessage()).isEqualTo(field);
    }
}
