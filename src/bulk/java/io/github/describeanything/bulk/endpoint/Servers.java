package io.github.describeanything.bulk.endpoint;

import io.github.describeanything.bulk.row.Lines;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Servers behind HTTP, each asked in turn. Thread-safe. */
public final class Servers implements Endpoint {
    private static final int REGIONS_A_SERVER = 64;

    private final List<URI> bases;
    private final Optional<String> key;
    private final Duration timeout;
    private final Retries retries;
    private final AtomicInteger turn = new AtomicInteger();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    /**
     * @param urls of servers, with or without {@code /v1} at the end
     * @param key sent as a bearer token
     * @param timeout how long a request may take
     */
    public Servers(List<URI> urls, Optional<String> key, Duration timeout, Retries retries) {
        this.bases = urls.stream()
                .map(it -> URI.create(it.toString().replaceFirst("/+$", "").replaceFirst("/v1$", "")))
                .toList();
        this.key = key;
        this.timeout = timeout;
        this.retries = retries;
    }

    @Override
    public Reply ask(String path, ObjectNode body) throws EndpointException, InterruptedException {
        return retries.ask(this::send, path, body);
    }

    /** A second try goes to the next server. */
    private Reply send(String path, ObjectNode body) throws IOException, InterruptedException {
        URI base = bases.get(Math.floorMod(turn.getAndIncrement(), bases.size()));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Lines.JSON.writeValueAsBytes(body)));
        key.ifPresent(it -> request.header("Authorization", "Bearer " + it));
        HttpResponse<byte[]> response;
        try {
            response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (HttpTimeoutException e) {
            throw new IOException(base + " did not answer within " + timeout.toSeconds() + " s", e);
        } catch (IOException e) {
            String reason = Optional.ofNullable(e.getMessage()).orElse("the connection failed");
            throw new IOException(base + ": " + reason, e);
        }
        return new Reply(
                response.statusCode(),
                json(base, path, response),
                response.headers().firstValue("x-request-id").orElse(""),
                retryAfter(response),
                List.of());
    }

    /** An error may have any body; an answer must be what was asked for. */
    private static JsonNode json(URI base, String path, HttpResponse<byte[]> response) throws IOException {
        boolean error = response.statusCode() / 100 != 2;
        JsonNode body;
        try {
            body = Lines.JSON.readTree(response.body());
        } catch (JacksonException e) {
            if (error) {
                return Lines.object();
            }
            throw new IOException(base + " answered with something that is not JSON", e);
        }
        if (!error
                && (!body.isObject()
                        || path.equals(CHAT) && body.path("choices").isEmpty())) {
            throw new IOException(base + " answered without choices");
        }
        return body;
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> response) {
        return response.headers()
                .firstValue("retry-after")
                .filter(it -> it.matches("\\d{1,6}"))
                .map(it -> Duration.ofSeconds(Long.parseLong(it)));
    }

    @Override
    public int inFlight() {
        return REGIONS_A_SERVER * bases.size();
    }

    @Override
    public String model() {
        return "";
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
