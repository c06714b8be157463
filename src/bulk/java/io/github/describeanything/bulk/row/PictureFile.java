package io.github.describeanything.bulk.row;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A picture in a file of its own. Immutable. */
public record PictureFile(Path path) implements PictureSource {

    /**
     * A picture of a dataset: {@code folder/name}, or, as some annotations name more folders than a copy of the pictures
     * has, the last part of the name in the folder.
     */
    public static PictureSource in(Path folder, String name) {
        try {
            Path whole = folder.resolve(name);
            Path last = folder.resolve(
                    Optional.ofNullable(Path.of(name).getFileName()).orElse(Path.of(name)));
            return new PictureFile(!Files.exists(whole) && Files.exists(last) ? last : whole);
        } catch (InvalidPathException e) {
            return new Impossible(name, e);
        }
    }

    /** The bytes of {@code folder/name}. @throws IOException if it is missing or cannot be read; the message names it */
    public static byte[] read(Path folder, String name) throws IOException {
        try {
            return new PictureFile(folder.resolve(name)).read();
        } catch (InvalidPathException e) {
            return new Impossible(name, e).read();
        }
    }

    /** A name that no file can have, such as one with a NUL. */
    private record Impossible(String name, InvalidPathException cause) implements PictureSource {
        @Override
        public byte[] read() throws IOException {
            throw new IOException("No file can be named " + name + ": " + cause.getReason(), cause);
        }

        @Override
        public long size() {
            return 0;
        }
    }

    @Override
    public byte[] read() throws IOException {
        try {
            return Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            throw new IOException("There is no picture " + path, e);
        } catch (AccessDeniedException e) {
            throw new IOException("There is no permission to open " + path, e);
        } catch (IOException e) {
            throw new IOException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public long size() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            return 0;
        }
    }
}
