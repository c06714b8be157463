package io.github.describeanything.server.page;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.region.RunLengths;
import io.javalin.http.Context;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import javax.imageio.ImageIO;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A segmenter that tests can predict: a box is its own mask; a point inside adds a disc, a point outside takes a smaller
 * one away. A picture that it has not seen takes a moment, as embedding does.
 */
final class ScriptedSegmenter {
    /** A received prompt, and whether its picture came as a digest. */
    record Prompted(JsonNode prompt, boolean byDigest) {}

    /** Pixels around a point that it adds or takes away. */
    static final int ADDS = 40;

    static final int CUTS = 20;
    /** Pixels that a tracked thing moves from frame to frame. */
    static final int MOVES = 8;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration EMBEDDING = Duration.ofMillis(600);
    private static final Duration FRAME = Duration.ofMillis(80);

    final BlockingQueue<Prompted> prompted = new LinkedBlockingQueue<>();
    /** The prompts of each video that is tracked. */
    final BlockingQueue<JsonNode> tracked = new LinkedBlockingQueue<>();

    private final Map<String, int[]> sizes = new ConcurrentHashMap<>();

    /** Forgets all pictures, as a server that restarts. */
    void forget() {
        sizes.clear();
    }

    void answer(Context context) throws IOException {
        JsonNode body = JSON.readTree(context.bodyAsBytes());
        if (body.has("frames")) {
            track(context, body);
            return;
        }
        JsonNode image = body.get("image");
        JsonNode prompt = body.get("prompts").get(0);
        prompted.add(new Prompted(prompt, image.isObject()));
        String digest = image.isObject() ? image.get("digest").asString() : embed(image.asString());
        int[] size = sizes.get(digest);
        ObjectNode answer = JSON.createObjectNode();
        if (size == null) {
            answer.putObject("error").put("message", "image.digest is unknown").put("code", "unknown_digest");
            context.status(400);
        } else {
            answer.putObject("image")
                    .put("width", size[0])
                    .put("height", size[1])
                    .put("digest", digest);
            ObjectNode mask =
                    answer.putArray("data").addObject().putArray("masks").addObject();
            RunLengths runs = RunLengths.of(mask(prompt, size[0], size[1]));
            mask.put("frame", 0).put("score", 0.9);
            mask.putObject("rle")
                    .put("counts", runs.compressed())
                    .putArray("size")
                    .add(size[1])
                    .add(size[0]);
        }
        context.contentType("application/json").result(answer.toString());
    }

    /** A mask per frame: that of the nearest mark, moved to the right by some pixels a frame. */
    private void track(Context context, JsonNode body) throws IOException {
        JsonNode prompts = body.get("prompts");
        tracked.add(prompts);
        int count = body.get("frames").size();
        int[] size = sizes.get(embed(body.get("frames").get(0).asString()));
        context.res().setContentType("text/event-stream");
        var out = context.res().getOutputStream();
        for (int frame = 0; frame < count; frame++) {
            JsonNode nearest = nearest(prompts, frame);
            int moved = MOVES * (frame - nearest.get("frame").asInt());
            RunLengths runs = RunLengths.of(mask(nearest, size[0], size[1], moved));
            ObjectNode event = JSON.createObjectNode();
            event.put("frame", frame).put("index", frame).put("count", count);
            ObjectNode rle = event.putArray("data").addObject().put("object", 1).putObject("rle");
            rle.put("counts", runs.compressed()).putArray("size").add(size[1]).add(size[0]);
            pause(FRAME);
            out.write(("data: " + event + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
        out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode nearest(JsonNode prompts, int frame) {
        JsonNode nearest = prompts.get(0);
        for (JsonNode prompt : prompts) {
            int away = Math.abs(prompt.get("frame").asInt() - frame);
            nearest = away < Math.abs(nearest.get("frame").asInt() - frame) ? prompt : nearest;
        }
        return nearest;
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String embed(String url) throws IOException {
        pause(EMBEDDING);
        byte[] encoded = Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1));
        var picture = ImageIO.read(new ByteArrayInputStream(encoded));
        String digest = Integer.toHexString(url.hashCode());
        sizes.put(digest, new int[] {picture.getWidth(), picture.getHeight()});
        return digest;
    }

    private static Mask mask(JsonNode prompt, int width, int height) {
        return mask(prompt, width, height, 0);
    }

    private static Mask mask(JsonNode prompt, int width, int height, int moved) {
        var bits = new BitSet(width * height);
        for (int i = 0; i < width * height; i++) {
            bits.set(i, inside(prompt, i % width + 0.5 - moved, i / width + 0.5));
        }
        return Mask.of(width, height, bits);
    }

    private static boolean inside(JsonNode prompt, double x, double y) {
        JsonNode box = prompt.path("box");
        boolean inside = box.size() == 4
                && x > box.get(0).asDouble()
                && y > box.get(1).asDouble()
                && x < box.get(2).asDouble()
                && y < box.get(3).asDouble();
        JsonNode points = prompt.path("points");
        for (int i = 0; i < points.size(); i++) {
            boolean adds = prompt.get("labels").get(i).asInt() == 1;
            double away = Math.hypot(
                    points.get(i).get(0).asDouble() - x, points.get(i).get(1).asDouble() - y);
            if (away < (adds ? ADDS : CUTS)) {
                inside = adds;
            }
        }
        return inside;
    }
}
