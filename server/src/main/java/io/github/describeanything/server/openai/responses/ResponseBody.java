package io.github.describeanything.server.openai.responses;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.github.describeanything.model.api.Usage;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.UsageBody;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** A response, complete or in progress. Immutable. @param echoed fields of the request */
record ResponseBody(
        String id,
        String object,
        long createdAt,
        String model,
        @JsonUnwrapped State state,
        List<OutputMessage> output,
        @JsonAnyGetter Map<String, JsonNode> echoed) {

    static final String OBJECT = "response";

    /** Its status. @param completedAt in seconds since 1970 */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record State(
            String status,
            Optional<Long> completedAt,
            Optional<Failure> error,
            Optional<Incomplete> incompleteDetails,
            Optional<TokenUsage> usage) {

        static final State IN_PROGRESS =
                new State("in_progress", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        static State completed(TokenUsage usage) {
            Optional<Long> now = Optional.of(System.currentTimeMillis() / 1000);
            return new State("completed", now, Optional.empty(), Optional.empty(), Optional.of(usage));
        }

        /** An answer reached its token limit. */
        static State incomplete(TokenUsage usage) {
            var reason = Optional.of(new Incomplete("max_output_tokens"));
            return new State("incomplete", Optional.empty(), Optional.empty(), reason, Optional.of(usage));
        }

        static State failed(ApiException error) {
            var failure = Optional.of(Failure.of(error));
            return new State("failed", Optional.empty(), failure, Optional.empty(), Optional.empty());
        }
    }

    /** Why an answer failed, as one of OpenAI's codes, which clients check. */
    record Failure(String code, String message) {
        static Failure of(ApiException error) {
            return new Failure(error.status() == 429 ? "rate_limit_exceeded" : "server_error", error.getMessage());
        }
    }

    /** Why an answer stopped early. */
    record Incomplete(String reason) {}

    /** Token counts. */
    record TokenUsage(
            int inputTokens,
            InputDetails inputTokensDetails,
            int outputTokens,
            OutputDetails outputTokensDetails,
            int totalTokens) {

        /** @param cacheWriteTokens always 0: writing the prompt cache is not charged */
        record InputDetails(int cachedTokens, int cacheWriteTokens) {}

        /** @param reasoningTokens always 0: the model does not reason */
        record OutputDetails(int reasoningTokens) {}

        /** The sum over all regions. */
        static TokenUsage of(List<Usage> answers) {
            UsageBody sum = UsageBody.of(answers, 1);
            return new TokenUsage(
                    sum.promptTokens(),
                    new InputDetails(sum.promptTokensDetails().cachedTokens(), 0),
                    sum.completionTokens(),
                    new OutputDetails(0),
                    sum.totalTokens());
        }
    }
}
