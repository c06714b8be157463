package io.github.describeanything.focal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mask pictures made by {@code make_masks.py}, one for each row of the table in docs/pictures.md. */
class MaskPictureTest {
    private final PictureReader reader = new PictureReader(PictureLimits.DEFAULT);

    static List<Path> masks() throws IOException {
        return Fixtures.pictures(name -> name.startsWith("mask-"));
    }

    @ParameterizedTest
    @MethodSource("masks")
    void masksCoverTheIntendedPixels(Path file) {
        assertThat(reader.readMask(Fixtures.bytes(file))).isEqualTo(Fixtures.mask(file, 20, 12));
    }

    static List<Path> refused() throws IOException {
        return Fixtures.pictures(name -> name.startsWith("refused-mask-"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void ambiguousMasksAreRefused(Path file) {
        assertThatThrownBy(() -> reader.readMask(Fixtures.bytes(file)))
                .isInstanceOfSatisfying(
                        PictureException.class,
                        e -> assertThat(e.reason()).isEqualTo(PictureException.Reason.UNSUPPORTED))
                .hasMessageMatching(".*(ambiguous|nothing is inside|NaN).*");
    }

    @Test
    void sixteenBitSamplesCountByBothBytes() {
        var mask = reader.readMask(Pngs.png(Pngs.header(4, 1, 16, 0), Pngs.chunk("IDAT", Pngs.deflate(new byte[] {
            0, 0, 0, 0, 1, 1, 0, (byte) 255, (byte) 255
        }))));
        assertThat(List.of(mask.get(0), mask.get(1), mask.get(2), mask.get(3)))
                .containsExactly(false, true, true, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "png-gray-1.png",
                "png-gray-8-adam7.png",
                "png-rgb-8.png",
                "tiff-bilevel.tiff",
                "tiff-gray-tiff_lzw.tiff",
                "tiff-rgba-raw.tiff",
                "tiff-big.tiff",
                "bmp-24.bmp",
                "webp-lossless.webp",
                "webp-lossless-alpha.webp"
            })
    void visibleColoursAreInside(String name) {
        Mask mask = reader.readMask(Fixtures.bytes(name));

        byte[] rgba = reader.read(Fixtures.bytes(name)).rgba();
        for (int i = 0; i < rgba.length / 4; i++) {
            boolean coloured = (rgba[4 * i] | rgba[4 * i + 1] | rgba[4 * i + 2]) != 0;
            assertThat(mask.get(i)).as("pixel " + i).isEqualTo(coloured && rgba[4 * i + 3] != 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpeg-444.jpg", "jpeg-gray.jpg", "webp-lossy.webp", "tiff-gray-jpeg.tiff"})
    void lossyMasksAreRefused(String name) {
        assertThatThrownBy(() -> reader.readMask(Fixtures.bytes(name)))
                .isInstanceOf(PictureException.class)
                .hasMessageContaining("compression blurs the edges of a mask");
    }
}
