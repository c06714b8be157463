package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.TOO_LARGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** TIFFs that would take much time or memory, or that are easily misread. */
class HostileTiffsTest {
    private final PictureReader reader = new PictureReader(PictureLimits.DEFAULT);

    /** Thousands of strips or tiles that share the same bytes would be unpacked thousands of times. */
    @Test
    void stripsThatShareBytesAreRefused() {
        assertRefused(Bombs.overlappingStrips(1000), MALFORMED);
        assertRefused(Bombs.tiles(16_000, 1), TOO_LARGE);
    }

    @Test
    void aJpegInsideATiffHasTheLimitsOfAJpegFile() {
        assertRefused(Bombs.of("scans in tiff"), MALFORMED);
    }

    @Test
    void whiteIsZeroInvertsGrayButNotAlpha() {
        assertThat(reader.read(grayTiff(0, 2)).rgba()).containsExactly(245, 245, 245, 200);
        assertThat(reader.read(grayTiff(0, 0)).rgba()).containsExactly(245, 245, 245, 255);
        assertThat(reader.read(grayTiff(1, 2)).rgba()).containsExactly(10, 10, 10, 200);
    }

    /** Tiles are decoded whole, even where they extend beyond the picture. */
    @Test
    void tilesMuchLargerThanTheirPictureAreRefused() {
        assertRefused(tiledTiff(1, 16384, 16384, 16), TOO_LARGE);
        assertRefused(tiledTiff(16384, 1, 16, 16384), TOO_LARGE);
        assertRefused(tiledTiff(1, 1, 16384, 16384), TOO_LARGE);
        assertThat(reader.read(tiledTiff(1, 1, 16, 16)).rgba()).containsExactly(10, 10, 10, 255);
    }

    private static byte[] tiledTiff(int width, int height, int tileWidth, int tileHeight) {
        return tiff(tileWidth * Math.min(tileHeight, 16), new int[][] {
            {256, width},
            {257, height},
            {258, 8},
            {259, 1},
            {262, 1},
            {277, 1},
            {322, tileWidth},
            {323, tileHeight},
            {324, 8},
            {325, tileWidth * Math.min(tileHeight, 16)}
        });
    }

    /** One pixel of two samples, 10 and 200. */
    private static byte[] grayTiff(int photometric, int extraSample) {
        return tiff(2, new int[][] {
            {256, 1},
            {257, 1},
            {258, 8},
            {259, 1},
            {262, photometric},
            {273, 8},
            {277, 2},
            {278, 1},
            {279, 2},
            {284, 1},
            {338, extraSample}
        });
    }

    /**
     * A TIFF with pixels 10, 200, 0, 0, … and these entries of one value each; BitsPerSample has one value per sample.
     */
    private static byte[] tiff(int pixels, int[][] entries) {
        var tiff = ByteBuffer.allocate(8 + pixels + 2 + 12 * entries.length + 4).order(ByteOrder.LITTLE_ENDIAN);
        tiff.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8 + pixels);
        tiff.put((byte) 10).put((byte) 200).position(8 + pixels);
        tiff.putShort((short) entries.length);
        for (int[] entry : entries) {
            boolean two = entry[0] == 258 && pixels == 2;
            tiff.putShort((short) entry[0]).putShort((short) (two ? 3 : 4)).putInt(two ? 2 : 1);
            tiff.putInt(two ? 8 << 16 | 8 : entry[1]);
        }
        return tiff.array();
    }

    private void assertRefused(byte[] bytes, PictureException.Reason reason) {
        var thrown = catchThrowableOfType(PictureException.class, () -> reader.read(bytes));
        assertThat(thrown).isNotNull();
        assertThat(thrown.reason()).as(thrown.getMessage()).isEqualTo(reason);
    }
}
