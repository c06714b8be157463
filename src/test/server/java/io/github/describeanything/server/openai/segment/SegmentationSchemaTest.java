package io.github.describeanything.server.openai.segment;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.segment.EmbeddedPicture;
import io.github.describeanything.server.HttpServer;
import io.github.describeanything.server.ServerConfig;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.With;
import io.github.describeanything.server.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** What /openapi.json says of segmentations and of clicks in chat completions is what the server takes and answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SegmentationSchemaTest {
    private static final String HERE = "https://describe-anything.test/openapi.json";

    private static final String PATH = "/v1/segmentations";
    private static final int QUEUE = 8;

    private TestServer server;
    private HttpServer locked;
    private SchemaRegistry schemas;
    private String url;

    @BeforeAll
    void start() throws IOException {
        server = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", QUEUE);
        locked = HttpServer.start(
                With.keys("secret").apply(ServerConfig.builder()).build(), server.model, server.segmenter);
        String document = server.get("/openapi.json").body();
        schemas = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, it -> it.schemas(Map.of(HERE, document)));
        byte[] picture =
                Files.readAllBytes(TestServer.root().resolve("src/test/resources/golden-sam/cases/landscape.png"));
        url = "data:image/png;base64," + Base64.getEncoder().encodeToString(picture);
    }

    @AfterAll
    void stop() {
        locked.close();
        server.close();
    }

    private Schema schema(String name) {
        return schemas.getSchema(SchemaLocation.of(HERE + "#/components/schemas/" + name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"points\": [[1, 2]]}]",
                "[{\"points\": [[1, -2.5], [3, 4]], \"labels\": [1, 0], \"box\": [0, 0, 9, 9]}], \"candidates\": 3",
                "[{\"box\": [0, 0, 9, 9], \"points\": null, \"object\": 3, \"frame\": 0}], \"fill_holes\": false",
                "[{\"points\": [[1, 2]]}, {\"box\": [0, 0, 9, 9]}], \"orientation\": \"apply\", \"candidates\": null"
            })
    void whatIsAnsweredIsAsDocumented(String prompts) {
        String body = "{\"image\": \"%s\", \"prompts\": %s}".formatted(url, prompts);
        assertThat(schema("SegmentationRequest").validate(Json.MAPPER.readTree(body)))
                .isEmpty();
        HttpResponse<String> response = server.post("/v1/segmentations", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(schema("SegmentationList").validate(TestServer.json(response)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"prompts\": [{\"points\": [[1, 2]], \"frame\": -1}]",
                "\"prompts\": [{\"box\": [1, 2, 30, 40]}, {\"points\": [[1, 2]], \"object\": 2}], \"stream\": true",
                "\"prompts\": [{\"points\": [[1, 2]]}], \"image\": null, \"candidates\": 1, \"fill_holes\": false"
            })
    void videosAreAnsweredAsDocumented(String more) {
        String body = "{\"frames\": [\"%s\", {\"url\": \"%s\"}], %s}".formatted(url, url, more);
        assertThat(schema("SegmentationRequest").validate(Json.MAPPER.readTree(body)))
                .isEmpty();
        HttpResponse<String> response = server.post(PATH, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        if (!body.contains("stream")) {
            assertThat(schema("SegmentationList").validate(TestServer.json(response)))
                    .isEmpty();
            return;
        }
        List<String> events =
                response.body().lines().filter(it -> it.startsWith("data: {")).toList();
        assertThat(events)
                .hasSize(2)
                .allSatisfy(it -> assertThat(schema("SegmentationEvent")
                                .validate(Json.MAPPER.readTree(it.substring("data: ".length()))))
                        .isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"candidates\": 3",
                "\"image\": \"data:,\"",
                "\"frames\": []",
                "\"prompts\": [{\"points\": [[1, 2]], \"frame\": 0.5}]"
            })
    void videosThatAreRefusedAreNotAsDocumented(String more) {
        var body = (ObjectNode)
                Json.MAPPER.readTree("{\"frames\": [\"%s\"], \"prompts\": [{\"points\": [[1, 2]]}]}".formatted(url));
        body.setAll((ObjectNode) Json.MAPPER.readTree("{" + more + "}"));
        assertThat(schema("SegmentationRequest").validate(body)).isNotEmpty();
        HttpResponse<String> response = server.post(PATH, body.toString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[{}]",
                "[{\"points\": []}]",
                "[{\"points\": [[1]]}]",
                "[{\"points\": [[1, 2]], \"labels\": [2]}]",
                "[{\"points\": [[1, 2]], \"unit\": \"fraction\"}]",
                "[{\"box\": [1, 2, 3]}]",
                "[{\"points\": [[1, 2]], \"frame\": 1}]",
                "[{\"points\": [[1, 2]]}], \"candidates\": 2"
            })
    void whatIsRefusedIsNotAsDocumented(String prompts) {
        String body = "{\"image\": \"%s\", \"prompts\": %s}".formatted(url, prompts);
        assertThat(schema("SegmentationRequest").validate(Json.MAPPER.readTree(body)))
                .isNotEmpty();
        HttpResponse<String> response = server.post("/v1/segmentations", body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(schema("Error").validate(TestServer.json(response))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"points\": [[125.6, 52.5]], \"id\": 3}",
                "{\"points\": [[95, 172], [1, 1]], \"labels\": [1, 0], \"box\": [68, 150, 125, 198]}",
                "{\"box\": [68, 150, 125, 198], \"refine\": true}",
                "{\"scribble\": {\"points\": [[20, 40], [60, 40], [80, 40]]}, \"refine\": true}"
            })
    void clicksInAChatCompletionAreAsDocumented(String region) {
        String body = TestServer.request(url, "What is it?", ", \"return_masks\": true, \"regions\": [" + region + "]");
        assertThat(schema("ChatRequest").validate(Json.MAPPER.readTree(body))).isEmpty();
        HttpResponse<String> response = server.post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(schema("ChatCompletion").validate(TestServer.json(response))).isEmpty();
    }

    /** All that can be brought about from outside; the rest is what breaks inside or is shutting down. */
    @Test
    void everyDocumentedAnswerIsGiven() {
        String good = "{\"image\": \"%s\", \"prompts\": [{\"points\": [[1, 2]]}]}".formatted(url);
        var seen = new TreeSet<Integer>();
        seen.add(server.post(PATH, good).statusCode());
        seen.add(server.post(PATH, "{}").statusCode());
        seen.add(server.post(PATH, " ".repeat(65 << 20)).statusCode());
        seen.add(server.send(HttpRequest.newBuilder(URI.create(server.url(PATH)))
                        .header("Content-Encoding", "zstd")
                        .POST(HttpRequest.BodyPublishers.ofString(good)))
                .statusCode());
        seen.add(server.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + locked.port() + PATH))
                        .POST(HttpRequest.BodyPublishers.ofString(good)))
                .statusCode());
        var held = new ArrayList<EmbeddedPicture>();
        try {
            for (int i = 0; i <= QUEUE; i++) {
                var blank = new Picture(8, 8, new byte[256], false);
                held.add(server.segmenter.orElseThrow().embed(ByteBuffer.wrap(new byte[] {(byte) i}), blank));
            }
            HttpResponse<String> refused = server.post(PATH, good);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            seen.add(refused.statusCode());
        } finally {
            held.forEach(EmbeddedPicture::close);
        }
        Set<String> documented = new TreeSet<>(TestServer.json(server.get("/openapi.json"))
                .path("paths")
                .path(PATH)
                .at("/post/responses")
                .propertyNames());
        documented.removeAll(Set.of("408", "500", "503"));
        assertThat(seen.stream().map(String::valueOf)).containsExactlyElementsOf(documented);
    }
}
