package io.github.describeanything.server;

import io.github.describeanything.server.http.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSession;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A wire form that the same tests speak. They are written as chat completions: requests are put into the form, and what is
 * answered back into chat completions.
 */
public enum WireForm {
    CHAT("/v1/chat/completions") {
        @Override
        public String request(String chat) {
            return chat;
        }

        @Override
        String completion(String request, JsonNode answer) {
            return answer.toString();
        }

        @Override
        String chunks(String request, String events) {
            return events;
        }

        @Override
        public String field(String name) {
            return name;
        }
    },

    RESPONSES("/v1/responses") {
        @Override
        public String request(String chat) {
            try {
                return EXACT.readTree(chat) instanceof ObjectNode it
                        ? EXACT.writeValueAsString(Responses.request(it))
                        : chat;
            } catch (JacksonException e) {
                return chat;
            }
        }

        @Override
        String completion(String request, JsonNode answer) {
            return Responses.completion(request, answer).toString();
        }

        @Override
        String chunks(String request, String events) {
            return Responses.chunks(request, events);
        }

        @Override
        public String field(String name) {
            return name.equals("messages") ? "input" : name.replace("messages[", "input[");
        }
    };

    /** Changes no number and no half of a surrogate pair. */
    private static final JsonMapper EXACT = Json.MAPPER
            .rebuild()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private final String path;

    WireForm(String path) {
        this.path = path;
    }

    public String path() {
        return path;
    }

    /** A chat completion request in this form. Bodies that are not JSON objects are unchanged. */
    public abstract String request(String chat);

    /** What a field of chat completions is called in this form. */
    public abstract String field(String name);

    abstract String completion(String request, JsonNode answer);

    abstract String chunks(String request, String events);

    /** An answer to a chat completion request that was put into this form, as a chat completion. */
    public HttpResponse<String> answer(String request, HttpResponse<String> response) {
        String type = response.headers().firstValue("Content-Type").orElse("");
        if (this == CHAT || !type.startsWith("text/event-stream") && !type.equals("application/json")) {
            return response;
        }
        if (type.startsWith("text/event-stream")) {
            return new Translated(response, chunks(request, response.body()));
        }
        JsonNode body = Json.MAPPER.readTree(response.body());
        return new Translated(
                response,
                body.has("error") && response.statusCode() >= 400
                        ? Responses.error(request, body).toString()
                        : completion(request, body));
    }

    /** The same response with another body. */
    private record Translated(HttpResponse<String> response, String body) implements HttpResponse<String> {
        @Override
        public int statusCode() {
            return response.statusCode();
        }

        @Override
        public HttpRequest request() {
            return response.request();
        }

        @Override
        public Optional<HttpResponse<String>> previousResponse() {
            return response.previousResponse();
        }

        @Override
        public HttpHeaders headers() {
            return response.headers();
        }

        @Override
        public Optional<SSLSession> sslSession() {
            return response.sslSession();
        }

        @Override
        public URI uri() {
            return response.uri();
        }

        @Override
        public HttpClient.Version version() {
            return response.version();
        }
    }

    /** Between chat completions and responses. */
    private static final class Responses {
        private static ObjectNode object() {
            return Json.MAPPER.createObjectNode();
        }

        static ObjectNode request(ObjectNode chat) {
            ObjectNode request = object();
            chat.properties().forEach(field -> put(request, field.getKey(), field.getValue()));
            if (chat.path("logprobs").asBoolean(false)) {
                request.putArray("include").add("message.output_text.logprobs");
                request.remove("logprobs");
            }
            return request;
        }

        private static void put(ObjectNode request, String name, JsonNode value) {
            switch (name) {
                case "messages" -> request.set("input", value.isArray() ? items(value) : value);
                case "max_tokens", "max_completion_tokens" -> request.set("max_output_tokens", value);
                case "response_format" -> request.putObject("text").set("format", value);
                case "stream_options" -> request.putObject("stream_options");
                case "tools" -> request.set("tools", value.isArray() ? tools(value) : value);
                case "tool_choice" -> request.set("tool_choice", flat(value));
                default -> request.set(name, value);
            }
        }

        private static ArrayNode tools(JsonNode tools) {
            ArrayNode flat = Json.MAPPER.createArrayNode();
            tools.forEach(it -> flat.add(flat(it)));
            return flat;
        }

        /** Without the object that chat completions put around what a tool is. */
        private static JsonNode flat(JsonNode value) {
            String inside = value.path("type").asString("");
            if (!value.path(inside).isObject()) {
                return value;
            }
            ObjectNode flat = object().put("type", inside);
            value.path(inside).properties().forEach(it -> flat.set(it.getKey(), it.getValue()));
            return flat;
        }

        private static ArrayNode items(JsonNode messages) {
            ArrayNode items = Json.MAPPER.createArrayNode();
            for (JsonNode message : messages) {
                String role = message.path("role").asString("");
                if (role.equals("tool") && message.has("tool_call_id")) {
                    items.addObject()
                            .put("type", "function_call_output")
                            .put("call_id", message.path("tool_call_id").asString())
                            .set("output", message.path("content"));
                } else if (!message.path("tool_calls").isEmpty()) {
                    message.path("tool_calls")
                            .forEach(it -> items.addObject()
                                    .put("type", "function_call")
                                    .put("call_id", it.path("id").asString())
                                    .put("name", it.at("/function/name").asString())
                                    .put("arguments", "{}"));
                } else {
                    items.add(message(message, role.equals("assistant") ? "output_text" : "input_text"));
                }
            }
            return items;
        }

