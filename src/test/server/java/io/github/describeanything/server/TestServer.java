package io.github.describeanything.server;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.model.FaultyModel;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.service.NamedModel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A server with a real model on a free port, and helpers to send requests. */
public final class TestServer implements AutoCloseable {
    public static final PictureReader READER = new PictureReader(PictureLimits.DEFAULT);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** The first model. */
    public final DescribeAnything model;

    private final List<NamedModel> models;
    public final HttpServer http;

    public final Optional<Segmenter> segmenter;

    private final @Nullable FaultyModel paced;
    private WireForm form = WireForm.CHAT;

    private TestServer(DescribeAnything model, HttpServer http) {
        this(model, http, null);
    }

    private TestServer(DescribeAnything model, HttpServer http, @Nullable FaultyModel paced) {
        this(model, http, paced, Optional.empty());
    }

    private TestServer(
            DescribeAnything model, HttpServer http, @Nullable FaultyModel paced, Optional<Segmenter> segmenter) {
        this(List.of(NamedModel.of(model)), http, paced, segmenter);
    }

    private TestServer(
            List<NamedModel> models, HttpServer http, @Nullable FaultyModel paced, Optional<Segmenter> segmenter) {
        this.models = models;
        this.model = models.getFirst().model();
        this.http = http;
        this.paced = paced;
        this.segmenter = segmenter;
    }

    public static TestServer start(String bundle) {
        return start(bundle, 4, 64, UnaryOperator.identity());
    }

    /** Serves the jar's built-in model and segmenter. */
    public static TestServer startBuiltIn() {
        return segmenting(
                DescribeAnything.open(EmbeddedBundle.unpack().folder()),
                Segmenter.open(EmbeddedBundle.unpackSegmenter().folder()));
    }

    public static TestServer start(String bundle, int slots, int queue, UnaryOperator<ServerConfig.Builder> change) {
        return over(DescribeAnything.open(bundle(bundle), options(slots, queue)), change);
    }

    /** With a segmenter. */
    public static TestServer startSegmenting(String bundle, String segmenter, int queue) {
        return segmenting(
                DescribeAnything.open(bundle(bundle), options(4, 64)),
                Segmenter.open(bundle(segmenter), options(1, queue)));
    }

    private static TestServer segmenting(DescribeAnything model, Segmenter segmenter) {
        var opened = Optional.of(segmenter);
        return new TestServer(model, HttpServer.start(ServerConfig.local(), model, opened), null, opened);
    }

    /** A server whose model can be slowed down by {@link #slowly}. */
    public static TestServer startPaced(
            String bundle, int slots, int queue, UnaryOperator<ServerConfig.Builder> change) {
        var paced = new FaultyModel(bundle(bundle), options(slots, queue));
        return new TestServer(
                paced.model,
                HttpServer.start(change.apply(ServerConfig.builder()).build(), paced.model),
                paced);
    }

    /** Makes each token take at least 5 ms until closed. */
    public FaultyModel.Slowness slowly() {
        return Objects.requireNonNull(paced, "start it with startPaced").slowly();
    }

    /** Makes {@link #post(String)} convert chat completion requests to this form, and the responses back. */
    public TestServer speaking(WireForm other) {
        form = other;
        return this;
    }

    /** Serves a model that the caller opened; takes ownership of it. */
    public static TestServer over(DescribeAnything model, UnaryOperator<ServerConfig.Builder> change) {
        return new TestServer(
                model, HttpServer.start(change.apply(ServerConfig.builder()).build(), model));
    }

    /** Serves several models that the caller opened, and a segmenter; takes ownership of them. */
    public static TestServer over(List<NamedModel> models, Optional<Segmenter> segmenter) {
        return new TestServer(models, HttpServer.start(ServerConfig.local(), models, segmenter), null, segmenter);
    }

    /** Opens a bundle for {@link #over(List, Optional)}, under the name in it. */
    public static NamedModel open(String bundle) {
        return NamedModel.of(DescribeAnything.open(bundle(bundle), options(4, 64)));
    }

    public static EngineOptions options(int slots, int queue) {
        return EngineOptions.builder()
                .threads(2)
                .workers(2)
                .slots(slots)
                .queue(queue)
                .featureCache(64L << 20)
                .build();
    }

    public static Path bundle(String name) {
        Path folder = Path.of(System.getProperty("test.bundles")).resolve(name);
        if (!Files.isRegularFile(folder.resolve("manifest.json"))) {
            throw new IllegalStateException(folder + " is missing: run scripts/test-bundles first");
        }
        return folder;
    }

    /** The root of the repository. */
    public static Path root() {
        Path it = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(it.resolve("src/test/resources/golden"))) {
            it = it.getParent();
        }
        return it;
    }

    public static String dataUrl(String goldenPicture) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(golden(goldenPicture));
    }

    public static byte[] golden(String picture) {
        try {
            return Files.readAllBytes(root().resolve("src/test/resources/golden/cases/" + picture));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A request about one picture; {@code more} has other JSON fields, each after a comma. */
    public static String request(String pictureUrl, String question, String more) {
        return """
                {"model": "golden", "temperature": 0, "max_tokens": 16, "messages": [{"role": "user", "content": [
                  {"type": "image_url", "image_url": {"url": "%s"}}, {"type": "text", "text": "%s"}]}]%s}""".formatted(pictureUrl, question, more);
    }

    public OpenAIClient openAi() {
        return OpenAIOkHttpClient.builder()
                .baseUrl(url("/v1"))
                .apiKey("none")
                .maxRetries(0)
                .build();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + http.port() + path;
    }

    /** A chat completion request, in the form that is spoken. */
    public HttpResponse<String> post(String body) {
        return form.answer(body, post(form.path(), form.request(body)));
    }

    public HttpResponse<String> post(String path, String body) {
        return send(HttpRequest.newBuilder(URI.create(url(path)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    public HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(URI.create(url(path))));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static JsonNode json(HttpResponse<String> response) {
        return Json.MAPPER.readTree(response.body());
    }

    /** The text of an answer that was not streamed. */
    public static String text(HttpResponse<String> response) {
        return json(response).at("/choices/0/message/content").asString();
    }

    @Override
    public void close() {
        http.close();
        segmenter.ifPresent(Segmenter::close);
        models.forEach(it -> it.model().close());
    }
}
