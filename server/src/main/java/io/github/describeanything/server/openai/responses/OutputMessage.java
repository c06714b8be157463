package io.github.describeanything.server.openai.responses;

import io.github.describeanything.server.openai.LogprobsBody;
import io.github.describeanything.server.openai.RegionBody;
import java.util.List;
import java.util.Optional;

/**
 * An output item: the answer for one region. Immutable.
 *
 * @param region its region, if the request had {@code regions}
 * @param task its task, if the request named tasks
 */
record OutputMessage(
        String id,
        String type,
        String status,
        List<OutputText> content,
        String role,
        Optional<RegionBody> region,
        Optional<String> task) {

    /** The text of an answer. Immutable. @param annotations always empty */
    record OutputText(String type, List<Object> annotations, List<LogprobsBody.Token> logprobs, String text) {

        static OutputText of(String text, List<LogprobsBody.Token> logprobs) {
            return new OutputText("output_text", List.of(), logprobs, text);
        }
    }
}
