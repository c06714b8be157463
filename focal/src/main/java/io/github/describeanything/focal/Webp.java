package io.github.describeanything.focal;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one still WebP, lossy or lossless. Not thread-safe.
 *
 * <p>The decoder is given only the pixels and their alpha: profiles, EXIF and XMP stay behind, so that no colour is
 * managed.
 */
final class Webp {
    private static final int HEADER = 12;
    private static final int ANIMATED = 0x02;
    private static final byte ALPHA = 0x10;

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

    /** WebP lossless bitstream, section 3: a signature byte, 14 bits each of width - 1 and height - 1, one of alpha. */
    private static Picture lossless(ByteBuffer pixels, PictureLimits limits, Samples samples) {
        if (pixels.remaining() < 5 || pixels.get(0) != 0x2F) {
            throw new PictureException(MALFORMED, "The WebP's pixels have no header");
        }
        int bits = pixels.getInt(1);
        int width = (bits & 0x3FFF) + 1;
        int height = (bits >> 14 & 0x3FFF) + 1;
        limits.check(width, height);
        var alone = riff(chunkBytes(pixels)).put(chunk("VP8L", pixels));
        return read(alone, width, height, (bits >> 28 & 1) == 1, samples);
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
        if (alpha == null) {
            return read(riff(chunkBytes(pixels)).put(chunk("VP8 ", pixels)), width, height, false, Samples.COLOURS);
        }
        var extended = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
        extended.put(0, ALPHA).putInt(4, width - 1).putShort(7, (short) (height - 1));
        extended.put(9, (byte) (height - 1 >> 16));
        var both = riff(chunkBytes(extended) + chunkBytes(alpha) + chunkBytes(pixels))
                .put(chunk("VP8X", extended))
                .put(chunk("ALPH", alpha))
                .put(chunk("VP8 ", pixels));
        return read(both, width, height, true, Samples.COLOURS);
    }

    @SuppressWarnings("ByteBufferBackingArray") // allocated by riff(), so that the array is the file
    private static Picture read(ByteBuffer file, int width, int height, boolean alpha, Samples samples) {
        var reader = new WebPImageReaderSpi().createReaderInstance(null);
        return Rasters.read(reader, new ByteArrayImageInputStream(file.array()), width, height, alpha, samples);
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
