package io.github.describeanything.server.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.errors.ApiException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from video files, and what is refused. */
class VideosTest {
    private static final VideoOptions OPTIONS = VideoOptions.DEFAULT;

    private final Videos videos = new Videos(OPTIONS, 64, PictureLimits.DEFAULT);

    @TempDir
    Path folder;

    private static Videos with(double fps, int frames, Duration patience) {
        return new Videos(new VideoOptions("auto", fps, OPTIONS.bytes(), patience), frames, PictureLimits.DEFAULT);
    }

    private static List<Picture> all(Video video) {
        int[] every = IntStream.range(0, video.times().length).toArray();
        return video.decode(every).stream().map(TestServer.READER::read).toList();
    }

    private static int level(Picture picture) {
        return picture.rgba()[0] & 0xFF;
    }

    private static ApiException refused(Videos videos, byte[] file) {
        try (Video video = videos.open(file, "the.video", 1)) {
            video.decode(0);
            throw new AssertionError("it was read");
        } catch (ApiException e) {
            assertThat(e.status()).isEqualTo(400);
            assertThat(e.param()).contains("the.video");
            return e;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mp4, mpeg4",
        "mov, mjpeg",
        "mp4, libopenh264",
        "webm, libvpx",
        "webm, libvpx-vp9",
        "mp4, libaom-av1",
        "gif, gif"
    })
    void framesAreThoseOfTheirTimes(String format, String codec) {
        byte[] file = TestVideos.changed(
                TestVideos.gray("64x48", "10", 50), format, "-i", "fd:", "-c:v", codec, "-cpu-used", "8");
        try (Video video = videos.open(file, "v", 1)) {
            double[] times = video.times();
            List<Picture> pictures = all(video);
            assertThat(pictures).hasSameSizeAs(times).hasSize(20);
            for (int i = 0; i < times.length; i++) {
                assertThat(times[i]).isCloseTo(4.9 * i / 19, within(0.051));
                // Of a level of 16 to 235, stretched to 255.
                int written = Math.max(0, Math.round((float) ((4 * times[i] * 10 - 16) * 255 / 219)));
                assertThat(level(pictures.get(i)))
                        .as("frame %d", i)
                        .isCloseTo(written, within(codec.equals("gif") ? 20 : 5));
            }
        }
        assertThat(videos.stats().videos()).isEqualTo(1);
        assertThat(videos.stats().frames()).isEqualTo(20);
        assertThat(videos.stats().seconds()).isPositive();
    }

    @Test
    void aFileWithItsIndexAtTheEndIsRead() throws IOException {
        byte[] phone = Files.readAllBytes(TestServer.root().resolve("src/test/resources/videos/index-at-end.mp4"));
        assertThat(new String(phone, StandardCharsets.ISO_8859_1).indexOf("moov"))
                .isGreaterThan(phone.length / 2);
        try (Video video = videos.open(phone, "v", 1)) {
            assertThat(all(video)).hasSize(12);
        }
    }

    @Test
    void rotationIsApplied() {
        byte[] upright = TestVideos.made(
                "mp4", "color=red:size=64x48:rate=4,drawbox=0:0:32:48:blue:fill", "-frames:v", "9", "-c:v", "mpeg4");
        byte[] turned = TestVideos.changed(upright, "mp4", "-display_rotation", "90", "-i", "fd:", "-c", "copy");
        try (Video video = videos.open(turned, "v", 1)) {
            Picture picture = all(video).getFirst();
            assertThat(picture.width()).isEqualTo(48);
            assertThat(picture.height()).isEqualTo(64);
            // A quarter turn against the clock moves the left half to the bottom.
            assertThat(blue(picture, 24, 60)).isGreaterThan(200);
            assertThat(blue(picture, 24, 4)).isLessThan(60);
        }
    }

    private static int blue(Picture picture, int x, int y) {
        return picture.rgba()[4 * (y * picture.width() + x) + 2] & 0xFF;
    }

