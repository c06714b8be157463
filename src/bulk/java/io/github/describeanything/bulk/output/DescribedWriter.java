package io.github.describeanything.bulk.output;

import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.RegionMasks;
import io.github.describeanything.bulk.row.Row;
import io.github.describeanything.focal.Picture;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the layout of the published dataset: {@code annotations.json}, lists of regions by picture, and
 * {@code images/N.tar}, a thousand pictures each. Used by one thread.
 *
 * <p>Rows that come from such a dataset keep the names of their tar files, and no pictures are copied.
 */
public final class DescribedWriter {
    private static final int PICTURES_A_TAR = 1000;

    private final Path folder;
    private final Captions captions;
    private final RegionMasks regions;
    private int pictures;
    private Optional<TarArchiveOutputStream> tar = Optional.empty();

    private DescribedWriter(Path folder, Captions captions, Path masks) {
        this.folder = folder;
        this.captions = captions;
        this.regions = new RegionMasks(masks);
    }

    /**
     * Writes the folder. Its annotations are there only when everything is.
     *
     * @param input scanned already
     * @param masks where mask files lie that rows name
     */
    public static void write(Input input, Captions captions, Path folder, Path masks) throws IOException {
        Files.createDirectories(folder.resolve("images"));
        new DescribedWriter(folder, captions, masks).write(input.pictures());
    }

    private void write(Iterator<PictureRows> input) throws IOException {
        PartFile.write(folder.resolve("annotations.json"), out -> {
            try (JsonGenerator json = Lines.JSON.createGenerator(out)) {
                json.writeStartObject();
                while (input.hasNext()) {
                    write(input.next(), json);
                }
                json.writeEndObject();
            } finally {
                closeTar();
            }
        });
    }

    private void write(PictureRows rows, JsonGenerator json) throws IOException {
        Optional<Stored> stored = Optional.empty();
        for (Row row : rows.rows()) {
            Optional<String> caption = captions.of(row.key());
            if (caption.isEmpty()) {
                continue;
            }
            if (stored.isEmpty()) {
                stored = Optional.of(store(rows, row));
                json.writeName(row.fields().path("image_id").asString(rows.picture()));
                json.writeStartArray();
            }
            ObjectNode annotation = Lines.object();
            annotation.set(
                    "ann_id",
                    row.fields().has("ann_id")
                            ? row.fields().path("ann_id")
                            : row.fields().path("id"));
            annotation.put("image", stored.get().name());
            annotation.put("tar_file", stored.get().tar());
            annotation.set(
                    "mask_rle", CompressedRuns.of(regions.of(row, stored.get().picture())));
            annotation.put("caption", caption.get());
            json.writeTree(annotation);
        }
        if (stored.isPresent()) {
            json.writeEndArray();
        }
    }

    /** A picture in a tar file. */
    private record Stored(String name, String tar, Picture picture) {}

    private Stored store(PictureRows rows, Row row) throws IOException {
        byte[] bytes = rows.source().read();
        Picture picture = regions.picture(bytes);
        String known = row.fields().path("tar_file").asString("");
        if (!known.isEmpty()) {
            return new Stored(rows.rows().getFirst().fields().path("image").asString(""), known, picture);
        }
        String tarName = "images/" + pictures / PICTURES_A_TAR + ".tar";
        if (pictures % PICTURES_A_TAR == 0) {
            closeTar();
            var opened = new TarArchiveOutputStream(
                    new BufferedOutputStream(Files.newOutputStream(folder.resolve(tarName))), "UTF-8");
            opened.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            tar = Optional.of(opened);
        }
        String name = rows.picture();
        var entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        TarArchiveOutputStream out = tar.orElseThrow();
        out.putArchiveEntry(entry);
        out.write(bytes);
        out.closeArchiveEntry();
        pictures++;
        return new Stored(name, tarName, picture);
    }

    private void closeTar() throws IOException {
        if (tar.isPresent()) {
            tar.get().close();
        }
    }
}
