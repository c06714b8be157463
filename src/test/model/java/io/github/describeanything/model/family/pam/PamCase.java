package io.github.describeanything.model.family.pam;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.golden.Npz;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.SegmentPrompt.Point;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A picture with a prompt, and what the published code computed. @param expected its record in reference.json */
public record PamCase(String name, JsonNode expected, Npz arrays) {
    private static final Path FOLDER = TestBundles.root().resolve("src/test/resources/golden-pam");
    private static final int IMAGE = -200;

    static Stream<PamCase> pictures() {
        return records()
                .filter(it -> it.path("type").asString().equals("image"))
                .map(it -> named(it.path("name").asString(), it));
    }

    public static Stream<PamCase> clips() {
        return records()
                .filter(it -> it.path("frames").size() > 1)
                .map(it -> named(it.path("name").asString(), it));
    }

    static Stream<JsonNode> records() {
        JsonNode records = JsonMapper.shared()
                .readTree(FOLDER.resolve("reference/reference.json").toFile());
        return StreamSupport.stream(records.spliterator(), false);
    }

    private static PamCase named(String name, JsonNode expected) {
        return new PamCase(name, expected, Npz.read(FOLDER.resolve("reference/" + name + ".npz")));
    }

    public static PamCase of(String name) {
        return records()
                .filter(it -> it.path("name").asString().equals(name))
                .map(it -> named(name, it))
                .findFirst()
                .orElseThrow();
    }

    Picture picture() {
        return picture(expected.path("frames").get(0).asString());
    }

    public List<Picture> frames() {
        return StreamSupport.stream(expected.path("frames").spliterator(), false)
                .map(it -> picture(it.asString()))
                .toList();
    }

    private static Picture picture(String file) {
        try {
            byte[] encoded = Files.readAllBytes(FOLDER.resolve("cases").resolve(file));
            return new PictureReader(PictureLimits.DEFAULT).read(encoded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public SegmentPrompt prompt() {
        JsonNode box = expected.path("box");
        if (box.isArray()) {
            return SegmentPrompt.box(
                    box.get(0).asDouble(),
                    box.get(1).asDouble(),
                    box.get(2).asDouble(),
                    box.get(3).asDouble());
        }
        var points = new ArrayList<Point>();
        for (JsonNode point : expected.path("points")) {
            boolean inside = expected.path("labels").get(points.size()).asInt() == 1;
            points.add(new Point(point.get(0).asDouble(), point.get(1).asDouble(), inside));
        }
        return new SegmentPrompt(points, Optional.empty(), Optional.empty());
    }

    String question() {
        return expected.path("query").asString().replaceFirst("<image>\n", "");
    }

    /** The prompt as the decoder reads it. @param rows of the picture */
    int[] entries(int rows) {
        return ints("input_ids")
                .flatMap(it -> it == IMAGE ? IntStream.range(0, rows).map(row -> ~row) : IntStream.of(it))
                .toArray();
    }

    IntStream ints(String key) {
        return StreamSupport.stream(expected.path(key).spliterator(), false).mapToInt(JsonNode::asInt);
    }

    /** The largest difference from what was recorded, in full or at sampled places. */
    public double off(String key, float[] found) {
        return off(key, found, 0, found.length);
    }

    /** The same between two places. */
    public double off(String key, float[] found, int from, int to) {
        boolean whole = arrays.has(key);
        float[] wanted = arrays.get(whole ? key : key + "_value").floats();
        if (whole && wanted.length != found.length) {
            throw new IllegalStateException(key + " has " + wanted.length + " values, not " + found.length);
        }
        int[] places = whole
                ? IntStream.range(0, wanted.length).toArray()
                : arrays.get(key + "_index").ints();
        double worst = 0;
        int compared = 0;
        for (int i = 0; i < places.length; i++) {
            if (places[i] >= from && places[i] < to) {
                worst = larger(worst, found[places[i]] - wanted[i]);
                compared++;
            }
        }
        if (compared == 0) {
            throw new IllegalStateException("Nothing of " + key + " is recorded between " + from + " and " + to);
        }
        return worst;
    }

    /** The object score of a frame. */
    double score(int frame) {
        return expected.path("object_score").get(frame).asDouble();
    }

    /** How many pixels of a frame's mask differ. */
    int pixelsOff(int frame, Mask found) {
        byte[] bits = arrays.get("mask_bits").bytes();
        int from = frame * (bits.length / expected.path("frames").size());
        int off = 0;
        for (int i = 0; i < found.width() * found.height(); i++) {
            boolean wanted = (bits[from + i / 8] >> 7 - i % 8 & 1) == 1;
            off += found.get(i) != wanted ? 1 : 0;
        }
        return off;
    }

    /** [channels, cells] to [cells, channels]. */
    static float[] rows(float[] map, int channels) {
        return transposed(map, channels, map.length / channels);
    }

    /** [cells, channels] to [channels, cells]. */
    static float[] columns(float[] rows, int channels) {
        return transposed(rows, rows.length / channels, channels);
    }

    private static float[] transposed(float[] values, int height, int width) {
        var result = new float[values.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                result[x * height + y] = values[y * width + x];
            }
        }
        return result;
    }

    private static double larger(double worst, float difference) {
        return Float.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, Math.abs(difference));
    }

    @Override
    public String toString() {
        return name;
    }
}
