package io.github.describeanything.server.http;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorBody;
import io.github.describeanything.server.errors.ErrorMapper;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Writes error responses. Stateless. */
public final class ErrorResponder {
    private static final long DRAIN_BYTES = 32L << 20;
    private static final long DRAIN_NANOS = 2_000_000_000L;

    private ErrorResponder() {}

    /** Writes the error as the response, unless the client disconnected. */
    public static void respond(Exception thrown, Context ctx) {
        if (ErrorMapper.clientDisconnected(thrown) || ctx.res().isCommitted()) {
            ctx.status(ApiException.CLIENT_LEFT);
            return;
        }
        ApiException error = ErrorMapper.map(thrown);
        ctx.status(error.status());
        error.retryAfter().ifPresent(it -> ctx.header("Retry-After", Long.toString(Math.max(1, it.toSeconds()))));
        if (error.status() == 401) {
            ctx.header("WWW-Authenticate", "Bearer");
        }
        if (thrown instanceof HttpResponseException wrong && wrong.getStatus() == 405) {
            Optional.ofNullable(wrong.getDetails().get("availableMethods")).ifPresent(it -> ctx.header("Allow", it));
        }
        try {
            ctx.res().setStatus(ctx.statusCode());
            write(ctx.res(), error);
            ServletInputStream rest = ctx.req().getInputStream();
            // Reading past the end would look like a slow body and close the connection.
            if (!rest.isFinished()) {
                drain(rest);
            }
        } catch (IOException e) {
            ctx.status(ApiException.CLIENT_LEFT);
        }
    }

    /** The same for an {@link Error} such as out of memory, with as little work as possible. */
    public static void respond(HttpServletResponse response, Error thrown) {
        ApiException error = ErrorMapper.map(thrown);
        response.setStatus(error.status());
        error.retryAfter().ifPresent(it -> response.setHeader("Retry-After", Long.toString(it.toSeconds())));
        try {
            write(response, error);
        } catch (IOException e) {
            // The client disconnected.
        }
    }

    private static void write(HttpServletResponse response, ApiException error) throws IOException {
        byte[] body = Json.MAPPER.writeValueAsBytes(ErrorBody.of(error));
        response.setContentType("application/json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        response.getOutputStream().flush();
    }

    /**
     * Reads the rest of the request for a limited time. The response is sent first, because the rest may be large, but
     * some clients fail if they cannot send all of it.
     */
    private static void drain(InputStream rest) {
        long deadline = System.nanoTime() + DRAIN_NANOS;
        var buffer = new byte[1 << 16];
        try {
            long left = DRAIN_BYTES;
            int read;
            while (left > 0 && System.nanoTime() < deadline && (read = rest.read(buffer)) >= 0) {
                left -= read;
            }
        } catch (IOException | RuntimeException e) {
            // The response was sent; ignore the rest.
        }
    }
}