    @ParameterizedTest
    @CsvSource({
        "64x48, 3/2, 96, 48",
        "64x48, 2/3, 64, 72",
        "64x48, 1, 64, 48",
        "640x48, 100, 16384, 48",
        "320x2000, 100, 4718, 2000"
    })
    void pixelsBecomeSquare(String size, String shape, int width, int height) {
        byte[] file = TestVideos.made(
                "matroska", "testsrc=size=" + size + ":rate=4,setsar=" + shape, "-frames:v", "2", "-c:v", "mjpeg");
        try (Video video = videos.open(file, "v", 1)) {
            Picture picture = all(video).getFirst();
            assertThat(List.of(picture.width(), picture.height())).isEqualTo(List.of(width, height));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1x1", "2x3", "17x1", "1x33", "999x3"})
    void oddSizesAreRead(String size) {
        byte[] file = TestVideos.made(
                "mov", "testsrc=size=" + size + ":rate=4", "-frames:v", "9", "-c:v", "mjpeg", "-pix_fmt", "yuvj444p");
        try (Video video = videos.open(file, "v", 1)) {
            Picture picture = all(video).getFirst();
            assertThat(picture.width() + "x" + picture.height()).isEqualTo(size);
        }
    }

    @Test
    void variableRatesAreSampledByTime() {
        // Two seconds of 25 frames, then one frame a second.
        byte[] file = TestVideos.changed(
                TestVideos.gray("32x32", "25", 61),
                "matroska",
                "-i",
                "fd:",
                "-vf",
                "setpts='if(lt(N,50),N/25,N-48)/TB'",
                "-fps_mode",
                "passthrough",
                "-c:v",
                "mjpeg");
        try (Video video = with(1, 64, OPTIONS.patience()).open(file, "v", 1)) {
            assertThat(video.times()).hasSize(13);
            for (int i = 0; i < 13; i++) {
                assertThat(video.times()[i]).isCloseTo(i, within(0.041));
            }
        }
    }

    @Test
    void aCutOffFileIsReadAsFarAsItGoes() {
        byte[] whole = TestVideos.gray("64x48", "10", 60);
        try (Video video = videos.open(java.util.Arrays.copyOf(whole, whole.length * 2 / 3), "v", 1)) {
            assertThat(video.times().length).isBetween(4, 20);
            assertThat(all(video)).hasSameSizeAs(video.times());
        }
    }

    @Test
    void damagedFramesAreReplacedByTheirNeighbours() {
        byte[] file = TestVideos.changed(
                TestVideos.gray("64x48", "4", 30), "matroska", "-i", "fd:", "-c:v", "libvpx", "-g", "5");
        byte[] damaged = TestVideos.changed(
                file, "matroska", "-i", "fd:", "-c", "copy", "-bsf:v", "noise=amount='if(eq(n,5),1,0)'");
        try (Video video = videos.open(damaged, "v", 1)) {
            List<byte[]> pictures = video.decode(0, 4, 5, 6, 12, 29);
            assertThat(pictures).hasSize(6);
            assertThat(level(TestServer.READER.read(pictures.getFirst()))).isLessThan(5);
            assertThat(level(TestServer.READER.read(pictures.getLast()))).isGreaterThan(100);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
                "ffconcat version 1.0\nfile /etc/passwd\n",
                "<?xml version=\"1.0\"?><MPD/>",
                "RIFF....AVI LIST",
                "nothing"
            })
    void otherFilesAreRefusedBeforeAProcessStarts(String text) {
        var none = new Videos(new VideoOptions("/bin/false", 4, 99, OPTIONS.patience()), 64, PictureLimits.DEFAULT);
        assertThat(refused(videos, text.getBytes(StandardCharsets.US_ASCII)).code())
                .contains("invalid_video");
        assertThat(refused(none, new byte[3]).code()).contains("no_ffmpeg");
    }

    @Test
    void aPlaylistBehindTheFirstBytesOfAVideoIsRefused() {
        assertThat(refused(videos, "....ftyp#EXTM3U\nfile:///etc/passwd\n".getBytes(StandardCharsets.US_ASCII))
                        .code())
                .contains("invalid_video");
    }

    @Test
    void soundAloneIsRefused() {
        byte[] file = TestVideos.made("mp4", "sine=duration=2", "-c:a", "aac");
        assertThat(refused(videos, file).getMessage())
                .isEqualTo("the.video: the video has no pictures, only other streams");
    }

    @Test
    void codecsThatAreNotListedAreRefused() {
        byte[] file = TestVideos.made("matroska", "testsrc=size=64x48:rate=4", "-frames:v", "4", "-c:v", "ffv1");
        assertThat(refused(videos, file).code()).contains("invalid_video");
    }

    @Test
    void limitsNameTheVideo() {
        byte[] large = TestVideos.made("matroska", "color=size=4096x2320:rate=4", "-frames:v", "1", "-c:v", "mjpeg");
        assertThat(refused(videos, large).getMessage())
                .isEqualTo("the.video: the video has frames of more than 9437184 pixels: send a smaller one");
        assertThat(refused(videos, new byte[(int) OPTIONS.bytes() + 1]).code()).contains("invalid_video");
        var tiny = new Videos(new VideoOptions("auto", 4, 1000, OPTIONS.patience()), 64, PictureLimits.DEFAULT);
        assertThat(refused(tiny, TestVideos.gray("64x48", "10", 60)).code()).contains("video_too_large");
        Videos hasty = with(4, 64, Duration.ofMillis(1));
        assertThat(refused(hasty, TestVideos.gray("64x48", "10", 60)).getMessage())
                .isEqualTo(
                        "the.video: the video takes more than 0.001 seconds to decode: send a shorter or smaller one");
    }

    @Test
    void aThreadThatIsInterruptedLeavesNothingBehind() throws Exception {
        byte[] slow =
                TestVideos.made("matroska", "testsrc2=size=1920x1080:rate=25", "-frames:v", "200", "-c:v", "mjpeg");
        long files = files();
        var outcome = new CompletableFuture<Throwable>();
        Thread thread = Thread.startVirtualThread(() -> {
            try (Video video = videos.open(slow, "v", 1)) {
                video.decode(IntStream.range(0, video.times().length).toArray());
                outcome.complete(new AssertionError("it was decoded"));
            } catch (Throwable e) {
                outcome.complete(e);
            }
        });
        while (running() == 0 || videos.stats().videos() == 0) {
            assertThat(outcome).isNotDone();
            Thread.sleep(1);
        }
        thread.interrupt();
        assertThat(outcome.get()).isInstanceOf(CancellationException.class);
        assertThat(running()).isZero();
        assertThat(files()).isEqualTo(files);
        assertThat(videos.stats().frames()).isZero();
    }

    @Test
    void twoAtOnceAndTheNextWaits() throws Exception {
        byte[] file = TestVideos.gray("64x48", "10", 10);
        var third = new CompletableFuture<Integer>();
        try (Video first = videos.open(file, "v", 1)) {
            Video second = videos.open(file, "v", 1);
            Thread.startVirtualThread(() -> {
                try (Video video = videos.open(file, "v", 1)) {
                    third.complete(video.times().length);
                }
            });
            Thread.sleep(300);
            assertThat(third).isNotDone();
            second.close();
            assertThat(third.get()).isEqualTo(first.times().length);
        }
    }

    /** Processes of ffmpeg; browsers of other tests may run, too. */
    private static long running() {
        return ProcessHandle.current()
                .descendants()
                .filter(it -> it.isAlive() && it.info().command().orElse("").contains("ffmpeg"))
                .count();
    }

    private static long files() throws IOException {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(it -> it.getFileName().toString().startsWith("describe-anything-video"))
                    .count();
        }
    }

    @Test
    void theProgramInTheJarIsUnpackedForThisUserAlone() throws IOException {
        Path program = BundledFfmpeg.unpack().orElseThrow();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(program.getParent())))
                .isEqualTo("rwx------");
        assertThat(BundledFfmpeg.damaged(program.getParent())).isEmpty();
        Files.write(program.resolveSibling("libavcodec.so.62"), new byte[] {1});
        assertThat(BundledFfmpeg.damaged(program.getParent())).contains("libavcodec.so.62");
    }

    @Test
    void aProgramIsCheckedBeforeItIsUsed() throws IOException {
        assertThatThrownBy(() -> Ffmpeg.find(folder.resolve("missing").toString()))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Ffmpeg.find(script("echo ffmpeg version 5.1.8-0+deb12u1 Copyright")))
                .hasMessage("its ffmpeg is older than version 6");
        assertThatThrownBy(() -> Ffmpeg.find(script("echo hello"))).hasMessage("its ffmpeg cannot be run");
        assertThat(Ffmpeg.find(script("echo ffmpeg version n7.1.1 Copyright"))).isNotNull();
        assertThatThrownBy(() -> Ffmpeg.find("none")).hasMessage("it was started with --ffmpeg none");
    }

    @Test
    void aRunInheritsNothingAndWritesNothing() throws IOException {
        Path written = folder.resolve("written");
        Ffmpeg program = Ffmpeg.find(script("echo ffmpeg version 8.0 Copyright; env; ulimit -v; echo x > " + written));
        List<String> lines = program.run(
                        List.of(),
                        java.util.Optional.empty(),
                        System.nanoTime() + Duration.ofSeconds(10).toNanos(),
                        it -> new String(it.readAllBytes(), StandardCharsets.US_ASCII))
                .output()
                .lines()
                .toList();
        assertThat(lines.stream().filter(it -> it.contains("=")).map(it -> it.split("=")[0]))
                .isSubsetOf("MALLOC_ARENA_MAX", "LD_LIBRARY_PATH", "PWD", "OLDPWD", "SHLVL", "_");
        assertThat(Long.parseLong(lines.getLast())).isEqualTo(3 << 19);
        assertThat(written).isEmptyFile();
    }

    private String script(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("ffmpeg"), "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file.toString();
    }
}
