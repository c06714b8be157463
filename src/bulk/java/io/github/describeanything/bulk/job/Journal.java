package io.github.describeanything.bulk.job;

import io.github.describeanything.bulk.input.InputException;
import io.github.describeanything.bulk.row.IdIndex;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.Row;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.node.ObjectNode;

/**
 * The two files that a job writes: finished rows and error rows, a JSON object a line. Thread-safe.
 *
 * <p>Rows are appended, and each is in the file before the next is begun. Opening repairs what a killed job left, a last line
 * that was not finished, and knows the ids of all others. Another process cannot open the same files meanwhile.
 */
public final class Journal implements AutoCloseable {
    /** All lines start with an id. */
    private static final byte[] ROW_START = "{\"id\":".getBytes(StandardCharsets.UTF_8);

    private final FileChannel rows;
    private final FileChannel errors;
    private final String idField;
    private final IdIndex done = new IdIndex();

    private Journal(FileChannel rows, FileChannel errors, String idField) {
        this.rows = rows;
        this.errors = errors;
        this.idField = idField;
    }

    /**
     * Opens or makes the files.
     *
     * @param idField the field of a line that holds the row's id
     * @throws InputException if another process has them open, or they hold something else
     */
    public static Journal open(Path output, Path errors, String idField) throws IOException {
        FileChannel rowFile = lock(output);
        FileChannel errorFile = lock(errors);
        var journal = new Journal(rowFile, errorFile, idField);
        try {
            journal.repair(output, rowFile);
            journal.repair(errors, errorFile);
            return journal;
        } catch (IOException | RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // This process has it open.
        }
        channel.close();
        throw new InputException("Another job writes to " + path);
    }

    /** Learns the ids of complete lines and cuts off what follows them. */
    private void repair(Path path, FileChannel channel) throws IOException {
        long complete = 0;
        long number = 0;
        // Not another stream of the file: closing it would release the lock. Nor is this one closed, as the channel
        // stays open.
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
        var line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c != '\n') {
                line.write(c);
                continue;
            }
            String id = id(line.toByteArray());
            if (id.isEmpty() && in.read() < 0) {
                break;
            }
            if (id.isEmpty()) {
                throw noRow(number + 1, path);
            }
            number++;
            done.add(id);
            complete += line.size() + 1L;
            line.reset();
        }
        if (!startsAsARow(line.toByteArray())) {
            throw noRow(number + 1, path);
        }
        channel.truncate(complete);
        channel.position(complete);
    }

    /** Whether half a line may be one that a job was writing. A file of something else is not cut. */
    private static boolean startsAsARow(byte[] line) {
        int length = Math.min(line.length, ROW_START.length);
        return Arrays.equals(line, 0, length, ROW_START, 0, length);
    }

    private static InputException noRow(long number, Path path) {
        return new InputException(
                "Line %d of %s is no row of such a job: name another output, or delete it".formatted(number, path));
    }

    /** The id at the start of a line; empty if the line is none of such a job. */
    private String id(byte[] line) {
        try (JsonParser parser = Lines.JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return "";
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals(idField)) {
                    String id = Row.key(Lines.value(parser));
                    // A batch output has an id of its own, and the row's in custom_id.
                    boolean batch = parser.nextToken() == JsonToken.PROPERTY_NAME
                            && parser.currentName().equals("custom_id");
                    return batch ? "" : id;
                }
                parser.skipChildren();
            }
            return "";
        } catch (JacksonException e) {
            return "";
        }
    }

    /** Whether a row with this id was there when the journal was opened. Only for the thread that opened it. */
    boolean has(String key) {
        return done.contains(key);
    }

    /** Appends rows; they are in the files when this returns. */
    synchronized void write(List<ObjectNode> finished, List<ObjectNode> failed) throws IOException {
        append(rows, finished);
        append(errors, failed);
    }

    private static void append(FileChannel file, List<ObjectNode> lines) throws IOException {
        if (lines.isEmpty()) {
            return;
        }
        var text = new StringBuilder();
        for (ObjectNode line : lines) {
            text.append(Lines.JSON.writeValueAsString(line)).append('\n');
        }
        ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        rows.close();
        errors.close();
    }
}
