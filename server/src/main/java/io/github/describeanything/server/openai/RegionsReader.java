package io.github.describeanything.server.openai;

import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Polygon;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.focal.region.RunLengths;
import io.github.describeanything.focal.region.Scribble;
import io.github.describeanything.focal.region.Whole;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.ContentDigest.Kind;
import io.github.describeanything.server.pictures.DataUrl;
import io.github.describeanything.server.service.ClickedRegion;
import io.github.describeanything.server.service.Clicks;
import io.github.describeanything.server.service.InlineRegion;
import io.github.describeanything.server.service.MaskSource;
import io.github.describeanything.server.service.NamedRegion;
import io.github.describeanything.server.service.NamedRegion.CompressedRle;
import io.github.describeanything.server.service.NamedRegion.MaskFile;
import io.github.describeanything.server.service.NamedRegion.Outline;
import io.github.describeanything.server.service.NamedRegion.Shape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads the {@code regions} of a request. Thread-safe. Checks everything that does not depend on the picture; errors
 * name the entry.
 */
public final class RegionsReader {
    private static final String NAME = "regions";
    private static final List<String> FORMS = List.of("box", "polygon", "rle", "scribble", "mask", "whole");
    private static final int MAX_ID_LENGTH = 256;
    /** More than masks of 33 megapixels need in practice; each count becomes four bytes. */
    private static final int MAX_COUNTS_LENGTH = 1 << 22;

    private final int most;
    private final PictureReader masks;
    private final Optional<Segmenter> segmenter;

    /**
     * @param most maximum entries of a request
     * @param masks decodes mask files
     * @param segmenter turns clicks into masks, if there is one
     */
    public RegionsReader(int most, PictureReader masks, Optional<Segmenter> segmenter) {
        this.most = most;
        this.masks = masks;
        this.segmenter = segmenter;
    }

    /**
     * All entries in order; empty if the field is absent or empty.
     *
     * @param upright whether to apply the orientation tags of mask files
     */
    public List<RegionEntry> read(JsonNode regions, boolean upright) {
        if (regions.isNull()) {
            return List.of();
        }
        if (!regions.isArray()) {
            throw ApiException.badValue(NAME, "regions must be a list");
        }
        if (regions.size() > most) {
            throw ApiException.badValue(
                    NAME, "regions has %d entries; this server takes at most %d".formatted(regions.size(), most));
        }
        var entries = new ArrayList<RegionEntry>();
        for (JsonNode entry : regions) {
            entries.add(entry(entry, NAME + "[" + entries.size() + "]", upright));
        }
        return entries;
    }

    private RegionEntry entry(JsonNode node, String path, boolean upright) {
        if (!node.isObject()) {
            throw ApiException.badValue(path, path + " must be an object");
        }
        var fields = new Fields(node, path + ".");
        if (fields.has("points") || fields.has("labels") || fields.flag("refine")) {
            return new RegionEntry(id(fields), frame(fields), time(fields), path, clicked(fields, path));
        }
        List<String> given = FORMS.stream()
                .filter(it -> fields.has(it) && !isFalse(fields.node(it)))
                .toList();
        if (given.size() != 1) {
            throw ApiException.badValue(
                    path,
                    path + " must have exactly one of box, polygon, rle, scribble, mask, whole and points, but has "
                            + (given.isEmpty() ? "none" : String.join(" and ", given)));
        }
        String form = given.getFirst();
        boolean fractions = fractions(fields, form);
        refuseUnnamedFractions(fields, form);
        Shape shape = shape(fields, form, fractions, upright);
        ByteBuffer key = switch (shape) {
            case Outline it -> ContentDigest.of(Kind.OUTLINE, form + it.fractions() + fields.node(form));
            case CompressedRle it -> ContentDigest.of(Kind.RLE, it.height() + "," + it.width() + "," + it.counts());
            case MaskFile it -> ContentDigest.of(Kind.MASK, it.encoded());
        };
        var region = new NamedRegion(path, false, shape, key);
        return new RegionEntry(id(fields), frame(fields), time(fields), path, region);
    }

