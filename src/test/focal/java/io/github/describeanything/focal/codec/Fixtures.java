package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.Mask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;

/** The committed pictures and their expected pixels. */
final class Fixtures {
    private static final Path PICTURES = Path.of("../src/test/focal/resources/pictures");

    private Fixtures() {}

    static List<Path> pictures(Predicate<String> wanted) throws IOException {
        try (var files = Files.list(PICTURES)) {
            return files.filter(file -> !file.toString().matches(".*\\.(rgba|mask)"))
                    .filter(file -> wanted.test(file.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    static Path picture(String name) {
        return PICTURES.resolve(name);
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(String name) {
        return bytes(picture(name));
    }

    static byte[] pixels(Path file) {
        return bytes(Path.of(file.toString().replaceFirst("\\.[a-z]+$", ".rgba")));
    }

    /** The expected mask of a file, stored beside it: one byte per pixel, 1 inside. */
    static Mask mask(Path file, int width, int height) {
        byte[] inside = bytes(Path.of(file.toString().replaceFirst("\\.[a-z]+$", ".mask")));
        var bits = new BitSet();
        for (int i = 0; i < inside.length; i++) {
            bits.set(i, inside[i] == 1);
        }
        return Mask.of(width, height, bits);
    }

    /** Whether the file was written with an alpha channel, by its name. */
    static boolean hasAlpha(Path file) {
        String name = file.getFileName().toString();
        return name.contains("rgba")
                || name.contains("alpha")
                || name.contains("trns")
                || name.matches("png-(profile|\\d+x).*");
    }
}
