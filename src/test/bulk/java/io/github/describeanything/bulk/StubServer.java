package io.github.describeanything.bulk;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.describeanything.bulk.row.Lines;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A server that answers as a test says. */
final class StubServer implements AutoCloseable {
    private final HttpServer server;
    private final Behaviour behaviour;
    final List<JsonNode> requests = new CopyOnWriteArrayList<>();

    /** What to answer. */
    interface Behaviour {
        /** The answer to a request. @param number of the request, from 0 */
        Answer answer(int number, JsonNode body) throws InterruptedException;
    }

    /** @param status 0 closes the connection without an answer */
    record Answer(int status, String body, Map<String, String> headers) {
        static Answer of(int status, String body) {
            return new Answer(status, body, Map.of());
        }
    }

    StubServer(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/chat/completions", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** Answers each region with its own JSON, each picture without regions with its length. */
    static StubServer describing() throws IOException {
        return new StubServer((number, body) -> Answer.of(200, description(body)));
    }

    static String description(JsonNode body) {
        ObjectNode answer = Lines.object().put("id", "chatcmpl-1").put("object", "chat.completion");
        answer.put("created", 1).put("model", "stub");
        ArrayNode choices = answer.putArray("choices");
        JsonNode regions = body.path("regions");
        for (int i = 0; i < Math.max(1, regions.size()); i++) {
            String text = regions.isEmpty()
                    ? "picture of " + body.toString().length()
                    : "region " + regions.get(i).toString().hashCode();
            ObjectNode choice = choices.addObject().put("index", i).put("finish_reason", "stop");
            choice.putObject("message").put("role", "assistant").put("content", text);
        }
        answer.putObject("usage").put("completion_tokens", 3 * choices.size());
        return answer.toString();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    private void handle(HttpExchange exchange) throws IOException {
        JsonNode body = Lines.JSON.readTree(exchange.getRequestBody().readAllBytes());
        int number;
        synchronized (this) {
            number = requests.size();
            requests.add(body);
        }
        try {
            Answer answer = behaviour.answer(number, body);
            if (answer.status() != 0) {
                byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
                answer.headers().forEach(exchange.getResponseHeaders()::set);
                exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
