package io.github.describeanything.focal.codec;

import static io.github.describeanything.focal.PictureException.Reason.MALFORMED;

import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * Unpacks a TIFF's samples as stored. Stateless.
 *
 * <p>TwelveMonkeys unpacks strips and tiles. It gets a rewritten directory that declares every picture gray or RGB with
 * 0 as black, so it changes no sample. JPEG inside TIFF is decoded like a JPEG file, with the same limits for each
 * strip.
 */
final class TiffSamples {
    private TiffSamples() {}

    static Raster of(TiffDirectory directory, TiffLayout layout, PictureLimits limits) {
        return layout.compression() == TiffLayout.JPEG ? jpeg(directory, layout, limits) : unpacked(directory, layout);
    }

    private static Raster unpacked(TiffDirectory directory, TiffLayout layout) {
        var reader = new TIFFImageReaderSpi().createReaderInstance(null);
        try (var stream = new ByteArrayImageInputStream(rewritten(directory, layout))) {
            reader.setInput(stream, true, true);
            return reader.readRaster(0, null);
        } catch (IOException e) {
            throw new PictureException(MALFORMED, "The TIFF is damaged and cannot be decoded", e);
        } finally {
            reader.dispose();
        }
    }

    /** The file with the rewritten directory appended. */
    private static byte[] rewritten(TiffDirectory directory, TiffLayout layout) {
        int colours = layout.samples() >= 3 ? 3 : 1;
        var entries = new TreeMap<Integer, int[]>();
        entries.put(TiffDirectory.WIDTH, new int[] {layout.width()});
        entries.put(TiffDirectory.HEIGHT, new int[] {layout.height()});
        entries.put(TiffDirectory.BITS, repeated(layout.bits(), layout.samples()));
        entries.put(TiffDirectory.COMPRESSION, new int[] {layout.compression()});
        entries.put(TiffDirectory.PHOTOMETRIC, new int[] {colours == 3 ? 2 : 1});
        entries.put(TiffDirectory.SAMPLES, new int[] {layout.samples()});
        entries.put(TiffDirectory.PLANAR, new int[] {layout.separate() ? 2 : 1});
        entries.put(TiffDirectory.SAMPLE_FORMAT, repeated(layout.format(), layout.samples()));
        if (layout.samples() > colours) {
            // The first is straight alpha, the others are unspecified.
            var extra = new int[layout.samples() - colours];
            extra[0] = 2;
            entries.put(TiffDirectory.EXTRA_SAMPLES, extra);
        }
        if (layout.tiled()) {
            entries.put(TiffDirectory.TILE_WIDTH, new int[] {layout.tileWidth()});
            entries.put(TiffDirectory.TILE_HEIGHT, new int[] {layout.tileHeight()});
        } else {
            entries.put(TiffDirectory.ROWS_A_STRIP, new int[] {layout.tileHeight()});
        }
        entries.put(layout.tiled() ? TiffDirectory.TILE_OFFSETS : TiffDirectory.STRIP_OFFSETS, layout.offsets());
        entries.put(layout.tiled() ? TiffDirectory.TILE_BYTES : TiffDirectory.STRIP_BYTES, layout.lengths());
        for (int tag : new int[] {
            TiffDirectory.FILL_ORDER, TiffDirectory.T4_OPTIONS, TiffDirectory.T6_OPTIONS, TiffDirectory.PREDICTOR
        }) {
            if (directory.has(tag)) {
                entries.put(tag, new int[] {(int) directory.value(tag, 0)});
            }
        }
        return written(directory, entries);
    }

    private static int[] repeated(int value, int times) {
        var values = new int[times];
        Arrays.fill(values, value);
        return values;
    }

    /** Writes every value as a LONG; entries with several values point behind the directory. */
    private static byte[] written(TiffDirectory directory, TreeMap<Integer, int[]> entries) {
        byte[] file = directory.file();
        int start = file.length + (file.length & 1);
        int values = start + 2 + 12 * entries.size() + 4;
        int size = values;
        for (int[] numbers : entries.values()) {
            size += numbers.length > 1 ? 4 * numbers.length : 0;
        }
        var whole = ByteBuffer.allocate(size).order(directory.order());
        // This turns a BigTIFF into a classic TIFF, too.
        whole.put(file).putShort(2, (short) 42).putInt(4, start);
        whole.position(start).putShort((short) entries.size());
        for (var entry : entries.entrySet()) {
            int[] numbers = entry.getValue();
            boolean one = numbers.length == 1;
            whole.putShort(entry.getKey().shortValue()).putShort((short) 4).putInt(numbers.length);
            whole.putInt(one ? numbers[0] : values);
            for (int i = 0; i < numbers.length && !one; i++, values += 4) {
                whole.putInt(values, numbers[i]);
            }
        }
        return whole.array();
    }

    private static Raster jpeg(TiffDirectory directory, TiffLayout layout, PictureLimits limits) {
        byte[] tables = directory.bytes(TiffDirectory.JPEG_TABLES);
        int planes = layout.separate() ? layout.samples() : 1;
        int samples = layout.separate() ? 1 : layout.samples();
        var whole = new byte[layout.width() * layout.height() * layout.samples()];
        int across = Math.ceilDiv(layout.width(), layout.tileWidth());
        int down = Math.ceilDiv(layout.height(), layout.tileHeight());
        for (int part = 0; part < layout.offsets().length; part++) {
            int place = part % (across * down);
            int x = place % across * layout.tileWidth();
            int y = place / across * layout.tileHeight();
            int width = Math.min(layout.tileWidth(), layout.width() - x);
            int height = Math.min(layout.tileHeight(), layout.height() - y);
            var header = JpegSegments.of(
                    joined(tables, directory.file(), layout.offsets()[part], layout.lengths()[part]), limits);
            boolean fits = header.width() >= width
                    && header.height() >= height
                    && header.width() <= layout.tileWidth()
                    && header.height() <= Math.max(layout.tileHeight(), height);
            if (!fits || header.components() != samples) {
                throw new PictureException(MALFORMED, "A JPEG inside the TIFF differs in size from its tile");
            }
            byte[] components = JpegComponents.of(header);
            int plane = part / (across * down);
            for (int row = 0; row < height; row++) {
                int from = row * header.width() * samples;
                int to = ((y + row) * layout.width() + x) * layout.samples() + (planes > 1 ? plane : 0);
                for (int i = 0; i < width * samples; i++) {
                    whole[to + i * planes] = components[from + i];
                }
            }
        }
        var offsets = new int[layout.samples()];
        Arrays.setAll(offsets, i -> i);
        return Raster.createInterleavedRaster(
                new DataBufferByte(whole, whole.length),
                layout.width(),
                layout.height(),
                layout.width() * layout.samples(),
                layout.samples(),
                offsets,
                null);
    }

    /** Joins two JPEG streams: the tables without their end, the pixels without their start. */
    private static byte[] joined(byte[] tables, byte[] file, int offset, int length) {
        int kept = tables.length < 4 ? 0 : tables.length - 2;
        if (kept == 0) {
            return Arrays.copyOfRange(file, offset, offset + length);
        }
        var stream = new byte[kept + Math.max(0, length - 2)];
        System.arraycopy(tables, 0, stream, 0, kept);
        System.arraycopy(file, offset + 2, stream, kept, stream.length - kept);
        return stream;
    }
}
