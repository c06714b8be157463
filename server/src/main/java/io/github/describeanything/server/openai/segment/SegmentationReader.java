package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.ClicksReader;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.service.ImageReference;
import io.github.describeanything.server.service.SegmentCommand;
import io.github.describeanything.server.service.SegmentCommand.ByDigest;
import io.github.describeanything.server.service.SegmentCommand.ByUrl;
import io.github.describeanything.server.service.SegmentCommand.Prompt;
import io.github.describeanything.server.service.SegmentCommand.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Reads segmentation requests. Thread-safe. Unknown fields are ignored; what is not supported is refused by name. */
public final class SegmentationReader {
    private static final List<String> OF_VIDEOS = List.of("frames", "video");
    private static final int MAX_CANDIDATES = 3;

    private final int mostPrompts;

    /** @param mostPrompts prompts that one request may have */
    public SegmentationReader(int mostPrompts) {
        this.mostPrompts = mostPrompts;
    }

    /**
     * A request as it was read. Immutable.
     *
     * @param objects the client's number of the thing of each prompt
     */
    record Request(SegmentCommand command, List<Integer> objects) {}

    /** @throws ApiException naming the field that cannot be used */
    Request read(JsonNode body) {
        if (!body.isObject()) {
            throw ApiException.of(400, "invalid_json", "The request must be a JSON object");
        }
        var fields = new Fields(body, "");
        for (String name : OF_VIDEOS) {
            if (fields.has(name)) {
                throw unsupported(name, "this server marks things in pictures: send image");
            }
        }
        if (fields.flag("stream")) {
            throw unsupported("stream", "the masks of a picture come in one answer: leave it out");
        }
        // Holes are filled in videos only, as the published code does; asking for either changes nothing here.
        fields.flag("fill_holes");
        List<Fields> prompts = prompts(fields);
        var command = new SegmentCommand(
                picture(fields),
                upright(fields),
                IntStream.range(0, prompts.size())
                        .mapToObj(i -> prompt(prompts.get(i), "prompts[" + i + "]"))
                        .toList(),
                fields.integer("candidates", 1, MAX_CANDIDATES).orElse(1));
        fields.require(command.candidates() != 2, "candidates", "must be 1 or 3");
        return new Request(
                command,
                prompts.stream()
                        .map(it -> it.integer("object", 0, Integer.MAX_VALUE).orElse(1))
                        .toList());
    }

    private static ApiException unsupported(String name, String rule) {
        return ApiException.badRequest(name, "unsupported_parameter", name + " is not supported: " + rule);
    }

    private static boolean upright(Fields fields) {
        return switch (fields.string("orientation").orElse("stored")) {
            case "stored" -> false;
            case "apply" -> true;
            default -> throw ApiException.badValue("orientation", "orientation must be stored or apply");
        };
    }

    private static Source picture(Fields fields) {
        JsonNode image = fields.node("image");
        if (image.isObject() && image.has("digest")) {
            Fields inside = fields.object("image");
            inside.require(inside.node("digest").isString(), "digest", "must be the digest of an earlier answer");
            return new ByDigest(inside.node("digest").asString(), "image.digest");
        }
        JsonNode url = image.isObject() ? image.path("url") : image;
        fields.require(
                url.isString() && !url.asString().isBlank(),
                "image",
                "must be a URL, or an object with the digest of an earlier answer");
        return new ByUrl(new ImageReference(url.asString().strip(), "image"));
    }

    private List<Fields> prompts(Fields fields) {
        JsonNode list = fields.node("prompts");
        fields.require(list.isArray() && !list.isEmpty(), "prompts", "must be a list of at least one prompt");
        fields.require(
                list.size() <= mostPrompts,
                "prompts",
                "has %d entries; this server takes at most %d".formatted(list.size(), mostPrompts));
        var prompts = new ArrayList<Fields>();
        for (JsonNode node : list) {
            String path = "prompts[" + prompts.size() + "]";
            if (!node.isObject()) {
                throw ApiException.badValue(path, path + " must be an object");
            }
            prompts.add(new Fields(node, path + "."));
        }
        return prompts;
    }

    private static Prompt prompt(Fields fields, String path) {
        int frame = fields.integer("frame", 0, Integer.MAX_VALUE).orElse(0);
        fields.require(frame == 0, "frame", "must be 0: this is one picture");
        return new Prompt(path, ClicksReader.read(fields, false));
    }
}
