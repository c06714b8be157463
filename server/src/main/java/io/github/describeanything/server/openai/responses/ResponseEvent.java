package io.github.describeanything.server.openai.responses;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.describeanything.server.openai.LogprobsBody;
import io.github.describeanything.server.openai.responses.OutputMessage.OutputText;
import java.util.List;
import java.util.Optional;

/** An event of a streamed response. Events are numbered from 0. */
sealed interface ResponseEvent {

    String type();

    /** The response so far: {@code response.created}, {@code response.completed} … */
    record OfResponse(String type, int sequenceNumber, ResponseBody response) implements ResponseEvent {}

    /** An item begins or is complete. */
    record OfItem(String type, int sequenceNumber, int outputIndex, OutputMessage item) implements ResponseEvent {}

    /** The text of an item begins or is complete. */
    record OfPart(String type, int sequenceNumber, String itemId, int outputIndex, int contentIndex, OutputText part)
            implements ResponseEvent {}

    /** More text. */
    record Delta(
            String type,
            int sequenceNumber,
            String itemId,
            int outputIndex,
            int contentIndex,
            String delta,
            List<LogprobsBody.Token> logprobs)
            implements ResponseEvent {}

    /** The complete text of an item. */
    record Done(
            String type,
            int sequenceNumber,
            String itemId,
            int outputIndex,
            int contentIndex,
            String text,
            List<LogprobsBody.Token> logprobs)
            implements ResponseEvent {}

    /** Why the response failed. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Failed(String type, int sequenceNumber, Optional<String> code, String message, Optional<String> param)
            implements ResponseEvent {}
}
