package io.github.describeanything.focal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures made by {@code make_pictures.py} give the pixels that it wrote beside them. */
class PictureReaderTest {
    private final PictureReader reader = new PictureReader(PictureLimits.DEFAULT);

    static List<Path> lossless() throws IOException {
        return Fixtures.pictures(name -> !name.startsWith("refused") && !isLossy(name));
    }

    static List<Path> lossy() throws IOException {
        return Fixtures.pictures(name -> !name.startsWith("refused") && isLossy(name));
    }

    private static boolean isLossy(String name) {
        return name.startsWith("jpeg") || name.startsWith("webp-lossy");
    }

    @ParameterizedTest
    @MethodSource("lossless")
    void losslessPicturesGiveTheirExactPixels(Path file) throws IOException {
        Picture picture = reader.read(Files.readAllBytes(file));

        assertThat(picture.rgba()).isEqualTo(Fixtures.pixels(file));
        assertThat(picture.hasAlpha()).isEqualTo(Fixtures.hasAlpha(file));
    }

    @ParameterizedTest
    @MethodSource("lossy")
    void lossyPicturesGiveWhatPillowGivesButForRounding(Path file) throws IOException {
        Picture picture = reader.read(Files.readAllBytes(file));

        byte[] expected = Fixtures.pixels(file);
        assertThat(picture.rgba()).hasSameSizeAs(expected);
        boolean webp = file.toString().endsWith(".webp");
        double brightness = 0;
        for (int i = 0; i < expected.length; i += 4) {
            for (int channel = 0; channel < 4; channel++) {
                int difference = Math.abs((picture.rgba()[i + channel] & 0xFF) - (expected[i + channel] & 0xFF));
                // JPEG decoders agree almost always, and alpha loses nothing.
                int most = channel == 3 ? 0 : webp ? 255 : 1;
                assertThat(difference).as("byte " + (i + channel)).isLessThanOrEqualTo(most);
            }
            brightness += Math.abs(brightness(picture.rgba(), i) - brightness(expected, i));
        }
        // WebP's colour differences are enlarged by another filter here than in libwebp; its brightness is not
        // enlarged.
        assertThat(brightness / (expected.length / 4)).isLessThan(0.6);
        assertThat(picture.hasAlpha()).isEqualTo(Fixtures.hasAlpha(file));
    }

    /** Y of BT.601. */
    private static double brightness(byte[] rgba, int at) {
        return 0.299 * (rgba[at] & 0xFF) + 0.587 * (rgba[at + 1] & 0xFF) + 0.114 * (rgba[at + 2] & 0xFF);
    }

    @Test
    void oneReaderServesManyThreads() throws IOException {
        var files = lossless();
        var expected =
                files.stream().map(file -> reader.read(Fixtures.bytes(file))).toList();
        var together = Stream.iterate(0, i -> i + 1)
                .limit(20L * files.size())
                .parallel()
                .map(i -> reader.read(Fixtures.bytes(files.get(i % files.size()))))
                .toList();
        for (int i = 0; i < together.size(); i++) {
            assertThat(together.get(i).rgba())
                    .isEqualTo(expected.get(i % files.size()).rgba());
        }
    }
}
