package io.github.describeanything.server.openai.streams;

import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.CommandReader;
import io.github.describeanything.server.openai.Conversation;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.SamplingFields;
import io.github.describeanything.server.openai.UnsupportedFields;
import io.github.describeanything.server.openai.WireId;
import io.github.describeanything.server.openai.WireReader;
import io.github.describeanything.server.openai.WireRequest;
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
 * @param stream the id of an open stream; empty to open one
 */
public record SegmentReader(CommandReader commands, Manifest manifest, VideoStreams streams, Optional<String> stream)
        implements WireReader {
    private static final String REGION = "region";

    @Override
    public WireRequest read(JsonNode body) {
        Fields fields = Fields.ofRequest(body);
        UnsupportedFields.refuse(fields, "messages", "regions", "task", "tasks", "n", "logprobs");
        Optional<VideoStreams.Session> open = stream.map(streams::find);
        if (open.isEmpty()) {
            streams.requireRoom();
        }
        String language = fields.string("language").orElse("en");
        fields.require(
                open.isEmpty() || !fields.has("language"), "language", "is that of the first segment: leave it out");
        VideoStreams.Session session = open.orElseGet(() -> new VideoStreams.Session(WireId.random("vs_"), language));
        var asked = new Conversation.Asked(frames(fields), question(session), Optional.empty());
        var whole = (ObjectNode) body.deepCopy();
        whole.putArray("regions").add(region(fields, session));
        whole.remove("language");
        OptionalInt most = SamplingFields.limit(fields, "max_tokens");
        DescribeCommand command = commands.read(new Fields(whole, ""), asked, most, OptionalInt.empty(), 1)
                .command()
                .returningMasks();
        return new WireRequest(
                command, true, new SegmentWriter(streams, session, open.isPresent(), fields.flag("return_masks")));
    }

    private static List<ImageReference> frames(Fields fields) {
        JsonNode list = fields.node("frames");
        fields.require(list.isArray() && !list.isEmpty(), "frames", "must be a list of pictures, in order");
        var frames = new ArrayList<ImageReference>();
        for (JsonNode frame : list) {
            String path = "frames[" + frames.size() + "]";
            fields.require(frame.isString() && !frame.asString().isBlank(), path, "must be a URL");
            frames.add(new ImageReference(frame.asString().strip(), path));
        }
        return frames;
    }

    /** The published question about a clip, with the last caption in it. */
    private String question(VideoStreams.Session session) {
        Manifest.Mode mode = manifest.prompts()
                .video()
                .filter(it -> it.noHistory().isPresent())
                .orElseThrow(() -> ApiException.badRequest(
                        "model",
                        "unsupported_parameter",
                        "%s does not describe streams: serve Perceive Anything".formatted(manifest.name())));
        return new Tasks("language", List.of("caption"), session.language())
                .questions(manifest, mode, session.caption())
                .getFirst();
    }

    /** The region of the request, else where the last segment left it; always on the first frame. */
    private static JsonNode region(Fields fields, VideoStreams.Session session) {
        JsonNode given = fields.node(REGION);
        if (given.isObject()) {
            return ((ObjectNode) given.deepCopy()).put("frame", 0);
        }
        fields.require(given.isNull(), REGION, "must be an object, such as {\"box\": [x0, y0, x1, y1]}");
        MaskBox box = session.box()
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
        return name.equals("messages") ? "frames" : name.replaceFirst("^regions(\\[0])?", REGION);
    }
}
