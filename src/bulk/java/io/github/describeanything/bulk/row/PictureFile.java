package io.github.describeanything.bulk.row;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A picture in a file of its own. Immutable. */
public record PictureFile(Path path) implements PictureSource {

    /**
     * A picture of a dataset: {@code folder/name}, or, as some annotations name more folders than a copy of the pictures
     * has, the last part of the name in the folder.
     */
    public static PictureFile in(Path folder, String name) {
        Path whole = folder.resolve(name);
        Path last =
                folder.resolve(Optional.ofNullable(Path.of(name).getFileName()).orElse(Path.of(name)));
        return new PictureFile(!Files.exists(whole) && Files.exists(last) ? last : whole);
    }

    @Override
    public byte[] read() throws IOException {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new IOException("There is no picture " + path, e);
        }
    }

    @Override
    public boolean exists() {
        return Files.isRegularFile(path);
    }
}
