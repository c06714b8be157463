package io.github.describeanything.model;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.PictureReader;
import io.github.describeanything.model.bundle.BundleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a loaded model about the picture in its own bundle and compares the answer with the exporter's. Stateless. */
public final class SelfCheck {
    private SelfCheck() {}

    /** What came of it, in words for people. */
    public record Result(boolean passed, String text) {}

    /** Runs it. Tokens count up to the first that the reference itself was not sure of. */
    public static Result run(DescribeAnything model, Path bundle) {
        JsonNode golden;
        byte[] picture;
        try {
            golden = JsonMapper.shared().readTree(bundle.resolve("golden.json").toFile());
            picture = Files.readAllBytes(bundle.resolve("golden.png"));
        } catch (IOException | tools.jackson.core.JacksonException e) {
            throw new BundleException("The bundle's golden case cannot be read: " + e.getMessage(), e);
        }
        List<Integer> expected = StreamSupport.stream(golden.path("greedy_ids").spliterator(), false)
                .map(JsonNode::asInt)
                .toList();
        int clear = 0;
        double margin = golden.path("margin").asDouble();
        while (clear < expected.size()
                && golden.path("greedy_margins").path(clear).asDouble() >= margin) {
            clear++;
        }
        var greedyWithIds = new SamplingOptions(0, 1, 0, 0, 1, 0, 0, Map.of(), OptionalLong.empty(), 0);
        var request = DescriptionRequest.of(new PictureReader(PictureLimits.DEFAULT).read(picture))
                .asking(golden.path("question").asString(""))
                .sampling(greedyWithIds)
                .limitedTo(expected.size())
                .ignoringEnd();
        Description answer = model.describe(request);
        List<Integer> ids = answer.logprobs().stream().map(TokenLogprob::id).toList();
        boolean passed =
                answer.usage().promptTokens() == golden.path("prompt_tokens").asInt()
                        && ids.size() >= clear
                        && ids.subList(0, clear).equals(expected.subList(0, clear));
        String text = passed
                ? "The model answers its golden case as its checkpoint does (%d clear tokens of %d)"
                        .formatted(clear, expected.size())
                : "The model answers its golden case with %s; its checkpoint says %s".formatted(ids, expected);
        return new Result(passed, text);
    }
}
