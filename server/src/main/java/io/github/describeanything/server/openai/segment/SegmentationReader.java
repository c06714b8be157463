package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.ClicksReader;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.FrameOf;
import io.github.describeanything.server.service.Clicks;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.ImageReference;
import io.github.describeanything.server.service.Sampled;
import io.github.describeanything.server.service.SegmentCommand;
import io.github.describeanything.server.service.SegmentCommand.ByDigest;
import io.github.describeanything.server.service.SegmentCommand.ByUrl;
import io.github.describeanything.server.service.SegmentCommand.Prompt;
import io.github.describeanything.server.service.SegmentCommand.Source;
import io.github.describeanything.server.service.TrackCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Function;
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
        return fields.has("frames") || fields.has("video") ? video(fields) : picture(fields);
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
                !(fields.has("frames") && fields.has("video")),
                "video",
                "cannot be sent beside frames: send one of the two");
        fields.require(
                fields.integer("candidates", 1, MAX_CANDIDATES).orElse(1) == 1,
                "candidates",
                "must be 1: a thing has one mask on each frame of a video");
        List<Fields> prompts = prompts(fields);
        List<Integer> objects =
                prompts.stream().map(SegmentationReader::object).distinct().toList();
        var command = new TrackCommand(
                fields.has("video")
                        ? new DescribeCommand.VideoFile(url(fields.node("video"), "video"))
                        : frames(fields),
                upright(fields),
                objects,
                marks(prompts),
                !fields.has("fill_holes") || fields.flag("fill_holes"));
        return new OfVideo(command, fields.flag("stream"));
    }

    private DescribeCommand.Pictures frames(Fields fields) {
        JsonNode list = fields.node("frames");
        fields.require(list.isArray() && !list.isEmpty(), "frames", "must be a list of URLs, one per frame");
        fields.require(
                list.size() <= mostFrames,
                "frames",
                "has %d entries; this server tracks at most %d (--max-frames): send every %s frame"
                        .formatted(list.size(), mostFrames, ordinal(-Math.floorDiv(-list.size(), mostFrames))));
        var frames = new ArrayList<ImageReference>();
        for (JsonNode node : list) {
            frames.add(url(node, "frames[" + frames.size() + "]"));
        }
        return new DescribeCommand.Pictures(frames);
    }

    private static ImageReference url(JsonNode node, String param) {
        JsonNode url = node.isObject() ? node.path("url") : node;
        if (!url.isString() || url.asString().isBlank()) {
            throw ApiException.badValue(param, param + " must be a URL");
        }
        return new ImageReference(url.asString().strip(), param);
    }

    private static String ordinal(int number) {
        return number + (number == 2 ? "nd" : number == 3 ? "rd" : "th");
    }

    /** A prompt whose frame is not known yet. */
    private record Marked(String path, OptionalDouble time, OptionalInt frame, int object, Clicks clicks) {
        static Marked read(Fields fields, String path) {
            OptionalDouble time = fields.number("time", 0, Double.MAX_VALUE);
            fields.require(
                    time.isEmpty() || !fields.has("frame"), "time", "cannot be sent beside frame: send one of the two");
            OptionalInt frame = fields.integer("frame", -Integer.MAX_VALUE, Integer.MAX_VALUE);
            return new Marked(path, time, frame, SegmentationReader.object(fields), ClicksReader.read(fields, false));
        }

        TrackCommand.Prompt on(Sampled frames) {
            int at = time.isPresent()
                    ? FrameOf.time(time.getAsDouble(), frames, path)
                    : FrameOf.index(frame.orElse(0), frames, path);
            return new TrackCommand.Prompt(path, at, object, clicks);
        }
    }

    private static Function<Sampled, List<TrackCommand.Prompt>> marks(List<Fields> prompts) {
        List<Marked> marked = IntStream.range(0, prompts.size())
                .mapToObj(i -> Marked.read(prompts.get(i), "prompts[" + i + "]"))
                .toList();
        return frames -> {
            List<TrackCommand.Prompt> marks =
                    marked.stream().map(it -> it.on(frames)).toList();
            requireDistinct(marks);
            return marks;
        };
    }

    private static void requireDistinct(List<TrackCommand.Prompt> marks) {
        var paths = new HashMap<List<Integer>, String>();
        for (TrackCommand.Prompt it : marks) {
            String other = paths.putIfAbsent(List.of(it.frame(), it.object()), it.path());
            if (other != null) {
                throw ApiException.badValue(
                        it.path(),
                        "%s marks object %d on frame %d, as %s does: send its points and its box in one prompt"
                                .formatted(it.path(), it.object(), it.frame(), other));
            }
        }
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
            var prompt = new Fields(node, path + ".");
            prompt.require(
                    prompt.string("unit").orElse("pixel").equals("pixel"),
                    "unit",
                    "must be pixel: the coordinates of prompts are in pixels");
            prompts.add(prompt);
        }
        return prompts;
    }

    private static Prompt prompt(Fields fields, String path) {
        int frame = fields.integer("frame", 0, Integer.MAX_VALUE).orElse(0);
        fields.require(frame == 0, "frame", "must be 0: this is one picture");
        return new Prompt(path, ClicksReader.read(fields, false));
    }
}
