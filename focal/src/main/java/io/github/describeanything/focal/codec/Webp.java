package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;
import static io.github.describeanything.focal.PictureException.Reason.UNSUPPORTED;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a WebP, lossy or lossless, or the first frame of an animation, to the same values as libwebp. Not
 * thread-safe.
 *
 * <p>libwebp decodes lossy colours; it sees only that chunk, whose size was checked. Lossless pixels and losslessly
 * packed alpha are decoded in Java ({@link Vp8l}), because libwebp's memory for prefix codes is unbounded.
 */
final class Webp {
    private static final int HEADER = 12;
    private static final int HAS_ALPHA = 0x10;
    private static final int FRAME_HEADER = 16;
    private static final int LOSSLESS_HEADER = 5;
    private static final String EXIF_START = "Exif\0\0";

    /** A frame's chunks, of which one holds colours. */
    private static final class Frame {
        private @Nullable ByteBuffer lossy;
        private @Nullable ByteBuffer lossless;
        private @Nullable ByteBuffer alpha;

        void take(String type, ByteBuffer body) {
            if ((type.equals("VP8 ") || type.equals("VP8L")) && (lossy != null || lossless != null)) {
                throw new PictureException(MALFORMED, "The WebP holds more than one picture");
            }
            switch (type) {
                case "ALPH" -> alpha = body;
                case "VP8 " -> lossy = body;
                case "VP8L" -> lossless = body;
                default -> {}
            }
        }
    }

    private final Frame still = new Frame();
    private @Nullable ByteBuffer extended;
    private @Nullable ByteBuffer firstFrame;
    private @Nullable ByteBuffer exif;

    private Webp(byte[] encoded) {
        var bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        long size = Integer.toUnsignedLong(bytes.getInt(4)) + 8;
        if (size > encoded.length || size < HEADER) {
            throw new PictureException(MALFORMED, "The WebP is shorter than its header says");
        }
        var chunks = new WebpChunks(bytes.slice(HEADER, (int) size - HEADER));
        while (chunks.next()) {
            switch (chunks.type()) {
                case "VP8X" -> extended = chunks.body();
                case "ANMF" -> firstFrame = firstFrame == null ? chunks.body() : firstFrame;
                case "EXIF" -> exif = chunks.body();
                default -> still.take(chunks.type(), chunks.body());
            }
        }
    }

    static Decoded decode(byte[] encoded, PictureLimits limits, Samples samples) {
        var webp = new Webp(encoded);
        Picture picture = webp.firstFrame == null
                ? decode(webp.still, limits, samples)
                : webp.animated(webp.firstFrame, limits, samples);
        return new Decoded.Direct(picture);
    }

    static Orientation orientation(byte[] encoded) {
        ByteBuffer exif = new Webp(encoded).exif;
        if (exif == null) {
            return Orientation.TOP_LEFT;
        }
        // Some writers keep the prefix that EXIF has in JPEG.
        boolean prefixed = exif.remaining() > EXIF_START.length() && exif.get(0) == 'E' && exif.get(1) == 'x';
        return Exif.orientation(
                prefixed ? exif.slice(EXIF_START.length(), exif.remaining() - EXIF_START.length()) : exif);
    }

    /** The first frame on its canvas, transparent elsewhere. */
    private Picture animated(ByteBuffer body, PictureLimits limits, Samples samples) {
        ByteBuffer canvas = extended;
        if (canvas == null || canvas.remaining() < 10 || body.remaining() < FRAME_HEADER) {
            throw new PictureException(MALFORMED, "The WebP's animation has no header");
        }
        int width = 1 + threeBytes(canvas, 4);
        int height = 1 + threeBytes(canvas, 7);
        limits.check(width, height);
        var frame = new Frame();
        var chunks = new WebpChunks(body.slice(FRAME_HEADER, body.remaining() - FRAME_HEADER));
        while (chunks.next()) {
            frame.take(chunks.type(), chunks.body());
        }
        Picture picture = decode(frame, limits, samples);
        int left = 2 * threeBytes(body, 0);
        int top = 2 * threeBytes(body, 3);
        if (left + picture.width() > width || top + picture.height() > height) {
            throw new PictureException(MALFORMED, "The WebP's frame lies outside its canvas");
        }
        boolean alpha = (canvas.get(0) & HAS_ALPHA) != 0;
        if (picture.width() == width && picture.height() == height && alpha == picture.hasAlpha()) {
            return picture;
        }
        var rgba = new byte[4 * width * height];
        for (int y = 0; y < picture.height(); y++) {
            int to = 4 * ((top + y) * width + left);
            System.arraycopy(picture.rgba(), 4 * y * picture.width(), rgba, to, 4 * picture.width());
        }
        for (int at = 3; !alpha && at < rgba.length; at += 4) {
            rgba[at] = (byte) 255;
        }
        return new Picture(width, height, rgba, alpha);
    }

    private static int threeBytes(ByteBuffer bytes, int at) {
        return bytes.getShort(at) & 0xFFFF | (bytes.get(at + 2) & 0xFF) << 16;
    }

    private static Picture decode(Frame frame, PictureLimits limits, Samples samples) {
        if (frame.lossless != null) {
            return lossless(frame.lossless, limits, samples);
        }
        if (frame.lossy == null) {
            throw new PictureException(MALFORMED, "The WebP holds no picture");
        }
        if (samples == Samples.PRESENCE) {
            throw new PictureException(UNSUPPORTED, "Lossy WebP compression blurs the edges of a mask: send it as PNG");
        }
        return lossy(frame.lossy, frame.alpha, limits);
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
        int[] argb = Vp8l.decode(pixels.slice(LOSSLESS_HEADER, pixels.remaining() - LOSSLESS_HEADER), width, height);
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
        byte[] start = {(byte) 0x9D, 0x01, 0x2A};
        if (pixels.remaining() < 10
                || (pixels.get(0) & 1) != 0
                || !Arrays.equals(new byte[] {pixels.get(3), pixels.get(4), pixels.get(5)}, start)) {
            throw new PictureException(MALFORMED, "The WebP's pixels have no header");
        }
        int width = pixels.getShort(6) & 0x3FFF;
        int height = pixels.getShort(8) & 0x3FFF;
        limits.check(width, height);
        byte[] rgba = Libwebp.rgba(pixels, width, height);
        if (alpha != null) {
            byte[] values = WebpAlpha.decode(alpha, width, height);
            for (int i = 0; i < values.length; i++) {
                rgba[4 * i + 3] = values[i];
            }
        }
        return new Picture(width, height, rgba, alpha != null);
    }
}
