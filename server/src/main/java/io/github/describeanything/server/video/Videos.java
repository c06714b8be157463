package io.github.describeanything.server.video;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.video.Frames.Packets;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens videos. Thread-safe; few at once, because each may take much memory. */
public final class Videos {
    private static final Logger LOG = LoggerFactory.getLogger(Videos.class);
    private static final int AT_ONCE = 2;
    /** The largest frame of H.264's level 5.2: a little more than 4096 x 2160. */
    private static final long MAX_PIXELS = 36_864 * 256;

    private final VideoOptions options;
    private final int maxFrames;
    private final PictureLimits limits;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final AtomicLong opened = new AtomicLong();
    private final AtomicLong frames = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();
    private @Nullable Optional<Ffmpeg> ffmpeg;

    /**
     * @param maxFrames maximum sampled frames of a video
     * @param limits of a frame; videos have a limit of 9,437,184 pixels besides
     */
    public Videos(VideoOptions options, int maxFrames, PictureLimits limits) {
        this.options = options;
        this.maxFrames = maxFrames;
        this.limits = new PictureLimits(Math.min(limits.maxPixels(), MAX_PIXELS), limits.maxSide());
    }

    /** What was decoded so far. @param seconds spent by ffmpeg, over all videos */
    public record Stats(long videos, long frames, double seconds) {}

    public Stats stats() {
        return new Stats(opened.get(), frames.get(), nanos.get() / 1e9);
    }

    /** Maximum size of a file in bytes. */
    public long maxBytes() {
        return options.bytes();
    }

    /**
     * Opens a video and finds its frames. Blocks while other videos are open.
     *
     * @param param the field of the video, for errors
     * @param least sampled frames of a video that has them
     * @throws ApiException naming the field if it cannot be read here, is damaged or too large
     * @throws CancellationException if the calling thread is interrupted
     */
    public Video open(byte[] encoded, String param, int least) {
        Ffmpeg program = ffmpeg().orElseThrow(() -> ApiException.badRequest(
                param,
                "no_ffmpeg",
                "This server cannot read videos: start it with --ffmpeg PATH, an ffmpeg of version 6 or later, or"
                        + " send frames as pictures"));
        Container container = Container.of(encoded)
                .orElseThrow(() -> ApiException.badRequest(
                        param, "invalid_video", param + " must be an MP4, MOV, WebM, Matroska or GIF file"));
        if (encoded.length > options.bytes()) {
            throw ApiException.badRequest(
                    param,
                    "video_too_large",
                    param + ": the video is larger than " + options.bytes() + " bytes, the limit for videos");
        }
        try {
            turns.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
        try {
            var file = new VideoFile(encoded, container, program, limits.maxPixels(), options.patience(), param);
            try {
                double[] times = times(file, param);
                opened.incrementAndGet();
                return new Video(this, file, times, Sampling.of(times, options.fps(), least, maxFrames));
            } catch (RuntimeException | Error e) {
                file.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            turns.release();
            throw e;
        }
    }

    /** Reads the packets, which decodes nothing. */
    private double[] times(VideoFile file, String param) {
        Ffmpeg.Result<Packets> result =
                timed(() -> file.run(List.of("-c", "copy", "-f", "framecrc", "pipe:1"), Frames::packets));
        Packets packets = result.output();
        boolean sized = Math.min(packets.width(), packets.height()) > 0;
        if (packets.times().length == 0 || !sized) {
            throw file.unreadable(result.errors());
        }
        return packets.times();
    }

    <T> T timed(java.util.function.Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            nanos.addAndGet(System.nanoTime() - start);
        }
    }

    PictureLimits limits() {
        return limits;
    }

    void decoded(int count) {
        frames.addAndGet(count);
    }

    void closed() {
        turns.release();
    }

    /** Looked for at the first video: unpacking takes a moment, and most servers never get one. */
    private synchronized Optional<Ffmpeg> ffmpeg() {
        Optional<Ffmpeg> known = ffmpeg;
        if (known == null || !known.map(Ffmpeg::exists).orElse(true)) {
            try {
                known = Optional.of(Ffmpeg.find(options.ffmpeg()));
            } catch (IOException e) {
                LOG.warn("This server cannot read videos: {}", e.getMessage());
                known = Optional.empty();
            }
            ffmpeg = known;
        }
        return known;
    }
}
