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
import io.github.describeanything.server.service.TrackCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Reads segmentation requests. Thread-safe. Unknown fields are ignored; what is not supported is refused by name. */
public final class SegmentationReader {
    private static final int MAX_CANDIDATES = 3;

    private final int mostPrompts;
    private final int mostFrames;

    /**
     * @param mostPrompts prompts that one request may have
     * @param mostFrames frames that a video may have
     */
    public SegmentationReader(int mostPrompts, int mostFrames) {
        this.mostPrompts = mostPrompts;
        this.mostFrames = mostFrames;
    }

    /** A request as it was read. */
    sealed interface Request {}

    /** Masks on a picture. @param objects the client's number of the thing of each prompt */
    record OfPicture(SegmentCommand command, List<Integer> objects) implements Request {}

    /** Masks on every frame of a video. @param stream whether each is sent as soon as it is tracked */
    record OfVideo(TrackCommand command, boolean stream) implements Request {}

    /** @throws ApiException naming the field that cannot be used */
    Request read(JsonNode body) {
        if (!body.isObject()) {
            throw ApiException.of(400, "invalid_json", "The request must be a JSON object");
        }
        var fields = new Fields(body, "");
        if (fields.has("video")) {
            throw unsupported("video", "this server takes the frames of a video: send frames");
        }
        return fields.has("frames") ? video(fields) : picture(fields);
    }

    private Request picture(Fields fields) {
        if (fields.flag("stream")) {
            throw unsupported("stream", "the masks of a picture come in one answer: leave it out");
        }
        // Holes are filled in videos only, as the published code does; asking for either changes nothing here.
        fields.flag("fill_holes");
        List<Fields> prompts = prompts(fields);
        var command = new SegmentCommand(
                source(fields),
                upright(fields),
                IntStream.range(0, prompts.size())
                        .mapToObj(i -> prompt(prompts.get(i), "prompts[" + i + "]"))
                        .toList(),
                fields.integer("candidates", 1, MAX_CANDIDATES).orElse(1));
        fields.require(command.candidates() != 2, "candidates", "must be 1 or 3");
        return new OfPicture(
                command, prompts.stream().map(SegmentationReader::object).toList());
    }

    private Request video(Fields fields) {
        fields.require(!fields.has("image"), "image", "is one picture and frames are a video: send one of the two");
        fields.require(
                fields.integer("candidates", 1, MAX_CANDIDATES).orElse(1) == 1,
                "candidates",
                "must be 1: a thing has one mask on each frame of a video");
        List<ImageReference> frames = frames(fields);
        var command = new TrackCommand(
                frames,
                upright(fields),
                marks(prompts(fields), frames.size()),
                !fields.has("fill_holes") || fields.flag("fill_holes"));
        return new OfVideo(command, fields.flag("stream"));
    }

    private List<ImageReference> frames(Fields fields) {
        JsonNode list = fields.node("frames");
        fields.require(list.isArray() && !list.isEmpty(), "frames", "must be a list of URLs, one per frame");
        fields.require(
                list.size() <= mostFrames,
                "frames",
                "has %d entries; this server tracks at most %d (--max-frames): send every %s frame"
                        .formatted(list.size(), mostFrames, ordinal(-Math.floorDiv(-list.size(), mostFrames))));
        var frames = new ArrayList<ImageReference>();
        for (JsonNode node : list) {
            String path = "frames[" + frames.size() + "]";
            JsonNode url = node.isObject() ? node.path("url") : node;
            if (!url.isString() || url.asString().isBlank()) {
                throw ApiException.badValue(path, path + " must be a URL");
            }
            frames.add(new ImageReference(url.asString().strip(), path));
        }
        return frames;
    }

    private static String ordinal(int number) {
        return number + (number == 2 ? "nd" : number == 3 ? "rd" : "th");
    }

    private static List<TrackCommand.Prompt> marks(List<Fields> prompts, int frames) {
        var marks = new ArrayList<TrackCommand.Prompt>();
        var paths = new HashMap<List<Integer>, String>();
        for (Fields fields : prompts) {
            String path = "prompts[" + marks.size() + "]";
            int given = fields.integer("frame", -Integer.MAX_VALUE, Integer.MAX_VALUE)
                    .orElse(0);
            fields.require(
                    given >= -frames && given < frames,
                    "frame",
                    "must be between 0 and %d, or -1 for the last frame".formatted(frames - 1));
            int frame = Math.floorMod(given, frames);
            int object = object(fields);
            String other = paths.putIfAbsent(List.of(frame, object), path);
            if (other != null) {
                throw ApiException.badValue(
                        path,
                        "%s marks object %d on frame %d, as %s does: send its points and its box in one prompt"
                                .formatted(path, object, frame, other));
            }
            marks.add(new TrackCommand.Prompt(path, frame, object, ClicksReader.read(fields, false)));
        }
        return marks;
    }

    private static int object(Fields prompt) {
        return prompt.integer("object", 0, Integer.MAX_VALUE).orElse(1);
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

    private static Source source(Fields fields) {
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
