package io.github.describeanything.server.errors;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/** The JSON of an error as OpenAI clients parse it: {@code param} and {@code code} are strings or null. Immutable. */
public record ErrorBody(Detail error) {

    /** The content of {@code error}. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Detail(String message, String type, Optional<String> param, Optional<String> code) {}

    public static ErrorBody of(ApiException error) {
        return new ErrorBody(new Detail(error.getMessage(), error.type(), error.param(), error.code()));
    }
}