        private static JsonNode message(JsonNode message, String text) {
            if (!message.path("content").isArray()) {
                return message;
            }
            var changed = (ObjectNode) message.deepCopy();
            ArrayNode content = changed.putArray("content");
            message.path("content").forEach(it -> content.add(part(it, text)));
            return changed;
        }

        private static JsonNode part(JsonNode part, String text) {
            if (!(part.deepCopy() instanceof ObjectNode changed)) {
                return part;
            }
            switch (part.path("type").asString("")) {
                case "text" -> changed.put("type", text);
                case "image_url" -> {
                    changed.put("type", "input_image");
                    JsonNode url = part.at("/image_url/url");
                    if (url.isString()) {
                        changed.set("image_url", url);
                    }
                }
                default -> {}
            }
            return changed;
        }

        /** Names of fields as the request called them. */
        private static String asCalled(String request, String text) {
            boolean newer = request.contains("\"max_completion_tokens\"");
            return text.replace("input[", "messages[")
                    .replaceFirst("^input$", "messages")
                    .replace("text.format", "response_format")
                    .replace("max_output_tokens", newer ? "max_completion_tokens" : "max_tokens");
        }

        static JsonNode error(String request, JsonNode body) {
            var error = (ObjectNode) body.path("error");
            for (String name : List.of("param", "message")) {
                if (error.path(name).isString()) {
                    error.put(name, asCalled(request, error.path(name).asString()));
                }
            }
            return body;
        }

        private static boolean wantsLogprobs(String request) {
            return Json.MAPPER.readTree(request).path("logprobs").asBoolean(false);
        }

        static ObjectNode completion(String request, JsonNode response) {
            ObjectNode completion = object().put("id", response.path("id").asString())
                    .put("object", "chat.completion")
                    .put("created", response.path("created_at").asLong())
                    .put("model", response.path("model").asString());
            ArrayNode choices = completion.putArray("choices");
            for (JsonNode item : response.path("output")) {
                ObjectNode choice = choices.addObject().put("index", choices.size() - 1);
                if (item.has("region")) {
                    choice.set("region", item.path("region"));
                }
                choice.putObject("message")
                        .put("role", item.path("role").asString())
                        .put("content", item.at("/content/0/text").asString())
                        .putNull("refusal");
                choice.set("logprobs", logprobs(request, item.at("/content/0/logprobs")));
                choice.put("finish_reason", finishReason(item));
            }
            completion.set("usage", usage(response.path("usage")));
            return completion;
        }

        private static String finishReason(JsonNode item) {
            return item.path("status").asString().equals("incomplete") ? "length" : "stop";
        }

        private static JsonNode logprobs(String request, JsonNode tokens) {
            return wantsLogprobs(request) ? object().set("content", tokens).putNull("refusal") : Json.MAPPER.nullNode();
        }

        private static ObjectNode usage(JsonNode usage) {
            ObjectNode changed = object().put(
                            "prompt_tokens", usage.path("input_tokens").asInt())
                    .put("completion_tokens", usage.path("output_tokens").asInt())
                    .put("total_tokens", usage.path("total_tokens").asInt());
            changed.putObject("prompt_tokens_details")
                    .put(
                            "cached_tokens",
                            usage.at("/input_tokens_details/cached_tokens").asInt());
            return changed;
        }

        static String chunks(String request, String events) {
            boolean usage = Json.MAPPER
                    .readTree(request)
                    .at("/stream_options/include_usage")
                    .asBoolean(false);
            var chunks = new ArrayList<ObjectNode>();
            ObjectNode chunk = object();
            for (JsonNode event : events(events)) {
                String type = event.path("type").asString();
                int index = event.path("output_index").asInt();
                switch (type) {
                    case "response.created" ->
                        chunk.put("id", event.at("/response/id").asString())
                                .put("object", "chat.completion.chunk")
                                .put("created", event.at("/response/created_at").asLong())
                                .put("model", event.at("/response/model").asString());
                    case "response.output_text.delta" -> {
                        ObjectNode choice =
                                choice(chunks, chunk, index, event.path("delta").asString());
                        if (wantsLogprobs(request)) {
                            choice.set("logprobs", logprobs(request, event.path("logprobs")));
                        }
                    }
                    case "response.output_item.done" -> {
                        boolean empty =
                                event.at("/item/content/0/text").asString().isEmpty();
                        choice(chunks, chunk, index, empty ? "" : null)
                                .put("finish_reason", finishReason(event.path("item")));
                    }
                    case "response.completed", "response.incomplete" -> {
                        if (usage) {
                            ObjectNode last = chunk.deepCopy();
                            last.putArray("choices");
                            last.set("usage", usage(event.at("/response/usage")));
                            chunks.add(last);
                        }
                    }
                    case "error" ->
                        chunks.add(object().set(
                                        "error",
                                        object().put(
                                                        "message",
                                                        event.path("message").asString())
                                                .set("code", event.path("code"))));
                    default -> {}
                }
            }
            return chunks.stream().map(it -> "data: " + it + "\n\n").collect(Collectors.joining()) + "data: [DONE]\n\n";
        }

        private static List<JsonNode> events(String events) {
            return events.lines()
                    .filter(it -> it.startsWith("data: "))
                    .map(it -> Json.MAPPER.readTree(it.substring(6)))
                    .toList();
        }

        private static ObjectNode choice(List<ObjectNode> chunks, ObjectNode chunk, int index, String text) {
            ObjectNode copy = chunk.deepCopy();
            chunks.add(copy);
            ObjectNode choice = copy.putArray("choices").addObject().put("index", index);
            ObjectNode delta = choice.putObject("delta");
            if (text != null) {
                delta.put("content", text);
            }
            choice.putNull("finish_reason");
            return choice;
        }
    }
}
