package io.github.describeanything.server.openai.segment;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.ClicksReader;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.ImageReference;
import io.github.describeanything.server.service.Mark;
import io.github.describeanything.server.service.SegmentCommand;
import io.github.describeanything.server.service.SegmentCommand.ByDigest;
import io.github.describeanything.server.service.SegmentCommand.ByUrl;
import io.github.describeanything.server.service.SegmentCommand.Prompt;
import io.github.describeanything.server.service.SegmentCommand.Source;
import io.github.describeanything.server.service.TrackCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Reads segmentation requests. Thread-safe. Unknown fields are ignored; what is not supported is refused by name. */
public final class SegmentationReader {
    private static final String FRAMES = "frames";
    private static final String VIDEO = "video";
    private static final int MAX_CANDIDATES = 3;

    private final int mostPrompts;
    private final int mostFrames;

    /**
     * @param mostPrompts prompts that one request may have
     * @param mostFrames frames that one request may have
     */
    public SegmentationReader(int mostPrompts, int mostFrames) {
        this.mostPrompts = mostPrompts;
        this.mostFrames = mostFrames;
    }

    /** A request as it was read. Immutable. */
    sealed interface Request {}

    /** @param objects the client's number of the thing of each prompt */
    record OfPicture(SegmentCommand command, List<Integer> objects) implements Request {}

    /** @param objects the client's numbers of the things, in the order in which they are marked first */
    record OfVideo(TrackCommand command, List<Integer> objects, boolean stream) implements Request {}

    /** @throws ApiException naming the field that cannot be used */
    Request read(JsonNode body) {
        if (!body.isObject()) {
            throw ApiException.of(400, "invalid_json", "The request must be a JSON object");
        }
        var fields = new Fields(body, "");
        List<String> given =
                Stream.of("image", FRAMES, VIDEO).filter(fields::has).toList();
        if (given.size() > 1) {
            throw ApiException.badValue(given.getLast(), String.join(" and ", given) + ": send one of them");
        }
        return fields.has(FRAMES) || fields.has(VIDEO) ? video(fields) : ofPicture(fields);
    }

    private Request ofPicture(Fields fields) {
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
        return new OfPicture(
                command, prompts.stream().map(SegmentationReader::object).toList());
    }

    private Request video(Fields fields) {
        fields.require(
                fields.integer("candidates", 1, MAX_CANDIDATES).orElse(1) == 1,
                "candidates",
                "must be 1: a video has one mask a thing and frame");
        boolean fillHoles = !fields.has("fill_holes") || fields.flag("fill_holes");
        List<Fields> prompts = prompts(fields);
        List<TrackCommand.Prompt> marks = IntStream.range(0, prompts.size())
                .mapToObj(i -> mark(prompts.get(i), "prompts[" + i + "]"))
                .toList();
        List<Integer> objects =
                marks.stream().map(TrackCommand.Prompt::object).distinct().toList();
        var command = new TrackCommand(source(fields), upright(fields), marks, fillHoles);
        return new OfVideo(command, objects, fields.flag("stream"));
    }

    private DescribeCommand.Source source(Fields fields) {
        if (fields.has(VIDEO)) {
            return new DescribeCommand.VideoFile(reference(fields.node(VIDEO), VIDEO));
        }
        JsonNode list = fields.node(FRAMES);
        fields.require(list.isArray() && !list.isEmpty(), FRAMES, "must be a list of URLs");
        fields.require(
                list.size() <= mostFrames,
                FRAMES,
                "has %d entries; this server takes at most %d frames".formatted(list.size(), mostFrames));
        return new DescribeCommand.Pictures(IntStream.range(0, list.size())
                .mapToObj(i -> reference(list.get(i), FRAMES + "[" + i + "]"))
                .toList());
    }

    private static ImageReference reference(JsonNode node, String param) {
        JsonNode url = node.isObject() ? node.path("url") : node;
        if (!url.isString() || url.asString().isBlank()) {
            throw ApiException.badValue(param, param + " must be a URL");
        }
        return new ImageReference(url.asString().strip(), param);
    }

    private static TrackCommand.Prompt mark(Fields fields, String path) {
        OptionalDouble time = fields.number("time", 0, Double.MAX_VALUE);
        fields.require(
                time.isEmpty() || !fields.has("frame"), "time", "cannot be sent beside frame: send one of the two");
        Mark.Moment moment = time.isPresent()
                ? new Mark.Time(time.getAsDouble())
                : new Mark.Frame(fields.integer("frame", Integer.MIN_VALUE, Integer.MAX_VALUE)
                        .orElse(0));
        return new TrackCommand.Prompt(object(fields), moment, path, ClicksReader.read(fields, false));
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
