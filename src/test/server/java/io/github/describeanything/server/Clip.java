package io.github.describeanything.server;

import io.github.describeanything.focal.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The first frames of the golden clip of ten, 256 x 256 pixels. Immutable.
 *
 * @param urls data URLs
 */
public record Clip(List<Picture> frames, List<String> urls) {
    public static Clip of(int frames) {
        List<byte[]> files = IntStream.range(0, frames).mapToObj(Clip::file).toList();
        return new Clip(
                files.stream().map(TestServer.READER::read).toList(),
                files.stream()
                        .map(it ->
                                "data:image/png;base64," + Base64.getEncoder().encodeToString(it))
                        .toList());
    }

    private static byte[] file(int frame) {
        try {
            return Files.readAllBytes(
                    TestServer.root().resolve("src/test/resources/golden-sam/cases/clip_%02d.png".formatted(frame)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
