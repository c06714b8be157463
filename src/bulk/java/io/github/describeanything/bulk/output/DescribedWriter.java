package io.github.describeanything.bulk.output;

import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.RegionMasks;
import io.github.describeanything.bulk.row.Row;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.server.errors.ApiException;
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
    private int leftOut;
    private String whyFirst = "";
    private Optional<TarArchiveOutputStream> tar = Optional.empty();

    private DescribedWriter(Path folder, Captions captions, RegionMasks regions) {
        this.folder = folder;
        this.captions = captions;
        this.regions = regions;
    }

    /**
     * Writes the folder. Its annotations are there only when everything is.
     *
     * @param input scanned already
     * @return what is left out, if anything is: rows whose mask only the server could make
     */
    public static Optional<String> write(Input input, Captions captions, Path folder, RegionMasks regions)
            throws IOException {
        Files.createDirectories(folder.resolve("images"));
        var writer = new DescribedWriter(folder, captions, regions);
        writer.write(input.pictures(false));
        return writer.leftOut == 0
                ? Optional.empty()
                : Optional.of("%,d rows are not in %s, the first because of its mask: %s"
                        .formatted(writer.leftOut, folder, writer.whyFirst));
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
        Optional<Decoded> decoded = Optional.empty();
        Optional<Stored> stored = Optional.empty();
        for (Row row : rows.rows()) {
            Optional<String> caption = captions.of(row.key());
            if (caption.isEmpty()) {
                continue;
            }
            ObjectNode mask;
            try {
                if (decoded.isEmpty()) {
                    byte[] bytes = rows.source().read();
                    decoded = Optional.of(new Decoded(bytes, regions.picture(bytes)));
                }
                mask = CompressedRuns.of(regions.of(row, decoded.get().picture()));
            } catch (PictureException | ApiException e) {
                // A server may read larger pictures, and turn clicks into masks.
                whyFirst = leftOut++ == 0 ? row.key() + ": " + e.getMessage() : whyFirst;
                continue;
            }
            if (stored.isEmpty()) {
                stored = Optional.of(store(rows, row, decoded.get().bytes()));
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
            annotation.set("mask_rle", mask);
            annotation.put("caption", caption.get());
            json.writeTree(annotation);
        }
        if (stored.isPresent()) {
            json.writeEndArray();
        }
    }

    private record Decoded(byte[] bytes, Picture picture) {}

    /** A picture in a tar file. */
    private record Stored(String name, String tar) {}

    private Stored store(PictureRows rows, Row row, byte[] bytes) throws IOException {
        String known = row.fields().path("tar_file").asString("");
        if (!known.isEmpty()) {
            return new Stored(rows.rows().getFirst().fields().path("image").asString(""), known);
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
        return new Stored(name, tarName);
    }

    private void closeTar() throws IOException {
        if (tar.isPresent()) {
            tar.get().close();
        }
    }
}
