package io.github.describeanything.focal.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** The committed pictures and the pixels beside them. */
final class Fixtures {
    private static final Path PICTURES = Path.of("../src/test/focal/resources/pictures");

    private Fixtures() {}

    static List<Path> pictures(Predicate<String> wanted) throws IOException {
        try (var files = Files.list(PICTURES)) {
            return files.filter(file -> !file.toString().endsWith(".rgba"))
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

    /** By name: these are the files that were written with an alpha channel. */
    static boolean hasAlpha(Path file) {
        String name = file.getFileName().toString();
        return name.contains("rgba")
                || name.contains("alpha")
                || name.contains("trns")
                || name.matches("png-(profile|\\d+x).*");
    }
}
