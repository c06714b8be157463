package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureFile;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.PictureSource;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * COCO, LVIS and PACO: one JSON object with {@code images}, {@code annotations} and {@code categories}. Used by one thread.
 *
 * <p>A first pass notes where each annotation lies, so that annotations are parsed only as they are worked on.
 */
final class CocoFile implements Input {
    private final Path path;
    private final Path images;
    private final JsonFile file;
    private final Spans spans = new Spans();
    private final Names imageIds = new Names();
    private final Map<Integer, String> fileNames = new HashMap<>();
    private final Map<String, String> categories = new HashMap<>();
    /** Ids that are numbers; the others are in {@link #otherIds}. */
    private long[] ids = new long[1024];

    private final Map<Integer, String> otherIds = new HashMap<>();

    CocoFile(Path path, Path images) throws IOException {
        this.path = path;
        this.images = images;
        this.file = new JsonFile(path);
    }

    @Override
    public void scan(Scan scan) throws IOException {
        var seen = new HashSet<String>();
        file.fields((name, parser) -> {
            seen.add(name);
            switch (name) {
                case "images" -> array(parser, this::image);
                case "categories" -> array(parser, this::category);
                case "annotations" -> array(parser, this::annotation);
                default -> parser.skipChildren();
            }
        });
        if (seen.contains("image") && !seen.contains("images")) {
            throw new InputException(path + " is a picture of SA-1B: pass its folder");
        }
        if (!seen.contains("annotations")) {
            throw new InputException(path + " has no annotations, so it is not COCO: --from names its format");
        }
        for (int row = 0; row < spans.count(); row++) {
            scan.row(key(row), picture(spans.picture(row)));
        }
    }

    private interface Element {
        void read(JsonParser parser) throws IOException;
    }

    private static void array(JsonParser parser, Element element) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            element.read(parser);
        }
    }

    private void image(JsonParser parser) {
        JsonNode image = Lines.value(parser);
        String name = image.path("file_name").asString("");
        if (name.isEmpty()) {
            // LVIS: the end of an address such as http://images.cocodataset.org/train2017/000000391895.jpg
            String[] url = image.path("coco_url").asString("").split("/", -1);
            name = String.join("/", Arrays.copyOfRange(url, Math.max(0, url.length - 2), url.length));
        }
        if (!name.isEmpty()) {
            fileNames.put(imageIds.number(Row.key(image.path("id"))), name);
        }
    }

    private void category(JsonParser parser) {
        JsonNode category = Lines.value(parser);
        categories.put(Row.key(category.path("id")), category.path("name").asString(""));
    }

    private void annotation(JsonParser parser) {
        long start = JsonFile.start(parser);
        int row = spans.count();
        String image = "";
        @Nullable String id = null;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "image_id" -> image = Row.key(Lines.value(parser));
                    case "id" -> {
                        JsonNode given = Lines.value(parser);
                        id = given.isNull() ? null : Row.key(given);
                    }
                    default -> parser.skipChildren();
                }
            }
        } else {
            parser.skipChildren();
        }
        spans.add(start, (int) (JsonFile.end(parser) - start), imageIds.number(image));
        remember(row, Optional.ofNullable(id).orElse("annotations[" + row + "]"));
    }

    private void remember(int row, String id) {
        if (row == ids.length) {
            ids = Arrays.copyOf(ids, 2 * row);
        }
        try {
            ids[row] = Long.parseLong(id);
            if (Long.toString(ids[row]).equals(id)) {
                return;
            }
        } catch (NumberFormatException e) {
            // A name.
        }
        otherIds.put(row, id);
    }

    private String key(int row) {
        String other = otherIds.get(row);
        return other == null ? Long.toString(ids[row]) : other;
    }

    private String picture(int number) {
        return fileNames.getOrDefault(number, "");
    }

    @Override
    public Iterator<PictureRows> pictures(boolean ordered) {
        return ((Reading<int[], PictureRows>) this::rows).each(spans.groups(ordered));
    }

    private PictureRows rows(int[] group) throws IOException {
        String picture = picture(spans.picture(group[0]));
        List<Row> rows = new ArrayList<>();
        for (int row : group) {
            rows.add(row(row, picture));
        }
        PictureSource source = picture.isEmpty() ? PictureSource.NONE : PictureFile.in(images, picture);
        return new PictureRows(picture, source, rows);
    }

    private Row row(int row, String picture) throws IOException {
        JsonNode annotation = file.read(spans.offset(row), spans.length(row));
        JsonNode id = annotation.hasNonNull("id") ? annotation.path("id") : StringNode.valueOf(key(row));
        String category = categories.get(Row.key(annotation.path("category_id")));
        Row read = Regions.row(id, picture, category == null ? Map.of() : Map.of("category", category), annotation);
        return picture.isEmpty()
                ? Row.broken(read.fields(), "missing_image", "No entry of images has the id of the row's image_id")
                : read;
    }
}
