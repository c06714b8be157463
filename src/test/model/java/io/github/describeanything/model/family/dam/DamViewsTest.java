package io.github.describeanything.model.family.dam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.Scribble;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.api.RequestException;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Placement;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamViewsTest {
    private final Random random = new Random(8);
    private DamViews views;

    @BeforeAll
    void load() {
        var bundle = Bundle.open(TestBundles.folder("golden-joint-fp32"));
        views = new DamViews(
                Graph.load(bundle.graph("picture"), Placement.cpu(1)),
                Graph.load(bundle.graph("region"), Placement.cpu(1)));
    }

    @AfterAll
    void close() {
        views.close();
    }

    @Test
    void regionsOfAPictureGiveTheSameViewsAsAlone() {
        // Smaller than a view, larger, of the same size, and one pixel thin.
        int[][] sizes = {{1, 1}, {1, 50}, {700, 1}, {37, 23}, {384, 384}, {384, 90}, {641, 480}, {300, 1100}};
        for (int[] size : sizes) {
            Picture picture = picture(size[0], size[1]);
            List<Mask> masks = IntStream.range(0, 6)
                    .mapToObj(i -> region(size[0], size[1], i).rasterise(size[0], size[1]))
                    .toList();
            PictureView shared = views.of(picture);
            List<float[]> together =
                    masks.parallelStream().map(it -> shared.region(it).values()).toList();
            for (int i = 0; i < masks.size(); i++) {
                assertThat(together.get(i))
                        .as("%d x %d, mask %d", size[0], size[1], i)
                        .isEqualTo(views.of(picture).region(masks.get(i)).values());
            }
        }
    }

    @Test
    void aFullMaskGivesTheSameColoursTwice() {
        Picture picture = picture(200, 100);
        float[] view = views.of(picture)
                .region(new Box(0, 0, 200, 100).rasterise(200, 100))
                .values();
        int plane = view.length / 8;
        assertThat(Arrays.copyOfRange(view, 4 * plane, 8 * plane)).isEqualTo(Arrays.copyOf(view, 4 * plane));
        assertThat(Arrays.copyOfRange(view, 3 * plane, 4 * plane)).containsOnly(1);
    }

    @Test
    void alphaDoesNotChangeAView() {
        Picture opaque = picture(60, 70);
        byte[] rgba = opaque.rgba().clone();
        for (int alpha = 3; alpha < rgba.length; alpha += 4) {
            rgba[alpha] = (byte) random.nextInt(256);
        }
        Mask mask = region(60, 70, 3).rasterise(60, 70);
        assertThat(views.of(new Picture(60, 70, rgba, true)).region(mask).values())
                .isEqualTo(views.of(opaque).region(mask).values());
    }

    @Test
    void emptyMasksAndMasksOfAnotherSizeAreRefused() {
        PictureView view = views.of(picture(8, 8));
        Mask empty = Mask.ofAlpha(new Picture(8, 8, new byte[4 * 8 * 8], true));
        assertThatThrownBy(() -> view.region(empty))
                .isInstanceOfSatisfying(
                        RequestException.class, it -> assertThat(it.code()).isEqualTo("empty_mask"));
        Mask other = new Box(0, 0, 4, 4).rasterise(8, 9);
        assertThatThrownBy(() -> view.region(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8 x 9");
    }

    private Picture picture(int width, int height) {
        var rgba = new byte[4 * width * height];
        random.nextBytes(rgba);
        for (int alpha = 3; alpha < rgba.length; alpha += 4) {
            rgba[alpha] = (byte) 255;
        }
        return new Picture(width, height, rgba, false);
    }

    private Region region(int width, int height, int kind) {
        return switch (kind) {
            case 0 -> new Box(0, 0, width, height);
            case 1 -> new Scribble(new double[] {width - 0.5, height - 0.5}, 1);
            default -> {
                var points = new double[8];
                for (int i = 0; i < points.length; i++) {
                    points[i] = random.nextDouble() * (i % 2 == 0 ? width : height);
                }
                int longer = Math.max(width, height);
                yield new Scribble(points, Math.min(longer, 1 + random.nextDouble() * longer / 5));
            }
        };
    }
}
