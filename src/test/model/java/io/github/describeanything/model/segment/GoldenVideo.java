package io.github.describeanything.model.segment;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.golden.Npz;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A golden clip with its prompts and what the published code computed for it. */
final class GoldenVideo {
    final List<Picture> frames = new ArrayList<>();
    final List<Step> steps = new ArrayList<>();
    private final Npz arrays;

    /** Prompts, and the passes that follow them. */
    record Step(List<FramePrompt> prompts, List<Direction> passes) {}

    GoldenVideo(String name) {
        arrays = Npz.read(GoldenPicture.FOLDER.resolve("reference/video_" + name + ".npz"));
        JsonNode entry = GoldenPicture.entry("videos", name);
        entry.path("frames").forEach(it -> frames.add(GoldenPicture.picture(it.asString())));
        if (entry.has("steps")) {
            entry.path("steps").forEach(it -> steps.add(step(it)));
        } else {
            steps.add(step(entry));
        }
    }

    private static Step step(JsonNode node) {
        var prompts = new ArrayList<FramePrompt>();
        for (JsonNode it : node.path("prompts")) {
            int frame = it.path("frame").asInt();
            int object = it.path("object").asInt();
            prompts.add(
                    it.has("mask")
                            ? FramePrompt.of(
                                    frame,
                                    object,
                                    white(GoldenPicture.picture(it.path("mask").asString())))
                            : FramePrompt.of(frame, object, GoldenPicture.clicks(it)));
        }
        var passes = new ArrayList<Direction>();
        node.path("passes")
                .forEach(it -> passes.add(it.asString().equals("forward") ? Direction.FORWARD : Direction.BACKWARD));
        return new Step(prompts, passes);
    }

    private static Mask white(Picture picture) {
        var bits = new BitSet();
        for (int i = 0; i < picture.width() * picture.height(); i++) {
            bits.set(i, picture.rgba()[4 * i] != 0);
        }
        return Mask.of(picture.width(), picture.height(), bits);
    }

    /** The frames that a pass visited, in order. */
    List<Integer> visited(int pass) {
        return Arrays.stream(arrays.get("pass" + pass + ".frames").ints())
                .boxed()
                .toList();
    }

    List<Integer> objects(int pass) {
        return Arrays.stream(arrays.get("pass" + pass + ".objects").ints())
                .boxed()
                .toList();
    }

    /** How many of the values of one object on the i-th frame of a pass are off by more than a bound. */
    long off(String key, int pass, int i, int object, float[] found, double bound) {
        Npz.Array array = arrays.get("pass" + pass + "." + key);
        float[] all = array.floats();
        int from = (i * array.shape()[1] + object) * found.length;
        long off = 0;
        for (int j = 0; j < found.length; j++) {
            // Negated, so that NaN counts.
            off += Math.abs(found[j] - all[from + j]) <= bound ? 0 : 1;
        }
        return off;
    }

    /** How many pixels of one object's mask on the i-th frame of a pass differ. */
    long pixelsOff(String key, int pass, int i, int object, Mask found) {
        byte[] bits = arrays.get("pass" + pass + "." + key).bytes();
        int size = found.width() * found.height();
        long from = (long) (i * objects(pass).size() + object) * size;
        long off = 0;
        for (int j = 0; j < size; j++) {
            long at = from + j;
            boolean expected = (bits[(int) (at / 8)] & 0x80 >> at % 8) != 0;
            off += expected == found.get(j) ? 0 : 1;
        }
        return off;
    }
}
