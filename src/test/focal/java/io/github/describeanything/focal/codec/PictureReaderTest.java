package io.github.describeanything.focal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pictures made by {@code make_pictures.py} and {@code make_formats.py} decode to exactly the pixels that Pillow
 * decodes.
 */
class PictureReaderTest {
    private final PictureReader reader = new PictureReader(PictureLimits.DEFAULT);

    static List<Path> pictures() throws IOException {
        return Fixtures.pictures(name -> name.matches("(png|jpeg|webp|tiff|gif|bmp)-.*"));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void picturesDecodeExactly(Path file) {
        Picture picture = reader.read(Fixtures.bytes(file));

        assertThat(picture.rgba()).isEqualTo(Fixtures.pixels(file));
        assertThat(picture.hasAlpha()).isEqualTo(Fixtures.hasAlpha(file));
        assertThat(picture.mask()).isEqualTo(Fixtures.hasAlpha(file) ? some(Mask.ofAlpha(picture)) : none());
    }

    private static Optional<Mask> some(Mask mask) {
        return Optional.of(mask);
    }

    private static Optional<Mask> none() {
        return Optional.empty();
    }

    static List<Path> refused() throws IOException {
        return Fixtures.pictures(name -> name.startsWith("refused-") && !name.startsWith("refused-mask-"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void truncatedPicturesAndDeepSamplesAreRefused(Path file) {
        var thrown = catchThrowableOfType(PictureException.class, () -> reader.read(Fixtures.bytes(file)));

        assertThat(thrown).isNotNull();
        assertThat(thrown.reason())
                .isEqualTo(
                        file.getFileName().toString().contains("cut")
                                ? PictureException.Reason.MALFORMED
                                : PictureException.Reason.UNSUPPORTED);
    }

    @Test
    void oneReaderServesManyThreads() throws IOException {
        var files = pictures();
        var expected =
                files.stream().map(file -> reader.read(Fixtures.bytes(file))).toList();
        var together = Stream.iterate(0, i -> i + 1)
                .limit(10L * files.size())
                .parallel()
                .map(i -> reader.read(Fixtures.bytes(files.get(i % files.size()))))
                .toList();
        for (int i = 0; i < together.size(); i++) {
            assertThat(together.get(i).rgba())
                    .isEqualTo(expected.get(i % files.size()).rgba());
        }
    }
}
