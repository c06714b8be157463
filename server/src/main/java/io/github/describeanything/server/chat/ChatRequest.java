package io.github.describeanything.server.chat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A chat completion request, read and checked field by field, but not yet against the model. Immutable.
 *
 * @param model what the client calls the model; empty if it did not say
 * @param pictures URLs of the pictures, in order
 * @param regions what is asked about, as the field {@code regions} says; empty if the question or the pictures' own alpha
 *     says it
 * @param textRegion what is asked about, as the question says
 * @param upright whether pictures and masks are turned as viewers do, instead of read as stored
 * @param question the user's text as the model is asked; empty for the default question
 * @param topLogprobs alternatives to report with each token; empty reports no log-probabilities
 * @param n answers to each question
 */
record ChatRequest(
        Optional<String> model,
        List<Picture> pictures,
        List<RegionEntry> regions,
        Optional<RegionEntry> textRegion,
        boolean upright,
        String question,
        boolean stream,
        boolean includeUsage,
        OptionalDouble temperature,
        OptionalDouble topP,
        OptionalInt topK,
        OptionalDouble minP,
        OptionalDouble repetitionPenalty,
        OptionalDouble frequencyPenalty,
        OptionalDouble presencePenalty,
        Map<Integer, Double> logitBias,
        OptionalLong seed,
        OptionalInt maxTokens,
        List<String> stop,
        boolean ignoreEos,
        OptionalInt topLogprobs,
        int n) {

    /** A picture's URL, and where in the request it stands. */
    record Picture(String url, String param) {}

    ChatRequest {
        pictures = List.copyOf(pictures);
        regions = List.copyOf(regions);
        logitBias = Map.copyOf(logitBias);
        stop = List.copyOf(stop);
    }
}
