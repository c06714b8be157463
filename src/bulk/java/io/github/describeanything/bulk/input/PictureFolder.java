package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureFile;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder of pictures. Used by one thread.
 *
 * <p>Without masks each picture is a row, and its alpha channel the region. With masks a picture {@code a/cat.jpg} has the
 * mask file {@code a/cat.png} in the folder of masks, or all those in its folder {@code a/cat}. A row's id is the path of the
 * picture, or of the mask.
 */
final class PictureFolder implements Input {
    private static final List<String> TYPES = List.of("png", "jpg", "jpeg", "webp", "tif", "tiff", "gif", "bmp");

    private final Path folder;
    private final Optional<Path> masks;
    /** Relative to the folder. */
    private final List<Path> pictures;

    PictureFolder(Path folder, Optional<Path> masks) throws IOException {
        if (masks.isPresent() && Files.isSameFile(folder, masks.get())) {
            throw new InputException(
                    "--masks is the folder of the pictures: a mask has the name of its picture, so masks"
                            + " lie in another folder");
        }
        this.folder = folder;
        this.masks = masks;
        this.pictures = files(folder, TYPES);
        if (pictures.isEmpty()) {
            throw new InputException(
                    "There is no picture in " + folder + ": they end with " + String.join(", ", TYPES));
        }
    }

    /**
     * All files of these types under a folder, sorted, relative to it: whole paths that were printed once would take three
     * times the memory.
     */
    static List<Path> files(Path folder, List<String> types) throws IOException {
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(it -> types.contains(type(it)) && Files.isRegularFile(it))
                    .map(folder::relativize)
                    .sorted()
                    .toList();
        }
    }

    private static String type(Path file) {
        String name = file.toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    @Override
    public void scan(Scan scan) throws IOException {
        for (Path picture : pictures) {
            PictureRows rows = read(picture);
            for (Row row : rows.rows()) {
                scan.row(row.key(), rows.picture());
            }
        }
    }

    private PictureRows read(Path relative) throws IOException {
        Path picture = folder.resolve(relative);
        String name = name(folder, picture);
        List<Row> rows = new ArrayList<>();
        if (masks.isEmpty()) {
            rows.add(Row.of(fields(name, name)));
        } else {
            String stem = name.substring(0, name.lastIndexOf('.'));
            for (Path mask : masks(masks.get(), stem)) {
                String maskName = name(masks.get(), mask);
                ObjectNode fields = fields(maskName, name);
                fields.putObject("region").put("mask", maskName);
                rows.add(Row.of(fields));
            }
            if (rows.isEmpty()) {
                rows.add(Row.broken(
                        fields(name, name),
                        "missing_mask",
                        "There is no mask %s.png, or of another type, and none in a folder %s in %s"
                                .formatted(stem, stem, masks.get())));
            }
        }
        return new PictureRows(name, new PictureFile(picture), rows);
    }

    private static List<Path> masks(Path masks, String stem) throws IOException {
        Path own = masks.resolve(stem);
        if (Files.isDirectory(own)) {
            return files(own, TYPES).stream().map(own::resolve).toList();
        }
        return TYPES.stream()
                .map(it -> masks.resolve(stem + "." + it))
                .filter(Files::isRegularFile)
                .limit(1)
                .toList();
    }

    private static ObjectNode fields(String id, String image) {
        ObjectNode fields = Lines.object();
        fields.put("id", id);
        fields.put("image", image);
        return fields;
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    @Override
    public Iterator<PictureRows> pictures(boolean ordered) {
        return ((Reading<Path, PictureRows>) this::read).each(pictures.iterator());
    }
}
