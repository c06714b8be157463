package io.github.describeanything.bulk.row;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.RegionsReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Turns regions of rows into masks, as the server does. Thread-safe. */
public final class RegionMasks {
    private final PictureReader reader;
    private final RegionsReader regions;
    private final Path masks;

    /**
     * @param masks where mask files lie that rows name
     * @param limits of pictures and mask files
     */
    public RegionMasks(Path masks, PictureLimits limits) {
        this.reader = new PictureReader(limits);
        this.regions = new RegionsReader(1, reader, Optional.empty());
        this.masks = masks;
    }

    /** Decodes a picture. @throws PictureException if it cannot be decoded */
    public Picture picture(byte[] encoded) {
        return reader.read(encoded);
    }

    /**
     * The mask of a row; without a region it is the picture's alpha.
     *
     * @throws IOException if its mask file cannot be read
     * @throws ApiException if the region does not fit the picture
     * @throws PictureException if its mask file cannot be decoded
     */
    public Mask of(Row row, Picture picture) throws IOException {
        Optional<ObjectNode> region = row.region();
        if (region.isEmpty()) {
            return Mask.ofAlpha(picture);
        }
        String file = region.get().path("mask").asString("");
        if (!file.isEmpty() && !file.startsWith("data:")) {
            return reader.readMask(PictureFile.read(masks, file));
        }
        var entries = regions.read(Lines.JSON.createArrayNode().add(region.get()), false);
        return entries.getFirst().region().maskFor(picture);
    }
}
