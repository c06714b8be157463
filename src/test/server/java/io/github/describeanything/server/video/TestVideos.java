package io.github.describeanything.server.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Makes videos with the server's own ffmpeg. Stateless. */
public final class TestVideos {
    private static final Ffmpeg FFMPEG = found();

    private TestVideos() {}

    private static Ffmpeg found() {
        try {
            return Ffmpeg.find(VideoOptions.AUTO);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder with a command that runs the server's own ffmpeg with its libraries; empty if it uses the one on the PATH. */
    public static Optional<Path> program() {
        try {
            Optional<Path> bundled = BundledFfmpeg.program();
            if (bundled.isEmpty()) {
                return bundled;
            }
            Path folder = Files.createTempDirectory("ffmpeg-command");
            Path command = folder.resolve(BundledFfmpeg.PROGRAM);
            String script = "#!/bin/sh\nLD_LIBRARY_PATH='%s' exec '%s' \"$@\"\n";
            Files.writeString(command, script.formatted(bundled.get().getParent(), bundled.get()));
            if (!command.toFile().setExecutable(true)) {
                throw new IOException(command + " cannot be made executable");
            }
            folder.toFile().deleteOnExit();
            command.toFile().deleteOnExit();
            return Optional.of(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A video whose frame i is plain gray of level 4 i, up to 255.
     *
     * @param size such as 64x48
     * @param fps frames per second
     * @param frames number of frames
     */
    public static byte[] gray(String size, String fps, int frames) {
        return made(
                "mp4",
                "color=black:size=%s:rate=%s,geq=lum='min(4*N,255)':cb=128:cr=128".formatted(size, fps),
                "-frames:v",
                Integer.toString(frames),
                "-c:v",
                "mpeg4",
                "-q:v",
                "1");
    }

    /** Runs ffmpeg over the source of libavfilter. @param format such as mp4 or webm */
    public static byte[] made(String format, String source, String... arguments) {
        var all = new ArrayList<String>(List.of("-f", "lavfi", "-i", source));
        all.addAll(List.of(arguments));
        return run(format, all, Optional.empty());
    }

    /** Runs ffmpeg over another video, whose argument is {@code -i fd:}. */
    public static byte[] changed(byte[] video, String format, String... arguments) {
        return run(format, List.of(arguments), Optional.of(video));
    }

    private static byte[] run(String format, List<String> arguments, Optional<byte[]> video) {
        try {
            Path folder = Files.createTempDirectory("videos");
            try {
                Optional<Path> input = Optional.empty();
                if (video.isPresent()) {
                    input = Optional.of(Files.write(folder.resolve("in"), video.get()));
                }
                var all = new ArrayList<String>(List.of("-v", "error", "-nostdin"));
                all.addAll(arguments);
                // A fragmented file needs no seeking, so it can be written to a pipe.
                if (format.equals("mp4") || format.equals("mov")) {
                    all.addAll(List.of("-movflags", "+frag_keyframe+empty_moov+default_base_moof+delay_moov"));
                }
                all.addAll(List.of("-fflags", "+bitexact", "-flags", "+bitexact", "-f", format, "pipe:1"));
                Ffmpeg.Result<byte[]> made = FFMPEG.run(
                        all, input, System.nanoTime() + Duration.ofMinutes(2).toNanos(), it -> it.readAllBytes());
                if (made.output().length == 0) {
                    throw new IllegalStateException(made.errors());
                }
                return made.output();
            } finally {
                Files.deleteIfExists(folder.resolve("in"));
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String url(byte[] video) {
        return "data:video/mp4;base64," + Base64.getEncoder().encodeToString(video);
    }
}
