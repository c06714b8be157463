package io.github.describeanything.model.vision;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.Scribble;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Placement;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Masks beside a picture give the very views of masks in its alpha. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PreprocessorTest {
    private final Random random = new Random(8);
    private Preprocessor preprocessor;

    @BeforeAll
    void load() {
        Path bundle = Path.of(System.getProperty("test.bundles")).resolve("golden-joint-fp32");
        preprocessor = new Preprocessor(Graph.load(bundle.resolve("preprocess.onnx"), Placement.cpu(1)));
    }

    @AfterAll
    void close() {
        preprocessor.close();
    }

    @Test
    void aMaskBesideThePictureGivesTheViewsOfTheSameMaskInAlpha() {
        // Smaller and larger than a view, of its own size, and as thin as can be.
        int[][] sizes = {{1, 1}, {1, 50}, {700, 1}, {37, 23}, {384, 384}, {384, 90}, {641, 480}, {300, 1100}};
        for (int[] size : sizes) {
            Picture picture = picture(size[0], size[1]);
            for (int i = 0; i < 6; i++) {
                Mask mask = region(size[0], size[1], i).rasterise(size[0], size[1]);
                assertThat(preprocessor.views(picture, mask))
                        .as("%d x %d, mask %d", size[0], size[1], i)
                        .isEqualTo(preprocessor.views(picture.withMask(mask)));
            }
        }
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
