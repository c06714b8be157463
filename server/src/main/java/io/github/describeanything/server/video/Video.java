package io.github.describeanything.server.video;

import io.github.describeanything.server.errors.ApiException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * An opened video: its sampled frames are known but not decoded. Used by one thread; closing deletes its file and lets the
 * next video in. May be closed again.
 */
public final class Video implements AutoCloseable {
    /** All frames that a request may hold: eight of 9 megapixels that cannot be compressed. */
    private static final long MAX_PICTURE_BYTES = 256L << 20;
    /**
     * With square pixels, as players show them: of the two sides one grows, within the limits of a side and of all pixels.
     */
    private static final String SHOWN = "scale=w='if(gt(sar,1),min(min(%1$d,floor(%2$d/ih)),round(iw*sar)),iw)'"
            + ":h='if(lt(sar,1),min(min(%1$d,floor(%2$d/iw)),round(ih/sar)),ih)'"
            + ":flags=bicubic+accurate_rnd+full_chroma_int,setsar=1";

    private final Videos videos;
    private final VideoFile file;
    private final double[] all;
    private final int[] sampled;
    private boolean closed;

    /**
     * @param all times of all frames in seconds, ascending
     * @param sampled indexes into them, ascending
     */
    Video(Videos videos, VideoFile file, double[] all, int[] sampled) {
        this.videos = videos;
        this.file = file;
        this.all = all;
        this.sampled = sampled;
    }

    /** When each sampled frame is shown, in seconds from the first; at least one. */
    public double[] times() {
        return Arrays.stream(sampled).mapToDouble(it -> all[it] - all[0]).toArray();
    }

    /**
     * Decodes sampled frames. Blocks. A frame that is damaged is replaced by the nearest that is not.
     *
     * @param frames ascending; may repeat
     * @return for each a PNG file without alpha
     * @throws ApiException if none can be decoded, or that takes too long or too much memory
     */
    public List<byte[]> decode(int... frames) {
        int[] wanted = Arrays.stream(frames).map(it -> sampled[it]).distinct().toArray();
        Ffmpeg.Result<List<byte[]>> result =
                videos.timed(() -> file.run(arguments(wanted), out -> Frames.pictures(out, MAX_PICTURE_BYTES)));
        List<byte[]> pictures = result.output();
        double[] times = Arrays.stream(Frames.times(result.errors()))
                .limit(pictures.size())
                .toArray();
        if (times.length == 0) {
            throw file.unreadable(result.errors());
        }
        videos.decoded(times.length);
        return Arrays.stream(frames)
                .mapToObj(it -> pictures.get(Sampling.nearest(times, all[sampled[it]])))
                .toList();
    }

    private List<String> arguments(int[] wanted) {
        var select = new StringBuilder();
        for (int frame : wanted) {
            // Halfway from the frame before, so that rounding does not matter.
            double after = frame == 0 ? -1e9 : (all[frame - 1] + all[frame]) / 2;
            select.append(select.isEmpty() ? "select='" : "+")
                    .append(String.format(Locale.ROOT, "gt(t,%1$.6f)*not(gt(prev_t,%1$.6f))", after));
        }
        var arguments = new ArrayList<String>();
        arguments.addAll(List.of("-vf", select + "'," + shown(), "-fps_mode", "passthrough"));
        arguments.addAll(List.of("-frames:v", Integer.toString(wanted.length), "-enc_time_base", "-1"));
        arguments.addAll(List.of("-stats_enc_pre", "pipe:2", "-stats_enc_pre_fmt", "sampled {pts} {tb}"));
        arguments.addAll(List.of("-c:v", "png", "-pix_fmt", "rgb24", "-compression_level", "1", "-pred", "up"));
        arguments.addAll(List.of("-threads", "1", "-f", "image2pipe", "pipe:1"));
        return arguments;
    }

    private String shown() {
        return SHOWN.formatted(videos.limits().maxSide(), videos.limits().maxPixels());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            file.close();
            videos.closed();
        }
    }
}
