package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.TOO_LARGE;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken, huge and unsupported files are refused with a clear message, fast and with little memory. */
class HostilePicturesTest {
    private final PictureReader reader = new PictureReader(PictureLimits.DEFAULT);

    /** Loads classes, so that tests count only what reading allocates. */
    @BeforeAll
    static void warmUp() {
        byte[] png = Pngs.png(Pngs.header(1, 1, 8, 6), Pngs.chunk("IDAT", Pngs.deflate(new byte[] {0, 1, 2, 3, 4})));
        assertThat(new PictureReader(PictureLimits.DEFAULT).read(png).rgba()).containsExactly(1, 2, 3, 4);
    }

    @ParameterizedTest
    @CsvSource({"20000,20000,1,0", "30000,30000,1,0", "30000,30000,8,6", "2147483647,1,8,6", "-1,-1,16,6", "1,16385,8,6"
    })
    void pixelBombsAreRefusedFromTheHeader(int width, int height, int depth, int colour) {
        byte[] bomb = Pngs.png(Pngs.header(width, height, depth, colour), Pngs.chunk("IDAT", new byte[50]));

        long allocated = allocatedBy(() -> assertRefused(bomb, TOO_LARGE));

        assertThat(allocated).isLessThan(1_000_000);
    }

    @Test
    void jpegSizeIsCheckedBeforeDecoding() {
        byte[] jpeg = Fixtures.bytes("jpeg-444.jpg");
        int frame = indexOf(jpeg, 0xFF, 0xC0);
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 65535).putShort(frame + 7, (short) 65535);
        assertRefused(jpeg, TOO_LARGE);
    }

    @Test
    void webpSizeIsCheckedBeforeDecoding() {
        byte[] webp = Fixtures.bytes("webp-lossless.webp");
        int start = indexOf(webp, 'V', 'P', '8', 'L') + 9;
        ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN).putInt(start, 0x0FFFFFFF);
        assertRefused(webp, TOO_LARGE);
    }

    /** Each is a small file whose header declares a picture, frame or tile of 60,000 x 60,000. */
    @ParameterizedTest
    @ValueSource(strings = {"gif screen", "gif frame", "bmp", "bmp runs", "big tiff", "webp canvas", "jpeg in tiff"})
    void sizesOfOtherFormatsAreCheckedBeforeDecoding(String kind) {
        byte[] bomb = Bombs.of(kind);

        long allocated = allocatedBy(() -> assertRefused(bomb, TOO_LARGE));

        assertThat(allocated).isLessThan(1_000_000);
    }

    @Test
    void theCallerSetsTheLimits() {
        var small = new PictureReader(new PictureLimits(13 * 9 - 1, 100));
        var narrow = new PictureReader(new PictureLimits(1000, 12));
        var exact = new PictureReader(new PictureLimits(13 * 9, 13));
        byte[] png = Fixtures.bytes("png-rgba-8.png");

        assertThatThrownBy(() -> small.read(png)).hasMessageContaining("13 x 9").hasMessageContaining("116");
        assertThatThrownBy(() -> narrow.read(png)).isInstanceOf(PictureException.class);
        assertThat(exact.read(png).width()).isEqualTo(13);
    }

    @Test
    void compressedTextAndProfilesAreNeverInflated() {
        byte[] packed = Pngs.deflate(new byte[100_000_000]);
        byte[] text = Pngs.concat("Comment\0\0".getBytes(StandardCharsets.ISO_8859_1), packed);
        byte[] png = Pngs.png(
                Pngs.header(1, 1, 8, 6),
                Pngs.chunk("iCCP", text),
                Pngs.chunk("zTXt", text),
                Pngs.chunk("IDAT", Pngs.deflate(new byte[] {0, 1, 2, 3, 4})),
                Pngs.chunk("iTXt", text));

        long allocated = allocatedBy(() -> assertThat(reader.read(png).rgba()).containsExactly(1, 2, 3, 4));

        assertThat(allocated).isLessThan(1_000_000);
    }

    @Test
    void pixelsBeyondTheDeclaredSizeAreNeverInflated() {
        byte[] png = Pngs.png(Pngs.header(1, 1, 8, 6), Pngs.chunk("IDAT", Pngs.deflate(new byte[100_000_000])));

        long allocated = allocatedBy(() -> assertThat(reader.read(png).rgba()).containsExactly(0, 0, 0, 0));

        assertThat(allocated).isLessThan(1_000_000);
    }

    /** Only what follows the pixels may be missing. */
    @Test
    void aPngTruncatedInsideItsPixelsIsRefused() {
        byte[] png = Fixtures.bytes("png-rgba-8.png");
        int end = png.length - 12;
        for (int length = 0; length < png.length; length++) {
            byte[] cut = Arrays.copyOf(png, length);
            var thrown = catchThrowable(() -> reader.read(cut));
            if (length < end) {
                assertThat(thrown).as("" + length).isInstanceOf(PictureException.class);
            } else {
                assertThat(thrown).as("" + length).isNull();
            }
        }
    }

    /** Ancillary chunks may be damaged; then the pixels are unchanged. */
    @Test
    void aFlippedBitIsRefusedOrChangesNothing() {
        byte[] png = Fixtures.bytes("png-palette-4.png");
        byte[] rgba = reader.read(png).rgba();
        int read = 0;
        for (int bit = 0; bit < 8 * png.length; bit++) {
            byte[] flipped = png.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                assertThat(reader.read(flipped).rgba()).as("" + bit).isEqualTo(rgba);
                read++;
            } catch (PictureException e) {
                assertThat(e.reason()).as("" + bit).isNotNull();
            }
        }
        assertThat(read).isBetween(1, 8 * 12 + 16);
    }

    /** Transparency may be a mask. */
    @Test
    void aFlippedBitInTransparencyIsRefused() {
        byte[] png = Fixtures.bytes("png-palette-4-trns.png");
        int start = indexOf(png, 't', 'R', 'N', 'S') + 4;
        int end = start + ByteBuffer.wrap(png).getInt(start - 8) + 4;
        for (int bit = 8 * start; bit < 8 * end; bit++) {
            byte[] flipped = png.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertRefused(flipped, MALFORMED);
        }
    }

    @Test
    void aPngWithTooFewPixelsIsRefusedDespiteValidChecksums() {
        assertRefused(Pngs.png(Pngs.header(9, 9, 8, 6), Pngs.chunk("IDAT", Pngs.deflate(new byte[100]))), MALFORMED);
        assertRefused(Pngs.png(Pngs.header(9, 9, 8, 6)), MALFORMED);
        assertRefused(Pngs.png(Pngs.header(9, 9, 8, 6), Pngs.chunk("IDAT", new byte[] {1, 2, 3})), MALFORMED);
    }

    @Test
    void aPalettePngWithoutAPaletteIsRefused() {
        assertRefused(
                Pngs.png(Pngs.header(1, 1, 8, 3), Pngs.chunk("IDAT", Pngs.deflate(new byte[] {0, 0}))), MALFORMED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<!doctype html><title>not a picture</title>",
                "<svg xmlns='http://www.w3.org/2000/svg'/>",
                "8BPS\0\1\0\0\0\0\0\0",
                "%PDF-1.7",
                "RIFF\4\0\0\0WAVE",
                "\u0089PNG"
            })
    void filesOfOtherTypesAreRefused(String text) {
        assertRefused(text.getBytes(StandardCharsets.ISO_8859_1), UNSUPPORTED);
    }

    static List<Path> pictures() throws IOException {
        return Fixtures.pictures(name -> true);
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void damagedFilesDecodeOrAreRefusedWithAMessage(Path file) {
        byte[] good = Fixtures.bytes(file);
        var random = new Random(1);
        var limited = new PictureReader(new PictureLimits(1 << 20, 4096));
        for (int round = 0; round < 40; round++) {
            byte[] bad = random.nextInt(3) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int i = random.nextInt(4); i >= 0 && bad.length > 0; i--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            var thrown = catchThrowable(() -> limited.read(bad));
            if (thrown != null) {
                assertThat(thrown).isInstanceOf(PictureException.class);
                assertThat(thrown.getMessage()).doesNotContain("Exception", "/", "null");
            }
        }
    }

    private void assertRefused(byte[] bytes, PictureException.Reason reason) {
        var thrown = catchThrowableOfType(PictureException.class, () -> reader.read(bytes));
        assertThat(thrown).isNotNull();
        assertThat(thrown.reason()).as(thrown.getMessage()).isEqualTo(reason);
    }

    private static long allocatedBy(Runnable work) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static int indexOf(byte[] bytes, int... wanted) {
        for (int i = 0; i + wanted.length <= bytes.length; i++) {
            int at = i;
            int same = 0;
            while (same < wanted.length && (bytes[at + same] & 0xFF) == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                return i;
            }
        }
        throw new AssertionError("not found");
    }
}
