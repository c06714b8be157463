package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureFile;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** SA-1B: a JSON file for each picture, beside it. Used by one thread. */
final class SegmentAnythingFolder implements Input {
    private final Path folder;
    /** Relative to the folder. */
    private final List<Path> files;

    private final Path images;

    SegmentAnythingFolder(Path folder, Path images) throws IOException {
        this.folder = folder;
        this.files = PictureFolder.files(folder, List.of("json"));
        this.images = images;
    }

    @Override
    public void scan(Scan scan) throws IOException {
        for (Path file : files) {
            PictureRows rows = read(file);
            for (Row row : rows.rows()) {
                scan.row(row.key(), rows.picture());
            }
        }
    }

    private PictureRows read(Path relative) throws IOException {
        Path file = folder.resolve(relative);
        String stem = file.getFileName().toString().replaceFirst("\\.json$", "");
        JsonNode object;
        try {
            object = Lines.JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            return broken(stem, file + " is not JSON: " + e.getOriginalMessage());
        }
        if (object.isMissingNode()) {
            return broken(stem, file + " is empty");
        }
        String picture = object.path("image").path("file_name").asString(stem + ".jpg");
        List<Row> rows = new ArrayList<>();
        for (JsonNode annotation : object.path("annotations")) {
            JsonNode id =
                    annotation.hasNonNull("id") ? annotation.path("id") : StringNode.valueOf(stem + ":" + rows.size());
            rows.add(Regions.row(id, picture, Map.of(), annotation));
        }
        Path beside = file.resolveSibling(picture);
        return new PictureRows(
                picture, Files.exists(beside) ? new PictureFile(beside) : PictureFile.in(images, picture), rows);
    }

    private PictureRows broken(String stem, String message) {
        ObjectNode fields = Lines.object();
        fields.put("id", stem);
        Row row = Row.broken(fields, "invalid_json", message);
        return new PictureRows(stem, PictureFile.in(images, stem), List.of(row));
    }

    @Override
    public Iterator<PictureRows> pictures(boolean ordered) {
        return ((Reading<Path, PictureRows>) this::read).each(files.iterator());
    }
}
