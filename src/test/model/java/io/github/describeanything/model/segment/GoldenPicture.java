package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.golden.Npz;
import io.github.describeanything.model.segment.SegmentPrompt.Box;
import io.github.describeanything.model.segment.SegmentPrompt.Point;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A golden picture with its prompts and what the published code computed for them. */
final class GoldenPicture {
    static final Path FOLDER = TestBundles.root().resolve("src/test/resources/golden-sam");
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};

    final String name;
    final Npz arrays;
    private final JsonNode entry;

    /** A prompt of {@code cases.json}. @param from the earlier prompt whose logits it refines */
    record Prompt(String name, SegmentPrompt prompt, Optional<String> from) {}

    GoldenPicture(String name) {
        this.name = name;
        arrays = Npz.read(FOLDER.resolve("reference/" + name + ".npz"));
        entry = entry("pictures", name);
    }

    /** An entry of {@code cases.json}. */
    static JsonNode entry(String kind, String name) {
        JsonNode cases =
                JsonMapper.shared().readTree(FOLDER.resolve("cases/cases.json").toFile());
        return StreamSupport.stream(cases.path(kind).spliterator(), false)
                .filter(it -> it.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    Picture picture() {
        return picture(name + ".png");
    }

    static Picture picture(String file) {
        try {
            byte[] encoded = Files.readAllBytes(FOLDER.resolve("cases/" + file));
            return new PictureReader(PictureLimits.DEFAULT).read(encoded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The recorded input of the encoder, normalised. */
    View view() {
        byte[] bytes = arrays.get("pixels_u8").bytes();
        var values = new float[bytes.length];
        int plane = bytes.length / 3;
        for (int i = 0; i < bytes.length; i++) {
            values[i] = ((bytes[i] & 0xFF) / 255f - MEAN[i / plane]) / STD[i / plane];
        }
        return new View(values);
    }

    List<Prompt> prompts() {
        var prompts = new ArrayList<Prompt>();
        for (JsonNode node : entry.path("prompts")) {
            SegmentPrompt prompt = clicks(node);
            Optional<String> from = Optional.ofNullable(node.path("mask_from").asString(null));
            prompts.add(new Prompt(node.path("name").asString(), prompt, from));
        }
        return prompts;
    }

    /** The points and the box of an entry of {@code cases.json}. */
    static SegmentPrompt clicks(JsonNode node) {
        var points = new ArrayList<Point>();
        for (JsonNode point : node.path("points")) {
            boolean inside = node.path("labels").get(points.size()).asInt() == 1;
            points.add(new Point(point.get(0).asDouble(), point.get(1).asDouble(), inside));
        }
        JsonNode box = node.path("box");
        Optional<Box> around = box.isMissingNode()
                ? Optional.empty()
                : Optional.of(new Box(
                        box.get(0).asDouble(),
                        box.get(1).asDouble(),
                        box.get(2).asDouble(),
                        box.get(3).asDouble()));
        return new SegmentPrompt(points, around, Optional.empty());
    }

    /** The largest difference from what was recorded, in full or at sampled places. */
    double off(String key, float[] found) {
        if (arrays.has(key)) {
            float[] expected = arrays.get(key).floats();
            if (expected.length != found.length) {
                throw new IllegalStateException(key + " has " + expected.length + " values, not " + found.length);
            }
            double worst = 0;
            for (int i = 0; i < found.length; i++) {
                worst = larger(worst, found[i] - expected[i]);
            }
            return worst;
        }
        int[] places = arrays.get(key + "_index").ints();
        float[] expected = arrays.get(key + "_value").floats();
        double worst = 0;
        for (int i = 0; i < places.length; i++) {
            worst = larger(worst, found[places[i]] - expected[i]);
        }
        return worst;
    }

    private static double larger(double worst, double difference) {
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, Math.abs(difference));
    }

    /** How many pixels differ from recorded bits. */
    long pixelsOff(String key, Mask found) {
        byte[] bits = arrays.get(key).bytes();
        long off = 0;
        for (int i = 0; i < found.width() * found.height(); i++) {
            boolean expected = (bits[i / 8] & 0x80 >> i % 8) != 0;
            off += expected == found.get(i) ? 0 : 1;
        }
        return off;
    }

    int integer(String key) {
        return arrays.get(key).ints()[0];
    }
}
