package io.github.describeanything.server.http;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorBody;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Writes errors that Jetty raises before routing, such as malformed HTTP, in the same form as all other errors. Echoes
 * nothing of the request. Thread-safe.
 */
public final class ProtocolErrors extends ErrorHandler {
    private static final String JSON = "application/json";

    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int code,
            String message,
            @Nullable Throwable cause,
            Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
        response.getHeaders()
                .put(
                        RequestId.HEADER,
                        RequestId.of(Optional.ofNullable(request.getHeaders().get(RequestId.HEADER))));
        // An unknown HTTP version is the client's mistake, not a server error.
        int status = code == HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505 ? HttpStatus.BAD_REQUEST_400 : code;
        response.setStatus(status);
        if (code == 503) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "5");
        }
        response.write(true, ByteBuffer.wrap(body(status)), callback);
    }

    private static byte[] body(int status) {
        return Json.MAPPER.writeValueAsBytes(ErrorBody.of(error(status)));
    }

    private static ApiException error(int status) {
        return switch (status) {
            case 404 -> ApiException.of(404, "not_found", "No such path");
            case 408 -> ApiException.of(408, "bad_request", "The request arrived too slowly");
            case 413 -> ApiException.of(413, "request_too_large", "The request is too large");
            case 414 -> ApiException.of(414, "request_too_large", "The URL is too long");
            case 431 -> ApiException.of(431, "request_too_large", "The headers are too large");
            case 503 ->
                new ApiException(
                        503,
                        "server_error",
                        Optional.empty(),
                        Optional.of("shutting_down"),
                        Optional.empty(),
                        "The server is shutting down");
            default ->
                ApiException.of(
                        status,
                        status >= 500 ? "internal_error" : "bad_request",
                        status >= 500 ? "Internal error" : "The request is not valid HTTP");
        };
    }
}
