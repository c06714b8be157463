package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.PictureSource;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * The layout of the published dataset: {@code annotations.json}, an object of lists by picture, and pictures in tar files.
 * Used by one thread. A row's id is that of the picture, a slash and that of the annotation.
 */
final class DescribedFolder implements Input {
    static final String ANNOTATIONS = "annotations.json";

    private final Path folder;
    private final JsonFile file;
    private final TarPicture.Tars tars = new TarPicture.Tars();
    private final Spans spans = new Spans();
    private final Names pictures = new Names();

    DescribedFolder(Path folder) throws IOException {
        this.folder = folder;
        this.file = new JsonFile(folder.resolve(ANNOTATIONS));
    }

    @Override
    public void scan(Scan scan) throws IOException {
        file.fields((name, parser) -> {
            if (name.equals("annotations")) {
                throw new InputException(folder.resolve(ANNOTATIONS) + " is COCO: pass it as --input, and its pictures'"
                        + " folder as --images");
            }
            long start = JsonFile.start(parser);
            parser.skipChildren();
            spans.add(start, (int) (JsonFile.end(parser) - start), pictures.number(name));
        });
        for (int i = 0; i < spans.count(); i++) {
            PictureRows rows = read(i);
            for (Row row : rows.rows()) {
                scan.row(row.key(), rows.picture());
            }
        }
    }

    private PictureRows read(int number) throws IOException {
        String picture = pictures.name(spans.picture(number));
        List<Row> rows = new ArrayList<>();
        PictureSource source = PictureSource.NONE;
        for (JsonNode annotation : file.read(spans.offset(number), spans.length(number))) {
            String image = annotation.path("image").asString("");
            String own = annotation.hasNonNull("ann_id")
                    ? Row.key(annotation.path("ann_id"))
                    : Integer.toString(rows.size());
            source = new TarPicture(tars, tar(annotation.path("tar_file").asString("")), image);
            rows.add(Regions.row(
                    StringNode.valueOf(picture + "/" + own),
                    image,
                    Map.of("image_id", picture, "ann_id", own),
                    annotation));
        }
        if (rows.isEmpty()) {
            ObjectNode fields = Lines.object();
            fields.put("id", picture);
            rows.add(Row.broken(fields, "missing_region", "The picture has no annotations"));
        }
        return new PictureRows(picture, source, rows);
    }

    private Path tar(String name) {
        Path tar = folder.resolve(name);
        return Files.exists(tar) ? tar : folder.resolve("images").resolve(name);
    }

    @Override
    public Iterator<PictureRows> pictures(boolean ordered) {
        return ((Reading<int[], PictureRows>) it -> read(it[0])).each(spans.groups(true));
    }
}
