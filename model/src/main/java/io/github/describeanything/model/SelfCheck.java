package io.github.describeanything.model;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.api.Description;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.api.Subject;
import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.model.bundle.BundleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs the golden case of a model's bundle and compares the answer with what the exporter recorded. Stateless. */
public final class SelfCheck {
    private static final int BEST = 3;

    private SelfCheck() {}

    /** The outcome, with a text to print. */
    public record Result(boolean passed, String text) {}

    /**
     * Runs the check. The answer may differ from the expected one only if the reference's choice was close and the
     * expected token is among the most probable ones.
     */
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
        var request = DescriptionRequest.DEFAULT
                .asking(golden.path("question").asString(""))
                .sampling(SamplingOptions.builder().topLogprobs(BEST).build())
                .limitedTo(expected.size())
                .ignoringEnd();
        var subject = Subject.of(new PictureReader(PictureLimits.DEFAULT).read(picture));
        Description answer = model.describe(subject, request);
        List<TokenLogprob> tokens = answer.logprobs();
        int same = 0;
        while (same < Math.min(expected.size(), tokens.size())
                && tokens.get(same).id() == expected.get(same)) {
            same++;
        }
        boolean passed =
                answer.usage().promptTokens() == golden.path("prompt_tokens").asInt()
                        && (same == expected.size()
                                || same < tokens.size() && excused(golden, same, expected.get(same), tokens.get(same)));
        String text = passed
                ? "The model answers its golden case as its checkpoint does (%d of %d tokens)"
                        .formatted(same, expected.size())
                : "The model answers its golden case with %s; its checkpoint says %s"
                        .formatted(tokens.stream().map(TokenLogprob::id).toList(), expected);
        return new Result(passed, text);
    }

    private static boolean excused(JsonNode golden, int step, int expected, TokenLogprob token) {
        double margin = golden.path("greedy_margins").path(step).asDouble();
        return margin < golden.path("margin").asDouble() && token.top().stream().anyMatch(it -> it.id() == expected);
    }
}
