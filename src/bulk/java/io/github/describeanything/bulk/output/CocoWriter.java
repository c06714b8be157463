package io.github.describeanything.bulk.output;

import io.github.describeanything.bulk.input.JsonFile;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a COCO file again, byte by byte, with {@code caption} in each annotation that has one. Used by one thread. */
public final class CocoWriter {
    private static final int CHUNK = 1 << 20;

    private final JsonFile input;
    private final Captions captions;
    private final OutputStream out;
    private long copied;
    private int number;

    private CocoWriter(JsonFile input, Captions captions, OutputStream out) {
        this.input = input;
        this.captions = captions;
        this.out = out;
    }

    /** Writes {@code output}; it is there only when it is complete. */
    public static void write(Path coco, Captions captions, Path output) throws IOException {
        try (var input = new JsonFile(coco)) {
            PartFile.write(output, out -> new CocoWriter(input, captions, out).copy(Files.size(coco)));
        }
    }

    private void copy(long size) throws IOException {
        input.fields((name, parser) -> {
            if (!name.equals("annotations") || parser.currentToken() != JsonToken.START_ARRAY) {
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                long start = JsonFile.start(parser);
                parser.skipChildren();
                annotation(start, JsonFile.end(parser));
            }
        });
        copyTo(size);
    }

    private void annotation(long start, long end) throws IOException {
        JsonNode annotation = input.read(start, (int) (end - start));
        String key = annotation.hasNonNull("id") ? Row.key(annotation.path("id")) : "annotations[" + number + "]";
        number++;
        Optional<String> caption = captions.of(key);
        if (caption.isEmpty() || !(annotation instanceof ObjectNode object)) {
            return;
        }
        if (annotation.has("caption")) {
            copyTo(start);
            object.put("caption", caption.get());
            out.write(Lines.JSON.writeValueAsBytes(object));
        } else {
            copyTo(end - 1);
            String text = ", \"caption\": " + Lines.JSON.writeValueAsString(caption.get()) + "}";
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        copied = end;
    }

    private void copyTo(long end) throws IOException {
        while (copied < end) {
            int length = (int) Math.min(CHUNK, end - copied);
            out.write(input.bytes(copied, length));
            copied += length;
        }
    }
}
