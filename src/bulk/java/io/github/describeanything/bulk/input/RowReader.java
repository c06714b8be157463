package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureFile;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.PictureSource;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Pictures out of lines of JSON that another program reads: rows of one picture have to follow each other. Used by one
 * thread. A row may bring its picture along, in base64 in {@code bytes}.
 */
public final class RowReader implements Iterator<PictureRows> {
    private static final String BYTES = "bytes";

    private final Iterator<String> lines;
    private final Path images;
    private final int most;
    private @Nullable Read ahead;

    private record Read(Row row, String picture, PictureSource source) {}

    /** @param most rows that come together */
    public RowReader(Iterator<String> lines, Path images, int most) {
        this.lines = lines;
        this.images = images;
        this.most = most;
    }

    @Override
    public boolean hasNext() {
        return ahead != null || lines.hasNext();
    }

    @Override
    public PictureRows next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Read first = ahead == null ? read(lines.next()) : ahead;
        ahead = null;
        List<Row> rows = new ArrayList<>(List.of(first.row()));
        while (lines.hasNext() && rows.size() < most && ahead == null) {
            Read next = read(lines.next());
            if (next.picture().equals(first.picture())) {
                rows.add(next.row());
            } else {
                ahead = next;
            }
        }
        return new PictureRows(first.picture(), first.source(), rows);
    }

    private Read read(String line) {
        try {
            if (Lines.JSON.readTree(line) instanceof ObjectNode object) {
                String bytes = object.path(BYTES).asString("");
                object.remove(BYTES);
                String picture = RowsFile.image(object);
                JsonNode id = object.path("id");
                Row row = Regions.row(id, picture, Map.of(), object);
                return new Read(
                        Regions.names(object) ? row : Row.of(row.fields()),
                        picture,
                        bytes.isEmpty() ? PictureFile.in(images, picture) : new Inline(bytes));
            }
            return broken(line, "The row is not a JSON object");
        } catch (JacksonException e) {
            return broken(line, "The line is not JSON: " + e.getOriginalMessage());
        }
    }

    private static Read broken(String line, String message) {
        ObjectNode fields = Lines.object();
        fields.put("id", line.substring(0, Math.min(80, line.length())));
        return new Read(Row.broken(fields, "invalid_json", message), "", PictureSource.NONE);
    }

    private record Inline(String base64) implements PictureSource {
        @Override
        public byte[] read() throws IOException {
            try {
                return Base64.getDecoder().decode(base64);
            } catch (IllegalArgumentException e) {
                throw new IOException("The row's bytes are not base64", e);
            }
        }

        @Override
        public long size() {
            return base64.length();
        }
    }
}
