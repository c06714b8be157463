package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one still WebP, lossy or lossless. Not thread-safe.
 *
 * <p>The library decodes lossy colours alone: of lossless ones, and of alpha packed like them, it reads palettes wrongly and
 * refuses small and well packed files. It is given nothing else: profiles, EXIF and XMP stay behind, so that no colour is
 * managed.
 */
final class Webp {
    private static final int HEADER = 12;
    private static final int ANIMATED = 0x02;
    private static final int LOSSLESS_HEADER = 5;

    private @Nullable ByteBuffer pixels;
    private @Nullable ByteBuffer alpha;
    private boolean lossless;

    private Webp(byte[] encoded) {
        var bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        long size = Integer.toUnsignedLong(bytes.getInt(4)) + 8;
        if (size > encoded.length || size < HEADER) {
            throw new PictureException(MALFORMED, "The WebP ends before its size says");
        }
        bytes.limit((int) size).position(HEADER);
        while (bytes.remaining() >= 8) {
            int start = bytes.position();
            String type =
                    StandardCharsets.ISO_8859_1.decode(bytes.slice(start, 4)).toString();
            long length = Integer.toUnsignedLong(bytes.getInt(start + 4));
            if (length > bytes.remaining() - 8) {
                throw new PictureException(MALFORMED, "The WebP ends inside a chunk");
            }
            var body = bytes.slice(start + 8, (int) length).order(ByteOrder.LITTLE_ENDIAN);
            take(type, body);
            bytes.position((int) Math.min(start + 8 + length + (length & 1), bytes.limit()));
        }
    }

    private void take(String type, ByteBuffer body) {
        switch (type) {
            case "VP8X" -> {
                if (body.remaining() < 10) {
                    throw new PictureException(MALFORMED, "The WebP's header is too short");
                }
                if ((body.get(0) & ANIMATED) != 0) {
                    throw animated();
                }
            }
            case "ANIM", "ANMF" -> throw animated();
            case "ALPH" -> alpha = body;
            case "VP8 ", "VP8L" -> {
                if (pixels != null) {
                    throw new PictureException(MALFORMED, "The WebP holds more than one picture");
                }
                pixels = body;
                lossless = type.equals("VP8L");
            }
            default -> {}
        }
    }

    private static PictureException animated() {
        return new PictureException(UNSUPPORTED, "The WebP is animated: send its frames one by one");
    }

    static Picture decode(byte[] encoded, PictureLimits limits, Samples samples) {
        var webp = new Webp(encoded);
        ByteBuffer pixels = webp.pixels;
        if (pixels == null) {
            throw new PictureException(MALFORMED, "The WebP holds no picture");
        }
        if (samples == Samples.PRESENCE && !webp.lossless) {
            throw new PictureException(UNSUPPORTED, "A lossy WebP's losses blur a mask: send it as PNG");
        }
        return webp.lossless ? lossless(pixels, limits, samples) : lossy(pixels, webp.alpha, limits);
    }

    /** WebP lossless bitstream, section 3: a signature byte, 14 bits each of width - 1 and height - 1, one of alpha, 3 of 0. */
    private static Picture lossless(ByteBuffer pixels, PictureLimits limits, Samples samples) {
        if (pixels.remaining() < LOSSLESS_HEADER || pixels.get(0) != 0x2F || (pixels.get(4) & 0xE0) != 0) {
            throw new PictureException(MALFORMED, "The WebP's pixels have no header");
        }
        int bits = pixels.getInt(1);
        int width = (bits & 0x3FFF) + 1;
        int height = (bits >> 14 & 0x3FFF) + 1;
        limits.check(width, height);
        boolean alpha = (bits >> 28 & 1) == 1;
        int[] argb = Vp8l.decode(pixels.position(LOSSLESS_HEADER), width, height);
        var rgba = new byte[4 * argb.length];
        for (int i = 0; i < argb.length; i++) {
            int pixel = argb[i];
            rgba[4 * i] = sample(pixel >> 16, samples);
            rgba[4 * i + 1] = sample(pixel >> 8, samples);
            rgba[4 * i + 2] = sample(pixel, samples);
            rgba[4 * i + 3] = alpha ? sample(pixel >> 24, samples) : (byte) 255;
        }
        return new Picture(width, height, rgba, alpha);
    }

    private static byte sample(int value, Samples wanted) {
        return wanted == Samples.COLOURS || (byte) value == 0 ? (byte) value : (byte) 255;
    }

