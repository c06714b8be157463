package io.github.describeanything.focal;

import static org.assertj.core.api.Assertions.assertThat;

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
        // JPEG decoders agree almost always; WebP's chroma is enlarged by another filter here than in libwebp.
        int tolerance = file.toString().endsWith(".webp") ? 8 : 1;
        for (int i = 0; i < expected.length; i++) {
            int difference = Math.abs((picture.rgba()[i] & 0xFF) - (expected[i] & 0xFF));
            assertThat(difference).as("byte " + i).isLessThanOrEqualTo(i % 4 == 3 ? 0 : tolerance);
        }
        assertThat(picture.hasAlpha()).isEqualTo(Fixtures.hasAlpha(file));
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
