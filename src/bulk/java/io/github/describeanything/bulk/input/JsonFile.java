package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** A file of many JSON objects, read one at a time. Used by one thread. */
public final class JsonFile implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    /** A line is in memory several times: as bytes, as JSON, and as what is written. */
    private static final int SHARE_OF_HEAP = 16;

    private final Path path;
    private final FileChannel channel;

    public JsonFile(Path path) throws IOException {
        this.path = path;
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
    }

    /** Receives a line without its end; its bytes are missing if it is {@link #tooLong}. */
    public interface LineSink {
        void line(long offset, int length, byte[] line) throws IOException;
    }

    /** Longest line that is read: a sixteenth of the heap. */
    static long longest() {
        return Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
    }

    static boolean tooLong(int length) {
        return length > longest();
    }

    /** Why such a line is an error. */
    static String tooLongFor(int length) {
        return "The line has %,d MB, more than the %,d MB that fit: set DAM_HEAP to more"
                .formatted(length >> 20, longest() >> 20);
    }

    /** Receives the parser at a value; it must leave the parser at the value's last token. */
    public interface ValueSink {
        void value(String name, JsonParser parser) throws IOException;
    }

    /** The first character that is not white space; 0 if there is none. */
    public static char first(Path path) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (!Character.isWhitespace(c) && c < 0x80) {
                    return (char) c;
                }
            }
            return 0;
        }
    }

    /** Passes over all lines that are not blank. */
    public void lines(LineSink sink) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER)) {
            var line = new ByteArrayOutputStream();
            long most = longest();
            long offset = 0;
            long start = 0;
            for (int c = in.read(); ; c = in.read()) {
                if (c == '\n' || c < 0) {
                    int length = (int) Math.min(offset - start, Integer.MAX_VALUE);
                    byte[] bytes = length > most ? new byte[0] : line.toByteArray();
                    line.reset();
                    if (length > most || !isBlank(bytes)) {
                        sink.line(start, length, bytes);
                    }
                    start = offset + 1;
                } else if (offset - start < most) {
                    line.write(c);
                }
                if (c < 0) {
                    return;
                }
                offset++;
            }
        }
    }

    private static boolean isBlank(byte[] line) {
        for (byte c : line) {
            if (c != ' ' && c != '\t' && c != '\r') {
                return false;
            }
        }
        return true;
    }

    /** Passes over the fields of the one object that the file is. */
    public void fields(ValueSink sink) throws IOException {
        try (JsonParser parser = open()) {
            require(parser.nextToken() == JsonToken.START_OBJECT, "is not a JSON object");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                sink.value(name, parser);
            }
            require(parser.nextToken() == null, "is more than one JSON object: for lines of JSON, pass --from rows");
        } catch (JacksonException e) {
            throw broken(e);
        }
    }

    /** The first field of the file's first object that is one of these; empty if there is none. */
    static Optional<String> firstOf(Path path, Set<String> wanted) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER);
                JsonParser parser = Lines.JSON.createParser(in)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (wanted.contains(name)) {
                    return Optional.of(name);
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** Passes over the elements of the one array that the file is. */
    public void elements(ValueSink sink) throws IOException {
        try (JsonParser parser = open()) {
            require(parser.nextToken() == JsonToken.START_ARRAY, "is not a JSON array");
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                sink.value("", parser);
            }
        } catch (JacksonException e) {
            throw broken(e);
        }
    }

    private JsonParser open() throws IOException {
        return Lines.JSON.createParser(new BufferedInputStream(Files.newInputStream(path), BUFFER));
    }

    /** Where the parser's value starts, in bytes. */
    public static long start(JsonParser parser) {
        return parser.currentTokenLocation().getByteOffset();
    }

    /** Where the parser stands, in bytes. */
    public static long end(JsonParser parser) {
        return parser.currentLocation().getByteOffset();
    }

    /** The value of these bytes. @throws JacksonException if it is not JSON */
    public JsonNode read(long offset, int length) throws IOException {
        return Lines.JSON.readTree(bytes(offset, length));
    }

    public byte[] bytes(long offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new IOException(path + " became shorter while it was read");
            }
        }
        return buffer.array();
    }

    private void require(boolean condition, String problem) {
        if (!condition) {
            throw new InputException(path + " " + problem);
        }
    }

    private InputException broken(JacksonException cause) {
        return new InputException(
                "%s is not JSON from line %d on: %s"
                        .formatted(path, cause.getLocation().getLineNr(), cause.getOriginalMessage()),
                cause);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
