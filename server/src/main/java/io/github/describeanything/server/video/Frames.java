package io.github.describeanything.server.video;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what ffmpeg writes: a list of packets, and PNG pictures one after the other. Stateless. */
final class Frames {
    /** 250,000 frames: more than two hours at 30 a second. */
    static final int MAX_PACKETS = 250_000;

    private static final int MAX_LINE = 4096;
    private static final int SIGNATURE = 8;
    private static final int CHUNK_OVERHEAD = 12;
    private static final int IEND = 0x49454E44;

    private static final Pattern TIME_BASE = Pattern.compile("#tb 0: (\\d{1,9})/(\\d{1,9})");
    private static final Pattern DIMENSIONS = Pattern.compile("#dimensions 0: (\\d{1,9})x(\\d{1,9})");
    private static final Pattern PACKET =
            Pattern.compile("0, +-?\\d+, +(-?\\d{1,18}), +\\d+, +\\d+, 0x[0-9a-f]+(?:, F=0x([0-9A-F]{1,4}))?.*");
    /** The flag of packets that an edit list cuts away: they are decoded but not shown. */
    private static final int DISCARDED = 4;

    private static final Pattern SAMPLED = Pattern.compile("(?m)^sampled (-?\\d{1,18}) (\\d{1,9})/(\\d{1,9})$");

    private Frames() {}

    /** A video has more packets than {@link #MAX_PACKETS}, or its pictures take too many bytes. */
    static final class TooManyException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /**
     * The packets of a video, in the format of the muxer {@code framecrc}.
     *
     * @param times when their frames are shown, in seconds, ascending
     */
    record Packets(int width, int height, double[] times) {}

    static Packets packets(InputStream out) throws IOException {
        double unit = 0;
        int width = 0;
        int height = 0;
        var times = new double[64];
        int count = 0;
        for (String line = line(out); !line.isEmpty(); line = line(out)) {
            Matcher packet = PACKET.matcher(line);
            if (packet.matches()) {
                if (count == MAX_PACKETS) {
                    throw new TooManyException();
                }
                int flags = packet.group(2) == null ? 0 : Integer.parseInt(packet.group(2), 16);
                if ((flags & DISCARDED) == 0) {
                    times = count == times.length ? Arrays.copyOf(times, 2 * count) : times;
                    times[count++] = Long.parseLong(packet.group(1)) * unit;
                }
            } else if (TIME_BASE.matcher(line) instanceof Matcher it && it.matches()) {
                unit = Double.parseDouble(it.group(1)) / Double.parseDouble(it.group(2));
            } else if (DIMENSIONS.matcher(line) instanceof Matcher it && it.matches()) {
                width = Integer.parseInt(it.group(1));
                height = Integer.parseInt(it.group(2));
            }
        }
        return new Packets(
                width,
                height,
                Arrays.stream(times, 0, count).sorted().distinct().toArray());
    }

    /** The times of the pictures in seconds, from lines such as {@code sampled 1120 1/1000}. */
    static double[] times(String errors) {
        return SAMPLED.matcher(errors)
                .results()
                .mapToDouble(it -> Double.parseDouble(it.group(1))
                        * Double.parseDouble(it.group(2))
                        / Double.parseDouble(it.group(3)))
                .toArray();
    }

    /**
     * The pictures, each a whole file; one that is cut off is dropped.
     *
     * @param most maximum bytes of all together
     */
    static List<byte[]> pictures(InputStream out, long most) throws IOException {
        var pictures = new ArrayList<byte[]>();
        var in = new DataInputStream(out);
        long left = most;
        try {
            while (true) {
                byte[] picture = picture(in, left);
                left -= picture.length;
                pictures.add(picture);
            }
        } catch (EOFException e) {
            return pictures;
        }
    }

    private static byte[] picture(DataInputStream in, long most) throws IOException {
        var file = new ByteArrayOutputStream();
        var copy = new DataOutputStream(file);
        var signature = new byte[SIGNATURE];
        in.readFully(signature);
        copy.write(signature);
        int type;
        do {
            int length = in.readInt();
            type = in.readInt();
            if (length < 0 || file.size() + CHUNK_OVERHEAD + (long) length > most) {
                throw new TooManyException();
            }
            copy.writeInt(length);
            copy.writeInt(type);
            var data = new byte[length + Integer.BYTES];
            in.readFully(data);
            copy.write(data);
        } while (type != IEND);
        return file.toByteArray();
    }

    /** A line without its end; empty at the end of the stream. Longer lines are cut. */
    private static String line(InputStream out) throws IOException {
        var line = new StringBuilder();
        for (int next = out.read(); next >= 0; next = out.read()) {
            if (next == '\n') {
                return line.isEmpty() ? "\n" : line.toString();
            }
            if (line.length() < MAX_LINE) {
                line.append((char) next);
            }
        }
        return line.toString();
    }
}
