package io.github.describeanything.server.video;

import io.github.describeanything.server.errors.ApiException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A video in a temporary file that only this user can read, and ffmpeg over it. Used by one thread; closing deletes the
 * file.
 */
final class VideoFile implements AutoCloseable {
    private static final String DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,gif";
    private static final String DECODERS =
            "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libaom-av1,libdav1d,mpeg4,h263,mjpeg,prores,gif";
    private static final int MAX_STREAMS = 32;

    private final Ffmpeg ffmpeg;
    private final String demuxer;
    private final Path file;
    private final long maxPixels;
    private final Duration patience;
    private final long deadline;
    private final String param;

    /**
     * Writes the file.
     *
     * @param patience maximum time of all runs together, from now on
     * @param param the field of the video, for errors
     */
    VideoFile(byte[] encoded, Container container, Ffmpeg ffmpeg, long maxPixels, Duration patience, String param) {
        this.ffmpeg = ffmpeg;
        this.demuxer = container.demuxer();
        this.maxPixels = maxPixels;
        this.patience = patience;
        this.deadline = System.nanoTime() + patience.toNanos();
        this.param = param;
        try {
            file = Files.createTempFile("describe-anything-video", "");
            try {
                Files.write(file, encoded);
            } catch (IOException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("A temporary file for a video cannot be written", e);
        }
    }

    /**
     * Runs ffmpeg.
     *
     * @param output arguments after the input
     * @throws ApiException naming the video if its time or its frames are too many
     */
    <T> Ffmpeg.Result<T> run(List<String> output, Ffmpeg.Reader<T> reader) {
        var arguments = new ArrayList<String>(List.of("-hide_banner", "-nostdin", "-v", "error"));
        arguments.addAll(List.of("-protocol_whitelist", "fd", "-format_whitelist", DEMUXERS));
        arguments.addAll(List.of("-codec_whitelist", DECODERS, "-max_streams", Integer.toString(MAX_STREAMS)));
        arguments.addAll(List.of("-max_pixels:v", Long.toString(maxPixels), "-threads", "1", "-copyts"));
        arguments.addAll(List.of("-f", demuxer, "-i", "fd:", "-map", "0:V:0"));
        arguments.addAll(output);
        try {
            return ffmpeg.run(arguments, Optional.of(file), deadline, reader);
        } catch (Ffmpeg.TooSlowException e) {
            throw tooLarge("takes more than %s seconds to decode: send a shorter or smaller one"
                    .formatted(Double.toString(patience.toMillis() / 1e3).replaceFirst("\\.0$", "")));
        } catch (Frames.TooManyException e) {
            throw tooLarge("has too many frames, or too large ones: send a shorter or smaller one");
        } catch (IOException e) {
            throw new UncheckedIOException("ffmpeg failed", e);
        }
    }

    /** Why nothing could be read, from what ffmpeg said. */
    ApiException unreadable(String errors) {
        if (errors.contains("exceeds specified max pixel count")) {
            return tooLarge("has frames of more than %d pixels: send a smaller one".formatted(maxPixels));
        }
        return damaged(
                errors.contains("matches no streams")
                        ? "has no pictures, only other streams"
                        : "is damaged, or of a kind that cannot be read here");
    }

    private ApiException tooLarge(String why) {
        return ApiException.badRequest(param, "video_too_large", param + ": the video " + why);
    }

    private ApiException damaged(String why) {
        return ApiException.badRequest(param, "invalid_video", param + ": the video " + why);
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }
}
