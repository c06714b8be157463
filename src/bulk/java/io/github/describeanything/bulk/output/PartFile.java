package io.github.describeanything.bulk.output;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** A file that is there only when it is complete: written under another name beside it, then moved. Stateless. */
public final class PartFile {
    private PartFile() {}

    /** Writes the file's bytes. */
    public interface Writing {
        void to(OutputStream out) throws IOException;
    }

    /** Writes a file, in a folder that is made if it is missing. What is there already is replaced at the end. */
    public static void write(Path file, Writing writing) throws IOException {
        Optional<Path> folder = Optional.ofNullable(file.toAbsolutePath().getParent());
        if (folder.isPresent()) {
            Files.createDirectories(folder.get());
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
            writing.to(out);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw new IOException(file + " cannot be written: " + e.getMessage(), e);
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
