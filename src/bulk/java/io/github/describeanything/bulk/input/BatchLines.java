package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.PictureSource;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** OpenAI batch lines: {@code custom_id}, {@code method}, {@code url} and {@code body}. Used by one thread. */
final class BatchLines implements Input {
    private final JsonFile file;
    private final Spans spans = new Spans();

    BatchLines(Path path) throws IOException {
        this.file = new JsonFile(path);
    }

    @Override
    public void scan(Scan scan) throws IOException {
        file.lines((offset, length, line) -> {
            int number = spans.count();
            spans.add(offset, length, number);
            String key = row(number, length, line).key();
            scan.row(key, key);
        });
    }

    /** The line as a row; a broken line has its number for an id. */
    private static Row row(int number, int length, byte[] line) {
        ObjectNode fields = Lines.object();
        fields.put("id", "line " + (number + 1));
        if (JsonFile.tooLong(length)) {
            return Row.broken(fields, "line_too_long", JsonFile.tooLongFor(length));
        }
        try {
            JsonNode object = Lines.JSON.readTree(line);
            String id = object.path("custom_id").asString("");
            if (!id.isEmpty()) {
                fields.put("id", id);
            }
            if (id.isEmpty() || !object.path("body").isObject()) {
                return Row.broken(fields, "invalid_line", "The line lacks a custom_id or a body");
            }
            fields.set("line", object);
            return Row.of(fields);
        } catch (JacksonException e) {
            return Row.broken(fields, "invalid_json", "The line is not JSON: " + e.getOriginalMessage());
        }
    }

    @Override
    public Iterator<PictureRows> pictures(boolean ordered) {
        return ((Reading<int[], PictureRows>) this::picture).each(spans.groups(true));
    }

    private PictureRows picture(int[] group) throws IOException {
        int length = spans.length(group[0]);
        byte[] line = JsonFile.tooLong(length) ? new byte[0] : file.bytes(spans.offset(group[0]), length);
        Row row = row(group[0], length, line);
        return new PictureRows(row.key(), new InLine(line.length), List.of(row));
    }

    /** A picture in the line itself. */
    private record InLine(long size) implements PictureSource {
        @Override
        public byte[] read() {
            return new byte[0];
        }
    }
}
