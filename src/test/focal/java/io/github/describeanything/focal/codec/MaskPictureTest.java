package io.github.describeanything.focal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A picture read as a mask is inside where it is not 0. */
class MaskPictureTest {
    private final PictureReader reader = new PictureReader(PictureLimits.DEFAULT);

    @Test
    void sixteenBitsBelowTheHighByteStillCount() {
        var mask = reader.readMask(Pngs.png(Pngs.header(4, 1, 16, 0), Pngs.chunk("IDAT", Pngs.deflate(new byte[] {
            0, 0, 0, 0, 1, 1, 0, (byte) 255, (byte) 255
        }))));
        assertThat(mask).isEqualTo(mask(4, 1, 1, 2, 3));
    }

    @Test
    void aPaletteCountsByEntryNotByColour() {
        var mask = reader.readMask(Pngs.png(
                Pngs.header(3, 1, 8, 3),
                Pngs.chunk("PLTE", new byte[] {9, 9, 9, 0, 0, 0, 5, 5, 5}),
                Pngs.chunk("IDAT", Pngs.deflate(new byte[] {0, 0, 1, 2}))));
        assertThat(mask).isEqualTo(mask(3, 1, 1, 2));
    }

    @Test
    void transparentPixelsAreOutside() {
        var mask = reader.readMask(Pngs.png(
                Pngs.header(3, 1, 8, 4), Pngs.chunk("IDAT", Pngs.deflate(new byte[] {0, 7, 0, 7, 1, 0, 7}))));
        assertThat(mask).isEqualTo(mask(3, 1, 1));
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
                "webp-lossless.webp",
                "webp-lossless-alpha.webp"
            })
    void samplesOfEightBitsAndLessCountAsTheyShow(String name) {
        assertThat(reader.readMask(Fixtures.bytes(name))).isEqualTo(presence(reader.read(Fixtures.bytes(name))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpeg-444.jpg", "jpeg-gray.jpg", "webp-lossy.webp"})
    void lossyMasksAreRefused(String name) {
        assertThatThrownBy(() -> reader.readMask(Fixtures.bytes(name)))
                .isInstanceOf(PictureException.class)
                .hasMessageContaining("PNG");
    }

    private static Mask presence(Picture picture) {
        byte[] rgba = picture.rgba();
        var bits = new BitSet();
        for (int at = 0; at < rgba.length; at += 4) {
            bits.set(at / 4, rgba[at + 3] != 0 && (rgba[at] | rgba[at + 1] | rgba[at + 2]) != 0);
        }
        return Mask.of(picture.width(), picture.height(), bits);
    }

    private static Mask mask(int width, int height, int... inside) {
        return Mask.of(width, height, IntStream.of(inside).collect(BitSet::new, BitSet::set, BitSet::or));
    }
}
