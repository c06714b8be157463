package io.github.describeanything.server.openai.streams;

import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.CommandReader;
import io.github.describeanything.server.openai.Conversation;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.SamplingFields;
import io.github.describeanything.server.openai.UnsupportedFields;
import io.github.describeanything.server.openai.WireReader;
import io.github.describeanything.server.openai.WireRequest;
import io.github.describeanything.server.service.Describe;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.ImageReference;
import io.github.describeanything.server.service.Tasks;
import io.github.describeanything.server.service.VideoStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a segment of a stream: the first, which opens it, or a further one. Used by one thread.
 *
 * @param describe knows the models
 * @param turn the segment's
 */
public record SegmentReader(CommandReader commands, Describe describe, VideoStreams.Turn turn) implements WireReader {
    private static final String FRAMES = "frames";
    private static final String REGION = "region";
    private static final String MODEL = "model";
    private static final String LANGUAGE = "language";

    @Override
    public WireRequest read(JsonNode body) {
        Fields fields = Fields.ofRequest(body);
        UnsupportedFields.refuse(fields, "messages", "regions", "task", "tasks", "logprobs", "top_logprobs");
        fields.require(
                fields.integer("n", 1, Integer.MAX_VALUE).orElse(1) == 1, "n", "must be 1: a segment has one caption");
        choose(fields);
        List<ImageReference> frames = frames(fields);
        var asked = new Conversation.Asked(new DescribeCommand.Pictures(frames), question(), Optional.empty());
        requireClip(frames.size());
        var whole = (ObjectNode) body.deepCopy();
        whole.putArray("regions").add(region(fields));
        whole.remove(LANGUAGE);
        whole.put(MODEL, turn.model());
        OptionalInt most = SamplingFields.limit(fields, "max_tokens");
        return new WireRequest(
                read(new Fields(whole, ""), asked, most), true, new SegmentWriter(turn, fields.flag("return_masks")));
    }

    /** Reads the segment as a chat request with one region, and names fields in errors as the client does. */
    private DescribeCommand read(Fields chat, Conversation.Asked asked, OptionalInt most) {
        try {
            return commands.read(chat, asked, most, OptionalInt.empty(), 1)
                    .command()
                    .returningMasks();
        } catch (ApiException e) {
            throw e.at(e.param().map(this::field).orElse(""));
        }
    }

    /** The first segment's model and language are those of all. */
    private void choose(Fields fields) {
        Optional<String> model = fields.string(MODEL);
        Optional<String> language = fields.string(LANGUAGE);
        if (turn.opens()) {
            turn.choose(describe.model(model), language.orElse("en"));
            return;
        }
        String rule = "is that of the first segment: leave it out";
        fields.require(model.isEmpty() || describe.model(model).equals(turn.model()), MODEL, rule);
        fields.require(language.isEmpty() || language.get().equals(turn.language()), LANGUAGE, rule);
    }

    private static List<ImageReference> frames(Fields fields) {
        JsonNode list = fields.node(FRAMES);
        fields.require(list.isArray() && !list.isEmpty(), FRAMES, "must be a list of pictures, in order");
        var frames = new ArrayList<ImageReference>();
        for (JsonNode frame : list) {
            String path = FRAMES + "[" + frames.size() + "]";
            fields.require(frame.isString() && !frame.asString().isBlank(), path, "must be a URL");
            frames.add(new ImageReference(frame.asString().strip(), path));
        }
        return frames;
    }

    /** A single picture would be described as one. */
    private void requireClip(int frames) {
        int least = describe.manifest(turn.model()).maxFrames();
        if (frames < least) {
            throw ApiException.badRequest(
                    FRAMES,
                    "wrong_picture_count",
                    "frames must be a list of %d or more pictures, not %d".formatted(least, frames));
        }
    }

    /** The published question about a clip, with the last caption in it. */
    private String question() {
        Manifest.Mode mode = describe.manifest(turn.model())
                .prompts()
                .video()
                .filter(it -> it.noHistory().isPresent())
                .orElseThrow(() -> ApiException.badRequest(
                        MODEL,
                        "unsupported_parameter",
                        "%s does not describe streams: serve Perceive Anything".formatted(turn.model())));
        return new Tasks(LANGUAGE, List.of("caption"), turn.language())
                .questions(turn.model(), mode, turn.caption())
                .getFirst();
    }

    /** The region of the request, else where the last segment left it; always on the first frame. */
    private JsonNode region(Fields fields) {
        JsonNode given = fields.node(REGION);
        if (given.isObject()) {
            JsonNode frame = given.path("frame");
            boolean first = frame.isMissingNode() || UnsupportedFields.unused(frame);
            fields.require(first, REGION + ".frame", "must be 0: each segment goes on from its first frame");
            return ((ObjectNode) given.deepCopy()).put("frame", 0);
        }
        fields.require(given.isNull(), REGION, "must be an object, such as {\"box\": [x0, y0, x1, y1]}");
        MaskBox box = turn.box()
                .orElseThrow(() -> ApiException.badValue(
                        REGION, "region is missing: mark the thing on the first frame of a stream"));
        var region = JsonNodeFactory.instance.objectNode();
        region.putArray("box")
                .add(box.x())
                .add(box.y())
                .add(box.x() + box.width())
                .add(box.y() + box.height());
        return region.put("frame", 0);
    }

    @Override
    public String field(String name) {
        return name.equals("messages") ? FRAMES : name.replaceFirst("^regions(\\[0])?", REGION);
    }
}
