package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebP files written by an encoder, intact and damaged, and lossless bitstreams written by hand. */
class WebpTest {
    private final PictureReader reader = new PictureReader(PictureLimits.DEFAULT);

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 13, 200})
    void transparentPaletteEntriesAreOutside(int entries) {
        Path file = Fixtures.picture("webp-lossless-palette-" + entries + "-alpha.webp");

        Mask mask = reader.readMask(Fixtures.bytes(file));

        byte[] rgba = Fixtures.pixels(file);
        for (int i = 0; i < mask.width() * mask.height(); i++) {
            assertThat(mask.get(i)).as("pixel " + i).isEqualTo(rgba[4 * i + 3] != 0);
        }
    }

    @Test
    void entriesBeyondThePaletteAreTransparentBlack() {
        byte[] webp = lossless(
                4,
                bits(1, 1, 3, 2, 3 - 1, 8), // a palette of 3
                bits(0, 1),
                single(10, 20, 30, 40),
                bits(0, 1),
                bits(0, 1, 0, 1),
                single(0b11_10_01_00, 0, 0, 0));

        assertThat(reader.read(webp).rgba())
                .containsExactly(20, 10, 30, 40, 40, 20, 60, 80, 60, 30, 90, 120, 0, 0, 0, 0);
    }

    /** 4 MB of pixels in 88 bytes. */
    @Test
    void aFlatPictureMayCompressToAlmostNothing() {
        byte[] webp = HexFormat.of()
                .parseHex("5249464650000000574542505650384c430000002fffc3ff000750841e34a1ff018140b2bff90445f43fe33f"
                        + "fff9cf7ffef39ffffce73ffff9cf7ffef39ffffce73ffff9cf7ffef39ffffce73ffff9cf7ffef39ffffcdf00");

        Picture picture = reader.read(webp);

        var flat = new byte[4 << 20];
        for (int i = 0; i < flat.length; i += 4) {
            flat[i] = 7;
            flat[i + 1] = 8;
            flat[i + 2] = 9;
            flat[i + 3] = (byte) 255;
        }
        assertThat(Arrays.equals(picture.rgba(), flat)).isTrue();
    }

    @Test
    void theSmallestFileIsRead() {
        byte[] webp = lossless(3, bits(0, 1), bits(0, 1, 0, 1), single(2, 1, 3, 4));

        assertThat(reader.read(webp).rgba()).containsExactly(1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4);
    }

    @Test
    void invalidBitstreamsAreRefused() {
        assertRefused("twice", bits(1, 1, 2, 2), bits(1, 1, 2, 2));
        assertRefused("cache", bits(0, 1), bits(1, 1, 0, 4));
        assertRefused("cache", bits(0, 1), bits(1, 1, 12, 4));
        // Code lengths 1 and 2 for the code length code, which leaves one code without a symbol.
        assertRefused("incomplete", bits(0, 1), bits(0, 1, 0, 1), bits(0, 1, 0, 4, 1, 3, 2, 3, 0, 3, 0, 3));
        assertRefused("incomplete", bits(0, 1), bits(0, 1, 0, 1), bits(0, 1, 0, 4, 0, 3, 0, 3, 0, 3, 0, 3));
        // Every code is 18, which repeats at least 11 zeros, until there are more lengths than symbols.
        assertRefused(
                "too many",
                bits(0, 1),
                bits(0, 1, 0, 1),
                bits(0, 1, 0, 4, 0, 3, 1, 3, 0, 3, 0, 3, 0, 1),
                bits(127, 7, 127, 7, 127, 7));
        assertRefused("truncated", bits(0, 1), bits(0, 1, 0, 1));
    }

    static List<Path> pictures() throws IOException {
        return Fixtures.pictures(name -> name.startsWith("webp-"));
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void damagedFilesDecodeQuicklyOrAreRefusedWithAMessage(Path file) {
        byte[] good = Fixtures.bytes(file);
        var limited = new PictureReader(new PictureLimits(1 << 16, 1 << 10));
        var random = new Random(2);
        assertTimeout(Duration.ofSeconds(60), () -> {
            for (int round = 0; round < 600; round++) {
                byte[] bad = round % 3 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
                if (round % 6 == 0 && bad.length >= 20) {
                    // Adjust the declared sizes, so that the decoder itself reaches the end of the data.
                    ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(4, bad.length - 8);
                    if (bad[12] == 'V' && bad[15] == 'L') {
                        ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putInt(16, bad.length - 20);
                    }
                }
                for (int i = round % 3 == 0 ? 0 : 1 + random.nextInt(4); i > 0; i--) {
                    bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
                }
                try {
                    Picture picture = limited.read(bad);
                    assertThat(picture.width() * picture.height()).isBetween(1, 1 << 16);
                } catch (PictureException e) {
                    assertThat(e.getMessage()).doesNotContain("Exception", "null");
                }
            }
        });
    }

    /** Calls the decoder directly: {@link PictureReader} would turn any exception into a {@link PictureException}. */
    @Test
    void randomBitsDecodeOrAreRefused() {
        var random = new Random(3);
        assertTimeout(Duration.ofSeconds(60), () -> {
            for (int round = 0; round < 20_000; round++) {
                var data = new byte[random.nextInt(200)];
                random.nextBytes(data);
                int width = 1 + random.nextInt(70);
                int height = 1 + random.nextInt(30);
                try {
                    assertThat(Vp8l.decode(ByteBuffer.wrap(data), width, height))
                            .hasSize(width * height);
                } catch (PictureException e) {
                    assertThat(e.reason()).isEqualTo(MALFORMED);
                }
            }
        });
    }

    private void assertRefused(String why, BitSet... parts) {
        byte[] webp = lossless(9, parts);
        var thrown = catchThrowableOfType(PictureException.class, () -> reader.read(webp));
        assertThat(thrown).hasMessageContaining(why);
        assertThat(thrown.reason()).isEqualTo(MALFORMED);
    }

    @Test
    void unknownVersionsAreRefused() {
        byte[] webp = lossless(3, bits(0, 1), bits(0, 1, 0, 1), single(2, 1, 3, 4));
        webp[24] |= 0x20;
        assertThatThrownBy(() -> reader.read(webp)).isInstanceOf(PictureException.class);
    }

    /** 65,536 groups of four codes with 256 symbols each: 23 bytes per group in the file, 5,000 in memory. */
    @Test
    void tooManyPrefixCodesAreRefusedBeforeTheyFillMemory() {
        int side = 1024;
        int blocks = side / 4 * (side / 4);
        BitSet even = bits(0, 1, 8, 4, 0, 30, 0, 3, 1, 3, 0, 1);
        BitSet evenGreen = bits(0, 1, 8, 4, 0, 30, 0, 3, 1, 3, 1, 1, 3, 3, 254, 8);
        BitSet one = bits(1, 1, 0, 1, 0, 1, 0, 1);
        var parts = new ArrayList<>(List.of(bits(0, 1), bits(0, 1), bits(1, 1, 0, 3)));
        parts.addAll(List.of(bits(0, 1), evenGreen, even, one, one, one));
        for (int i = 0; i < blocks; i++) {
            parts.add(bits(Integer.reverse(i) >>> 24, 8, Integer.reverse(i >> 8) >>> 24, 8));
        }
        for (int i = 0; i < blocks; i++) {
            parts.addAll(List.of(evenGreen, even, even, even, one));
        }
        var zeros = new BitSet();
        zeros.set(32 * side * side);
        parts.add(zeros);
        byte[] webp = lossless(side, side, parts.toArray(BitSet[]::new));

        assertThatThrownBy(() -> reader.read(webp))
                .isInstanceOf(PictureException.class)
                .hasMessageContaining("more codes than its pixels can use");
    }

    /** A file of one row, with alpha. */
    private static byte[] lossless(int width, BitSet... parts) {
        return lossless(width, 1, parts);
    }

    private static byte[] lossless(int width, int height, BitSet... parts) {
        var packed = new BitSet();
        int length = 0;
        for (BitSet part : parts) {
            for (int i = 0; i < part.length() - 1; i++) {
                packed.set(length++, part.get(i));
            }
        }
        var file = ByteBuffer.allocate(25 + (length + 7) / 8).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(StandardCharsets.ISO_8859_1)).putInt(file.capacity() - 8);
        file.put("WEBPVP8L".getBytes(StandardCharsets.ISO_8859_1)).putInt(file.capacity() - 20);
        file.put((byte) 0x2F).putInt(width - 1 | height - 1 << 14 | 1 << 28).put(packed.toByteArray());
        return file.array();
    }

    /** Pairs of a value and its number of bits; one more bit is set to mark the end. */
    private static BitSet bits(int... valuesAndCounts) {
        var bits = new BitSet();
        int length = 0;
        for (int i = 0; i < valuesAndCounts.length; i += 2) {
            for (int bit = 0; bit < valuesAndCounts[i + 1]; bit++) {
                bits.set(length++, (valuesAndCounts[i] >> bit & 1) == 1);
            }
        }
        bits.set(length);
        return bits;
    }

    /** Codes of one symbol each, which take no bits. */
    private static BitSet single(int green, int red, int blue, int alpha) {
        return bits(
                1, 1, 0, 1, 1, 1, green, 8, 1, 1, 0, 1, 1, 1, red, 8, 1, 1, 0, 1, 1, 1, blue, 8, 1, 1, 0, 1, 1, 1,
                alpha, 8, 1, 1, 0, 1, 0, 1, 0, 1);
    }
}
