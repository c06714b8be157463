package io.github.describeanything.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.describeanything.model.api.SamplingParameter;
import io.github.describeanything.server.http.Json;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** The document at /openapi.json matches what the server accepts and returns. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiTest {
    private static final String HERE = "https://describe-anything.test/openapi.json";
    private static final String CHAT = "/v1/chat/completions";
    private static final String RESPONSES = "/v1/responses";
    private static final List<String> STORED =
            List.of("/v1/responses/{id}", "/v1/responses/{id}/input_items", "/v1/responses/{id}/cancel");

    private TestServer server;
    private HttpServer locked;
    private JsonNode document;
    private SchemaRegistry schemas;

    @BeforeAll
    void start() {
        server = TestServer.startPaced(
                "golden-joint-fp32",
                2,
                6,
                With.limits(new Limits(1 << 20, 64, 4, 64, Limits.DEFAULT.idle(), Limits.DEFAULT.keepAlive())));
        locked = HttpServer.start(
                With.keys("secret").apply(ServerConfig.builder()).build(), server.model);
        HttpResponse<String> response = server.get("/openapi.json");
        assertThat(response.statusCode()).isEqualTo(200);
        document = TestServer.json(response);
        schemas = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12, it -> it.schemas(Map.of(HERE, response.body())));
    }

    @AfterAll
    void stop() {
        locked.close();
        server.close();
    }

    private Schema schema(String pointer) {
        return schemas.getSchema(SchemaLocation.of(HERE + "#" + pointer));
    }

    private Schema requests() {
        return schema("/components/schemas/ChatRequest");
    }

    @Test
    void routesAndDocumentedPathsAreTheSame() {
        Set<String> documented = new TreeSet<>();
        for (var path : document.path("paths").properties()) {
            for (String method : path.getValue().propertyNames()) {
                if (!method.equals("parameters")) {
                    documented.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                }
            }
        }
        Set<String> heads = new TreeSet<>();
        Set<String> routes = new TreeSet<>();
        server.http.routes().forEach(it -> (it.startsWith("HEAD ") ? heads : routes).add(it));
        assertThat(documented).isEqualTo(routes).hasSizeGreaterThan(10);
        assertThat(heads)
                .as("HEAD exists for every GET path")
                .allMatch(it -> routes.contains(it.replace("HEAD", "GET")));
    }

    @Test
    void referencesResolveAndIdsAreUnique() {
        for (JsonNode reference : document.findValues("$ref")) {
            assertThat(document.at(reference.asString().substring(1)).isMissingNode())
                    .as(reference.asString())
                    .isFalse();
        }
        List<String> ids = document.findValuesAsString("operationId");
        assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(10);
    }

    @Test
    void rangesOfSamplingParametersAreThoseOfTheTable() {
        JsonNode properties = document.at("/components/schemas/ChatRequest/properties");
        assertThat(properties.at("/temperature/maximum").asDouble()).isEqualTo(SamplingParameter.TEMPERATURE.max());
        assertThat(properties.at("/repetition_penalty/exclusiveMinimum").asDouble())
                .isEqualTo(SamplingParameter.REPETITION_PENALTY.min());
        assertThat(properties.at("/top_logprobs/maximum").asInt()).isEqualTo(20);
        JsonNode others = document.at("/components/schemas/ResponsesRequest/properties");
        for (SamplingParameter parameter : SamplingParameter.values()) {
            String name = parameter.wireName().replace("max_tokens", "max_output_tokens");
            assertThat(others.path(name).path("$ref").asString())
                    .as("one definition for both")
                    .isEqualTo("#/components/schemas/ChatRequest/properties/" + parameter.wireName());
        }
    }

    @Test
    void limitsAreThoseOfThisServer() {
        assertThat(document.at("/components/schemas/ChatRequest/properties/n/maximum")
                        .asInt())
                .isEqualTo(8);
        assertThat(document.at("/components/schemas/ChatRequest/properties/regions/maxItems")
                        .asInt())
                .isEqualTo(4);
        assertThat(document.at("/info/version").asString())
                .isEqualTo(new picocli.CommandLine(new Options())
                        .getCommandSpec()
                        .version()[0]
                        .split(" ")[1]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ", \"stream\": true",
                ", \"stream\": true, \"stream_options\": {\"include_usage\": true}, \"n\": 2",
                ", \"logprobs\": true, \"top_logprobs\": 3, \"n\": 3",
                ", \"stream\": true, \"logprobs\": true, \"top_logprobs\": 0",
                ", \"regions\": [{\"box\": [0, 0, 20, 20], \"id\": 7}, {\"box\": [0, 0, 0.5, 0.5], \"unit\":"
                        + " \"fraction\"}]",
                ", \"stream\": true, \"regions\": [{\"polygon\": [[0, 0, 30, 0, 30, 30]], \"id\": \"x\"}]",
                ", \"top_p\": 0.5, \"top_k\": -1, \"min_p\": 0.1, \"repetition_penalty\": 1.1, \"seed\": -5",
                ", \"frequency_penalty\": 1, \"presence_penalty\": -1, \"logit_bias\": {\"5\": -100}, \"stop\":"
                        + " [\"a\"]",
                ", \"max_completion_tokens\": 3, \"ignore_eos\": true, \"stop\": \"zzz\", \"response_format\":"
                        + " {\"type\": \"text\"}",
                ", \"tools\": [], \"tool_choice\": \"none\", \"modalities\": [\"text\"], \"best_of\": 1,"
                        + " \"use_beam_search\": false",
                ", \"tools\": [{\"type\": \"function\"}], \"tool_choice\": \"auto\", \"functions\": [{}],"
                        + " \"function_call\": \"auto\", \"prediction\": {\"type\": \"content\"}, \"audio\":"
                        + " {\"voice\": \"a\"}, \"web_search_options\": {}",
                ", \"orientation\": \"apply\", \"regions\": [{\"whole\": true}], \"seed\": 340282366920938463463374607431768211455, \"top_p\": 0",
                ", \"model\": null, \"top_p\": null, \"regions\": null, \"stop\": null, \"n\": null, \"metadata\":"
                        + " {\"a\": 1}"
            })
    void responsesAreAsDocumented(String fields) {
        boolean regions = fields.contains("\"regions\": [");
        String body = TestServer.request(regions ? opaque() : TestServer.dataUrl("blob.png"), "What is it?", fields)
                .replace(fields.contains("\"model\": null") ? "\"model\": \"golden\", " : "\0", "");
        assertThat(requests().validate(Json.MAPPER.readTree(body))).isEmpty();
        HttpResponse<String> response = server.post(body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        asDocumented("post", CHAT, response);
        asDocumented("post", "/chat/completions", server.post("/chat/completions", body));
    }

    /** The schema and the server refuse the same values, and the error is documented. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        messages           | []
        messages           | "x"
        messages           | [{"role": "robot", "content": "x"}]
        messages           | [{"content": "x"}]
        messages           | [{"role": "user"}]
        messages           | [{"role": "user", "content": [{"type": "input_audio"}]}]
        messages           | [{"role": "user", "content": [{"type": "image_url"}]}]
        messages           | [{"role": "user", "content": [{"type": "image_url", "image_url": " "}]}]
        messages           | [{"role": "user", "content": [{"type": "text"}]}]
        model              | 5
        stream             | "yes"
        stream_options     | true
        stream_options     | {"include_usage": true}
        temperature        | 2.1
        temperature        | "hot"
        top_p              | -0.1
        top_k              | -2
        min_p              | 1.1
        repetition_penalty | 0
        frequency_penalty  | -3
        presence_penalty   | true
        logit_bias         | {"x": 1}
        logit_bias         | {"1": 101}
        seed               | "x"
        seed               | 1.5
        max_tokens         | 0
        max_tokens         | 1.5
        max_completion_tokens | 2147483648
        stop               | ["a", "b", "c", "d", "e"]
        stop               | [1]
        messages           | [{"role": "system", "content": 5}, {"role": "user", "content": "x"}]
        ignore_eos         | 1
        top_logprobs       | 3
        top_logprobs       | 21
        logprobs           | 5
        n                  | 9
        n                  | 0
        response_format    | {"type": "json_object"}
        response_format    | "json"
        modalities         | ["audio"]
        num_beams          | 2
        num_return_sequences | 2
        n_probs            | 5
        early_stopping     | true
        max_output_tokens  | 5
        best_of            | 2
        tool_choice        | "required"
        tool_choice        | {"type": "function", "function": {"name": "f"}}
        tool_choice        | {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}}
        function_call      | {"name": "f"}
        tools              | {"type": "function"}
        functions          | "f"
        structured_outputs | {"json": {}}
        guided_json        | {}
        guided_regex       | "a*"
        guided_choice      | ["a"]
        guided_grammar     | "a"
        json_schema        | {}
        grammar            | "root ::= a"
        stop_token_ids     | [5]
        bad_words          | ["a"]
        min_tokens         | 5
        prompt_logprobs    | 1
        use_beam_search    | true
        allowed_token_ids  | [5]
        include_stop_str_in_output | true
        echo               | true
        continue_final_message | true
        logits_processors  | ["x"]
        truncate_prompt_tokens | 9
        regex              | "a"
        ebnf               | "a"
        stop_regex         | "a"
        mirostat           | 2
        mirostat_mode      | 2
        dry_multiplier     | 0.8
        xtc_probability    | 0.5
        top_a              | 0.2
        no_repeat_ngram_size | 3
        dynatemp_range     | 0.5
        typical_p          | 0.9
        tfs_z              | 0.9
        tfs                | 0.9
        orientation        | "upside down"
        regions            | {}
        regions            | [{}]
        regions            | [{"box": [0, 0, 1]}]
        regions            | [{"box": [0, 0, 9, 9], "polygon": [[0, 0, 9, 0, 9, 9]]}]
        regions            | [{"box": [0, 0, 9, 9], "unit": "inch"}]
        regions            | [{"box": [0, 0, 9, 9], "id": {}}]
        regions            | [{"rle": {"size": [1, 2]}}]
        regions            | [{"scribble": {"points": [[0, 0]]}}]
        regions            | [{"mask": "nothing"}]
        regions            | [{"whole": false}]
        regions            | [{"whole": true, "box": [0, 0, 9, 9]}]
        """)
    void valuesThatTheSchemaForbidsAreRefused(String field, String value) {
        var request = (tools.jackson.databind.node.ObjectNode)
                Json.MAPPER.readTree(TestServer.request(TestServer.dataUrl("blob.png"), "", ""));
        assertThat(requests().validate(request)).isEmpty();
        request.set(field, Json.MAPPER.readTree(value));
        assertThat(requests().validate(request)).isNotEmpty();
        HttpResponse<String> response = server.post(request.toString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/param").asString()).startsWith(field);
        asDocumented("post", CHAT, response);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ", \"stream\": true",
                ", \"include\": [\"message.output_text.logprobs\"], \"top_logprobs\": 3, \"stream\": true",
                ", \"include\": [\"message.output_text.logprobs\"]",
                ", \"regions\": [{\"box\": [0, 0, 20, 20], \"id\": 7}, {\"box\": [0, 0, 9, 9]}]",
                ", \"stream\": true, \"regions\": [{\"polygon\": [[0, 0, 30, 0, 30, 30]], \"id\": \"x\"}, {\"whole\": true}]",
                ", \"top_p\": 0.5, \"top_k\": -1, \"min_p\": 0.1, \"repetition_penalty\": 1.1, \"seed\": -5, \"n\": 1",
                ", \"frequency_penalty\": 1, \"presence_penalty\": -1, \"logit_bias\": {\"5\": -100}, \"stop\": [\"a\"]",
                ", \"tools\": [{\"type\": \"function\"}], \"tool_choice\": {\"type\": \"allowed_tools\", \"mode\": \"auto\","
                        + " \"tools\": []}, \"parallel_tool_calls\": false, \"max_tool_calls\": 3",
                ", \"instructions\": \"Be brief.\", \"metadata\": {\"a\": \"b\"}, \"store\": true, \"user\": \"me\","
                        + " \"text\": {\"format\": {\"type\": \"text\"}, \"verbosity\": \"low\"}, \"truncation\": \"auto\"",
                ", \"reasoning\": {\"effort\": \"low\"}, \"prompt_cache_key\": \"a\", \"safety_identifier\": \"b\","
                        + " \"service_tier\": \"auto\", \"stream_options\": {\"include_obfuscation\": false}",
                ", \"instructions\": null, \"previous_response_id\": null, \"conversation\": null, \"background\": false,"
                        + " \"prompt\": null, \"tools\": null, \"text\": null, \"include\": null, \"reasoning\": null"
            })
    void whatIsAnsweredIsAsDocumentedForResponsesToo(String fields) {
        String picture = fields.contains("\"regions\": [") ? opaque() : TestServer.dataUrl("blob.png");
        String body = response(picture, fields);
        assertThat(responses().validate(Json.MAPPER.readTree(body))).isEmpty();
        HttpResponse<String> response = server.post(RESPONSES, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        asDocumented("post", RESPONSES, response);
    }

    private static String response(String picture, String fields) {
        return WireForm.RESPONSES.request(TestServer.request(picture, "What is it?", fields));
    }

    private Schema responses() {
        return schema("/components/schemas/ResponsesRequest");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        input                | []
        input                | {}
        input                | [5]
        input                | [{"role": "robot", "content": "x"}]
        input                | [{"role": "user"}]
        input                | [{"content": "x"}]
        input                | [{"type": "item_reference", "id": "msg_67c"}]
        input                | [{"type": "input_text", "text": "x"}]
        input                | [{"role": "user", "content": [{"type": "input_image"}]}]
        input                | [{"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}]
        input                | [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}]
        input                | [{"role": "user", "content": [{"type": "input_text"}]}]
        input                | [{"role": "developer", "content": 5}, {"role": "user", "content": "x"}]
        model                | 5
        stream               | "yes"
        instructions         | 5
        instructions         | [{"role": "user", "content": "x"}]
        max_output_tokens    | 0
        max_output_tokens    | "many"
        temperature          | 2.1
        top_p                | "x"
        top_k                | -2
        top_logprobs         | 21
        include              | "message.output_text.logprobs"
        include              | [5]
        metadata             | "x"
        metadata             | [1]
        parallel_tool_calls  | "yes"
        store                | "no"
        tools                | {"type": "function"}
        tools                | ["clock"]
        tool_choice          | "required"
        tool_choice          | {"type": "function", "name": "f"}
        tool_choice          | {"type": "web_search"}
        tool_choice          | {"type": "allowed_tools", "mode": "required", "tools": []}
        text                 | "plain"
        text                 | {"format": {"type": "json_object"}}
        text                 | {"format": {"type": "json_schema", "name": "a", "schema": {}}}
        text                 | {"format": "text"}
        text                 | {"verbosity": 5}
        truncation           | "some"
        truncation           | 1
        reasoning            | "high"
        user                 | 5
        safety_identifier    | {}
        prompt_cache_key     | 1
        service_tier         | true
        max_tool_calls       | -1
        stream_options       | "x"
        n                    | 2
        previous_response_id | "resp_1"
        conversation         | "conv_1"
        conversation         | {"id": "conv_1"}
        background           | true
        prompt               | {"id": "pmpt_1"}
        moderation           | {"model": "omni-moderation-latest"}
        messages             | [{"role": "user", "content": "x"}]
        max_tokens           | 5
        max_completion_tokens | 5
        response_format      | {"type": "json_object"}
        guided_json          | {}
        regions              | [{"box": [0, 0, 9]}]
        stop                 | [1]
        seed                 | 1.5
        """)
    void whatTheDocumentForbidsIsRefusedInResponsesToo(String field, String value) {
        var request = (tools.jackson.databind.node.ObjectNode)
                Json.MAPPER.readTree(response(TestServer.dataUrl("blob.png"), ""));
        assertThat(responses().validate(request)).isEmpty();
        request.set(field, Json.MAPPER.readTree(value));
        assertThat(responses().validate(request)).isNotEmpty();
        HttpResponse<String> response = server.post(RESPONSES, request.toString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(TestServer.json(response).at("/error/param").asString()).startsWith(field);
        asDocumented("post", RESPONSES, response);
    }

    /** All responses that a client can cause; the others need internal failures or a shutdown. */
    @Test
    void everyDocumentedResponseOccursAsDocumented() throws InterruptedException {
        Set<String> seen = new HashSet<>();
        String chat = TestServer.request(TestServer.dataUrl("blob.png"), "", "");
        for (String path : List.of(CHAT, "/chat/completions", RESPONSES)) {
            WireForm form = path.equals(RESPONSES) ? WireForm.RESPONSES : WireForm.CHAT;
            String good = form.request(TestServer.request(TestServer.dataUrl("blob.png"), "", ""));
            List<HttpResponse<String>> answers = new ArrayList<>(List.of(
                    server.post(path, good),
                    server.post(path, "{"),
                    server.post(path, good.replace("golden", "other")),
                    server.post(path, " ".repeat(2 << 20)),
                    server.send(request(server.url(path))
                            .header("Content-Encoding", "zstd")
                            .POST(HttpRequest.BodyPublishers.ofString(good))),
                    server.send(request(lockedUrl(path)).POST(HttpRequest.BodyPublishers.ofString(good)))));
            CompletableFuture<HttpResponse<String>> running;
            try (var _ = server.slowly()) {
                running = CompletableFuture.supplyAsync(() -> server.post(
                        chat.replace("\"max_tokens\": 16", "\"max_tokens\": 200, \"ignore_eos\": true, \"n\": 8")));
                while (server.model.stats().admitted() < 8) {
                    Thread.sleep(1);
                }
                answers.add(server.post(path, good));
            }
            assertThat(running.join().statusCode()).isEqualTo(200);
            answers.forEach(it -> seen.add(asDocumented("post", path, it)));
        }
        for (String path : List.of(
                "/v1/models",
                "/models",
                "/v1/models/{id}",
                "/metrics",
                "/openapi.json",
                "/health",
                "/ready",
                "/",
                "/page/{file}")) {
            String real = path.replace("{id}", "golden").replace("{file}", "page.css");
            HttpResponse<String> response = server.get(real);
            seen.add(asDocumented("get", path, response));
            seen.add(asDocumented("get", path, server.send(request(lockedUrl(real)))));
            response.headers()
                    .firstValue("ETag")
                    .ifPresent(tag -> seen.add(asDocumented(
                            "get", path, server.send(request(server.url(real)).header("If-None-Match", tag)))));
        }
        seen.add(asDocumented("get", "/v1/models/{id}", server.get("/v1/models/other")));
        seen.add(asDocumented("get", "/page/{file}", server.get("/page/none.js")));
        for (String path : STORED) {
            for (String method : List.of("get", "delete", "post")) {
                if (!document.at("/paths/" + path.replace("/", "~1")).has(method)) {
                    continue;
                }
                for (String base : List.of(server.url(""), lockedUrl(""))) {
                    seen.add(asDocumented(
                            method,
                            path,
                            server.send(request(base + path.replace("{id}", "resp_1"))
                                    .method(method.toUpperCase(Locale.ROOT), HttpRequest.BodyPublishers.noBody()))));
                }
            }
        }
        for (String path : List.of(
                CHAT,
                "/chat/completions",
                RESPONSES,
                "/v1/segmentations",
                "/v1/video/streams",
                "/v1/video/streams/{id}",
                "/v1/models",
                "/models",
                "/v1/models/{id}",
                "/ready")) {
            seen.add(asDocumented(
                    "options",
                    path,
                    server.send(request(lockedUrl(path.replace("{id}", "golden")))
                            .method("OPTIONS", HttpRequest.BodyPublishers.noBody()))));
        }
        Set<String> documented = new TreeSet<>();
        for (var path : document.path("paths").properties()) {
            for (var operation : path.getValue().properties()) {
                operation
                        .getValue()
                        .path("responses")
                        .propertyNames()
                        .forEach(status -> documented.add(operation.getKey() + " " + path.getKey() + " " + status));
            }
        }
        documented.removeAll(seen);
        // SegmentationSchemaTest asks for these.
        documented.removeIf(it -> it.startsWith("post /v1/segmentations "));
        // VideoStreamsTest asks for these.
        documented.removeIf(it -> it.contains(" /v1/video/streams"));
        assertThat(documented)
                .containsExactlyInAnyOrder(
                        "post " + CHAT + " 408",
                        "post " + CHAT + " 500",
                        "post " + CHAT + " 503",
                        "post /chat/completions 408",
                        "post /chat/completions 500",
                        "post /chat/completions 503",
                        "post " + RESPONSES + " 408",
                        "post " + RESPONSES + " 500",
                        "post " + RESPONSES + " 503",
                        "get /ready 503");
    }

    private static HttpRequest.Builder request(String url) {
        return HttpRequest.newBuilder(URI.create(url));
    }

    private String lockedUrl(String path) {
        return "http://127.0.0.1:" + locked.port() + path;
    }

    /** A picture without a mask, for regions. */
    private static String opaque() {
        var picture = new java.awt.image.BufferedImage(64, 48, java.awt.image.BufferedImage.TYPE_INT_RGB);
        var out = new java.io.ByteArrayOutputStream();
        try {
            javax.imageio.ImageIO.write(picture, "png", out);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return "data:image/png;base64," + java.util.Base64.getEncoder().encodeToString(out.toByteArray());
    }

    /** Checks status, headers, type and body. @return the response's name, such as {@code get /health 200} */
    private String asDocumented(String method, String path, HttpResponse<String> response) {
        String name = method + " " + path + " " + response.statusCode();
        String pointer = "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method + "/responses/"
                + response.statusCode();
        JsonNode documented = document.at(pointer);
        assertThat(documented.isMissingNode()).as(name + " is documented").isFalse();
        if (documented.has("$ref")) {
            pointer = documented.path("$ref").asString().substring(1);
            documented = document.at(pointer);
        }
        for (var header : documented.path("headers").properties()) {
            JsonNode rule = header.getValue().has("$ref")
                    ? document.at(header.getValue().path("$ref").asString().substring(1))
                    : header.getValue();
            String value = response.headers().firstValue(header.getKey()).orElse(null);
            assertThat(value).as(name + " " + header.getKey()).isNotNull();
            Schema schema = schemas.getSchema(rule.path("schema"));
            assertThat(schema.validate(StringNode.valueOf(value))).as(name).isEmpty();
        }
        JsonNode content = documented.path("content");
        if (content.isMissingNode()) {
            assertThat(response.body()).as(name).isEmpty();
            return name;
        }
        String type =
                response.headers().firstValue("Content-Type").orElseThrow().split(";")[0];
        if (content.has("*/*")) {
            return name;
        }
        assertThat(content.has(type)).as(name + " " + type).isTrue();
        Schema body = schema(pointer + "/content/" + type.replace("/", "~1") + "/schema");
        for (JsonNode part : parts(type, response.body())) {
            assertThat(body.validate(part)).as(name + " " + part).isEmpty();
        }
        return name;
    }

    private static List<JsonNode> parts(String type, String body) {
        return switch (type) {
            case "application/json" -> List.of(Json.MAPPER.readTree(body));
            case "text/event-stream" ->
                body.lines()
                        .filter(it -> it.startsWith("data: "))
                        .map(it -> it.substring(6))
                        .map(it -> it.equals("[DONE]") ? StringNode.valueOf(it) : Json.MAPPER.readTree(it))
                        .collect(Collectors.toList());
            default -> List.of(StringNode.valueOf(body));
        };
    }
}
