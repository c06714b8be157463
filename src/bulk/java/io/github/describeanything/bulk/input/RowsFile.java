package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureFile;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Rows in JSON lines or one JSON array: {@code id}, {@code image} or {@code file_name}, and a region in any of the forms that
 * {@link Regions} reads. A row may also be a picture with {@code annotations}. Used by one thread.
 *
 * <p>A row without an id gets its number, counted from 0; an annotation the row's, a colon and its own.
 */
final class RowsFile implements Input {
    private final Path path;
    private final Path images;
    private final boolean keptOnly;
    private final JsonFile file;
    private final Spans spans = new Spans();
    private final Names pictures = new Names();
    private boolean anyObject;

    /** @param keptOnly leave out rows whose {@code kept} is false */
    RowsFile(Path path, Path images, boolean keptOnly) throws IOException {
        this.path = path;
        this.images = images;
        this.keptOnly = keptOnly;
        this.file = new JsonFile(path);
    }

    @Override
    public void scan(Scan scan) throws IOException {
        if (JsonFile.first(path) == '[') {
            file.elements((name, parser) -> {
                long start = JsonFile.start(parser);
                parser.skipChildren();
                note(start, (int) (JsonFile.end(parser) - start));
            });
        } else {
            file.lines((offset, length, line) -> note(offset, length));
        }
        if (spans.count() > 0 && !anyObject) {
            throw new InputException(
                    "%s has no rows: none of its %,d lines is a JSON object".formatted(path, spans.count()));
        }
        for (int i = 0; i < spans.count(); i++) {
            String picture = pictures.name(spans.picture(i));
            for (Row row : rows(i)) {
                scan.row(row.key(), picture);
            }
        }
    }

    private void note(long start, int length) throws IOException {
        String picture = "";
        try {
            if (JsonFile.tooLong(length)) {
                anyObject = true;
            } else {
                JsonNode row = file.read(start, length);
                anyObject |= row.isObject();
                picture = image(row);
            }
        } catch (JacksonException e) {
            // Becomes an error row.
        }
        spans.add(start, length, pictures.number(picture));
    }

    static String image(JsonNode row) {
        String image = row.path("image").asString("");
        return image.isEmpty() ? row.path("file_name").asString("") : image;
    }

    /** The rows of the object with this number; a broken line is one row. */
    private List<Row> rows(int number) throws IOException {
        if (JsonFile.tooLong(spans.length(number))) {
            return List.of(broken(number, "line_too_long", JsonFile.tooLongFor(spans.length(number))));
        }
        JsonNode object;
        try {
            object = file.read(spans.offset(number), spans.length(number));
        } catch (JacksonException e) {
            return List.of(broken(number, "invalid_json", "The line is not JSON: " + e.getOriginalMessage()));
        }
        if (!object.isObject()) {
            return List.of(broken(number, "invalid_json", "The row is not a JSON object"));
        }
        if (keptOnly && !object.path("kept").asBoolean(true)) {
            return List.of();
        }
        String image = image(object);
        List<Row> rows = object.path("annotations").isArray()
                ? nested(number, image, object)
                : List.of(row(id(object).orElse(StringNode.valueOf(Integer.toString(number))), image, object));
        return image.isEmpty()
                ? rows.stream()
                        .map(it -> Row.broken(it.fields(), "missing_image", "The row has no image and no file_name"))
                        .toList()
                : rows;
    }

    private static Optional<JsonNode> id(JsonNode object) {
        JsonNode id = object.path("id");
        return id.isString() || id.isNumber() ? Optional.of(id) : Optional.empty();
    }

    private static Row broken(int number, String code, String message) {
        ObjectNode fields = Lines.object();
        fields.put("id", "row " + number);
        return Row.broken(fields, code, message);
    }

    private static Row row(JsonNode id, String image, JsonNode object) {
        Row row = Regions.row(id, image, Map.of(), object);
        return Regions.names(object) ? row : Row.of(row.fields());
    }

    private static List<Row> nested(int number, String image, JsonNode object) {
        List<Row> rows = new ArrayList<>();
        JsonNode categories = object.path("categories");
        for (JsonNode annotation : object.path("annotations")) {
            int place = rows.size();
            JsonNode id = id(annotation).orElse(StringNode.valueOf(number + ":" + place));
            String category = categories.path(place).asString("");
            rows.add(Regions.row(id, image, category.isEmpty() ? Map.of() : Map.of("category", category), annotation));
        }
        return rows;
    }

    @Override
    public Iterator<PictureRows> pictures(boolean ordered) {
        return ((Reading<int[], PictureRows>) this::picture).each(spans.groups(ordered));
    }

    private PictureRows picture(int[] group) throws IOException {
        String picture = pictures.name(spans.picture(group[0]));
        List<Row> rows = new ArrayList<>();
        for (int number : group) {
            rows.addAll(rows(number));
        }
        return new PictureRows(picture, PictureFile.in(images, picture), rows);
    }
}