    /** RFC 6386, section 9.1: three bytes of frame tag, a start code, 14 bits each of width and height. */
    private static Picture lossy(ByteBuffer pixels, @Nullable ByteBuffer alpha, PictureLimits limits) {
        if (pixels.remaining() < 10
                || (pixels.get(0) & 1) != 0
                || pixels.get(3) != (byte) 0x9D
                || pixels.get(4) != 0x01
                || pixels.get(5) != 0x2A) {
            throw new PictureException(MALFORMED, "The WebP's pixels have no header");
        }
        int width = pixels.getShort(6) & 0x3FFF;
        int height = pixels.getShort(8) & 0x3FFF;
        limits.check(width, height);
        var alone = riff(chunkBytes(pixels)).put(chunk("VP8 ", pixels));
        Picture colours = read(alone, width, height);
        return alpha == null ? colours : under(alpha(alpha, width, height), colours);
    }

    /** The picture with these values as its alpha. */
    private static Picture under(byte[] alpha, Picture colours) {
        byte[] rgba = colours.rgba();
        for (int i = 0; i < alpha.length; i++) {
            rgba[4 * i + 3] = alpha[i];
        }
        return new Picture(colours.width(), colours.height(), rgba, true);
    }

    /**
     * WebP container specification, "Alpha": a byte of how, then a value a pixel, as they are or as the green of a lossless
     * bitstream without a header.
     */
    private static byte[] alpha(ByteBuffer body, int width, int height) {
        if (!body.hasRemaining()) {
            throw new PictureException(MALFORMED, "The WebP's alpha is empty");
        }
        int how = body.get(0);
        ByteBuffer values = body.slice(1, body.remaining() - 1);
        byte[] alpha = switch (how & 3) {
            case 0 -> plain(values, width * height);
            case 1 -> green(values, width, height);
            default -> throw new PictureException(MALFORMED, "The WebP's alpha is packed in no known way");
        };
        unfilter(alpha, width, how >> 2 & 3);
        return alpha;
    }

    private static byte[] plain(ByteBuffer values, int count) {
        if (values.remaining() < count) {
            throw new PictureException(MALFORMED, "The WebP's alpha ends early");
        }
        var plain = new byte[count];
        values.get(0, plain);
        return plain;
    }

    private static byte[] green(ByteBuffer values, int width, int height) {
        int[] argb = Vp8l.decode(values, width, height);
        var green = new byte[argb.length];
        for (int i = 0; i < green.length; i++) {
            green[i] = (byte) (argb[i] >> 8);
        }
        return green;
    }

    /** Values are differences from what their neighbours let expect: left (1), above (2), or a plane through three (3). */
    private static void unfilter(byte[] values, int width, int filter) {
        for (int i = 1; filter != 0 && i < values.length; i++) {
            int x = i % width;
            int left = x > 0 ? values[i - 1] & 0xFF : 0;
            int above = i >= width ? values[i - width] & 0xFF : 0;
            boolean edge = x == 0 || i < width;
            int expected;
            if (edge) {
                expected = x == 0 ? above : left;
            } else if (filter == 3) {
                expected = Math.clamp(left + above - (values[i - width - 1] & 0xFF), 0, 255);
            } else {
                expected = filter == 1 ? left : above;
            }
            values[i] += (byte) expected;
        }
    }

    @SuppressWarnings("ByteBufferBackingArray") // allocated by riff(), so that the array is the file
    private static Picture read(ByteBuffer file, int width, int height) {
        var reader = new WebPImageReaderSpi().createReaderInstance(null);
        return Rasters.read(reader, new ByteArrayImageInputStream(file.array()), width, height, false, Samples.COLOURS);
    }

    private static ByteBuffer riff(int content) {
        return ByteBuffer.allocate(HEADER + content)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(StandardCharsets.ISO_8859_1))
                .putInt(4 + content)
                .put("WEBP".getBytes(StandardCharsets.ISO_8859_1));
    }

    private static int chunkBytes(ByteBuffer body) {
        return 8 + body.capacity() + (body.capacity() & 1);
    }

    private static ByteBuffer chunk(String type, ByteBuffer body) {
        var chunk = ByteBuffer.allocate(chunkBytes(body))
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(type.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(body.capacity());
        chunk.put(8, body, 0, body.capacity());
        return chunk.rewind();
    }
}