    /** Instead of a frame. */
    private static OptionalDouble time(Fields fields) {
        OptionalDouble time = fields.number("time", 0, Double.MAX_VALUE);
        fields.require(
                time.isEmpty() || !fields.has("frame"), "time", "cannot be sent beside frame: send one of the two");
        return time;
    }

    private static OptionalInt frame(Fields fields) {
        return fields.integer("frame", -Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /** Points, perhaps in a box; or a box or a scribble that the segmenter is to refine. */
    private MaskSource clicked(Fields fields, String path) {
        List<String> others = FORMS.stream()
                .filter(it -> fields.has(it) && !isFalse(fields.node(it)))
                .toList();
        boolean scribble = others.equals(List.of("scribble")) && fields.flag("refine");
        if (!others.isEmpty() && !others.equals(List.of("box")) && !scribble) {
            throw ApiException.badValue(
                    path,
                    path + " has " + String.join(" and ", others)
                            + ": the segmenter takes points, a box with refine, or a scribble with refine");
        }
        boolean fractions = fractions(fields, "points");
        Clicks clicks = scribble
                ? ClicksReader.ofScribble(line(fields.object("scribble")), fields, fractions)
                : ClicksReader.read(fields, fractions);
        String needed = path + (fields.has("points") ? ".points" : ".refine");
        return new ClickedRegion(path, false, needed, clicks, key(clicks), segmenter);
    }

    static ByteBuffer key(Clicks clicks) {
        return ContentDigest.of(Kind.CLICKS, clicks.toString());
    }

    /** Regions that are marked on some frames of a video. */
    FollowedRegions followed() {
        return new FollowedRegions(segmenter);
    }

    /** {@code "whole": false} is no region. */
    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.asBoolean();
    }

    /** A region written in the user's text. */
    public MaskSource written(InlineRegion region, String param) {
        if (region.clicks().isPresent()) {
            Clicks clicks = region.clicks().get();
            return new ClickedRegion(param, true, param, clicks, key(clicks), segmenter);
        }
        return new NamedRegion(
                param,
                true,
                new Outline(region.region(), region.fractions()),
                ContentDigest.of(Kind.OUTLINE, region + " " + region.percent() + region.parts()));
    }

    private static boolean fractions(Fields fields, String form) {
        boolean fractions = switch (fields.string("unit").orElse("pixel")) {
            case "pixel" -> false;
            case "fraction" -> true;
            default ->
                throw ApiException.badValue(fields.path() + "unit", fields.path() + "unit must be pixel or fraction");
        };
        boolean counted = form.equals("rle") || form.equals("mask");
        fields.require(!fractions || !counted, "unit", "must be pixel: " + form + " is always in pixels");
        return fractions;
    }

    /** Fractions that are read as pixels name no more than the pixel in the corner. A click may be meant for that. */
    private static void refuseUnnamedFractions(Fields fields, String form) {
        JsonNode coordinates = form.equals("scribble") ? fields.node(form).path("points") : fields.node(form);
        boolean outline = Set.of("box", "polygon", "scribble").contains(form);
        if (outline && !fields.has("unit") && looksLikeFractions(coordinates)) {
            String param = fields.path() + form;
            throw ApiException.badRequest(
                    param,
                    "invalid_region",
                    param
                            + " has fractions: add \"unit\": \"fraction\", or \"unit\": \"pixel\" if they are parts of a pixel");
        }
    }

    /** Whether all numbers are between 0 and 1, and one is neither. */
    private static boolean looksLikeFractions(JsonNode coordinates) {
        boolean fraction = false;
        var left = new ArrayDeque<>(List.of(coordinates));
        while (!left.isEmpty()) {
            JsonNode node = left.pop();
            if (node.isNumber()) {
                double number = node.asDouble();
                if (number < 0 || number > 1) {
                    return false;
                }
                fraction |= number != Math.rint(number);
            } else if (node.isArray()) {
                node.forEach(left::push);
            }
        }
        return fraction;
    }

    private static Optional<JsonNode> id(Fields fields) {
        JsonNode id = fields.node("id");
        if (id.isNull()) {
            return Optional.empty();
        }
        boolean name = id.isString() && id.asString().length() <= MAX_ID_LENGTH;
        fields.require(
                name || Fields.isLong(id),
                "id",
                "must be a string of at most " + MAX_ID_LENGTH + " characters, or a 64-bit integer");
        return Optional.of(id);
    }

    private Shape shape(Fields fields, String form, boolean fractions, boolean upright) {
        return switch (form) {
            case "box" -> new Outline(box(fields), fractions);
            case "polygon" -> new Outline(polygon(fields), fractions);
            case "scribble" -> new Outline(scribble(fields.object("scribble")), fractions);
            case "rle" -> rle(fields.object("rle"));
            case "whole" -> whole(fields);
            default -> new MaskFile(mask(fields), upright ? masks.upright() : masks);
        };
    }

    private static Shape whole(Fields fields) {
        fields.require(fields.flag("whole"), "whole", "must be true");
        return new Outline(new Whole(), false);
    }

    private static Region box(Fields fields) {
        fields.require(fields.node("box").size() == 4, "box", "must be [x0, y0, x1, y1]");
        double[] box = fields.numbers("box", 4);
        return new Box(box[0], box[1], box[2], box[3]);
    }

    private static Region polygon(Fields fields) {
        JsonNode parts = fields.node("polygon");
        fields.require(parts.isArray(), "polygon", "must be a list of parts, each [x, y, x, y, …]");
        var corners = new ArrayList<double[]>();
        var inside = new Fields(parts, fields.path() + "polygon");
        int left = 2 * Region.MAX_POINTS;
        for (int i = 0; i < parts.size(); i++) {
            double[] part = inside.numbers(i, left);
            left -= part.length;
            corners.add(part);
        }
        return new Polygon(corners);
    }

    private static Region scribble(Fields scribble) {
        double[] line = line(scribble);
        double width = scribble.number("width", 0, Double.MAX_VALUE)
                .orElseThrow(() -> ApiException.badValue(
                        scribble.path() + "width", scribble.path() + "width is missing: send the width of the pen"));
        return new Scribble(line, width);
    }

    private static double[] line(Fields scribble) {
        JsonNode points = scribble.node("points");
        scribble.require(points.isArray(), "points", "must be a list of points [x, y]");
        scribble.require(
                points.size() <= Region.MAX_POINTS, "points", "has more than " + Region.MAX_POINTS + " points");
        var inside = new Fields(points, scribble.path() + "points");
        var line = new double[2 * points.size()];
        for (int i = 0; i < points.size(); i++) {
            inside.require(points.get(i).isArray() && points.get(i).size() == 2, i, "must be a point [x, y]");
            System.arraycopy(inside.numbers(i, 2), 0, line, 2 * i, 2);
        }
        return line;
    }

    private static Shape rle(Fields rle) {
        int[] size = rle.integers("size", 2);
        rle.require(size.length == 2, "size", "must be [height, width]");
        JsonNode counts = rle.node("counts");
        // A lone surrogate would become a question mark in the digest, which is a valid run length.
        boolean text =
                counts.isString() && StandardCharsets.US_ASCII.newEncoder().canEncode(counts.asString());
        rle.require(text || counts.isArray(), "counts", "must be COCO's compressed string or a list");
        if (text) {
            rle.require(
                    counts.asString().length() <= MAX_COUNTS_LENGTH, "counts", "is longer than " + MAX_COUNTS_LENGTH);
            return new CompressedRle(size[0], size[1], counts.asString());
        }
        return new Outline(new RunLengths(size[0], size[1], rle.integers("counts", MAX_COUNTS_LENGTH)), false);
    }

    private static byte[] mask(Fields fields) {
        fields.require(fields.node("mask").isString(), "mask", "must be a string, a data URL: data:image/png;base64,…");
        String url = fields.node("mask").asString().strip();
        fields.require(DataUrl.is(url), "mask", "must be a data URL: data:image/png;base64,…");
        return DataUrl.decode(url, fields.path() + "mask");
    }
}
