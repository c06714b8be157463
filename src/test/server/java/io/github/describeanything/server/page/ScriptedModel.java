package io.github.describeanything.server.page;

import io.javalin.Javalin;
import io.javalin.http.Context;
import jakarta.servlet.ServletOutputStream;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.imageio.ImageIO;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server for the page whose model follows the question: slow answers, errors, a required key. Its normal answer
 * describes the received pixels, so that tests can check on the screen what was sent.
 */
final class ScriptedModel implements AutoCloseable {
    /** A received request, with its decoded pictures and last question. */
    record Asked(JsonNode body, List<BufferedImage> pictures, String question) {
        Rectangle region(int picture) {
            BufferedImage image = pictures.get(picture);
            Rectangle box = new Rectangle(-1, -1);
            for (int y = 0; y < image.getHeight(); y++) {
                for (int x = 0; x < image.getWidth(); x++) {
                    if (image.getRGB(x, y) >>> 24 != 0) {
                        box.add(new Rectangle(x, y, 1, 1));
                    }
                }
            }
            return box;
        }

        String answer() {
            Rectangle box = region(0);
            return "A thing %d wide and %d high at %d, %d.".formatted(box.width, box.height, box.x, box.y);
        }
    }

    static final String KEY = "sesame";

    private static final ObjectMapper JSON = new ObjectMapper();

    final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    final BlockingQueue<String> left = new LinkedBlockingQueue<>();
    private final Javalin app;
    private volatile boolean locked;
    private volatile String name = "scripted";

    ScriptedModel() {
        Page page = new Page();
        app = Javalin.create(config -> {
                    config.routes.get("/", page::index);
                    config.routes.get("/page/{file}", page::file);
                    config.routes.get("/v1/models", this::models);
                    config.routes.post("/v1/chat/completions", this::complete);
                })
                .start("127.0.0.1", 0);
    }

    String url() {
        return "http://127.0.0.1:" + app.port() + "/";
    }

    /** Renames the model. */
    void rename(String other) {
        name = other;
    }

    void lock(boolean on) {
        locked = on;
    }

    private boolean refused(Context context) {
        boolean refused = locked && !("Bearer " + KEY).equals(context.header("Authorization"));
        if (refused) {
            error(context, 401, "Incorrect API key provided.");
        }
        return refused;
    }

    private void models(Context context) {
        if (!refused(context)) {
            context.contentType("application/json")
                    .result(
                            "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"describe_anything\":{\"kind\":\"joint\"}}]}"
                                    .formatted(name));
        }
    }

    private void complete(Context context) throws IOException {
        if (refused(context)) {
            return;
        }
        Asked request = parse(context.bodyAsBytes());
        if (!request.body().path("model").asString().equals(name)) {
            error(context, 404, "No such model; this server serves " + name);
            return;
        }
        asked.add(request);
        switch (request.question()) {
            case "busy" -> {
                context.header("Retry-After", "3");
                error(context, 503, "The queue is full.");
            }
            case "refuse" -> error(context, 400, "messages[0]: the picture has no mask");
            case "break" -> stream(context, List.of("It", " begins"), true);
            case "at once" -> atOnce(context, Collections.nCopies(10, "word "));
            case "cut" -> {
                context.res().setContentType("text/event-stream");
                send(context.res().getOutputStream(), chunk("It begins", ""));
                ServletContextRequest.getServletContextRequest(context.req())
                        .getConnectionMetaData()
                        .getConnection()
                        .getEndPoint()
                        .close();
            }
            case "endless" -> stream(context, Collections.nCopies(3000, "on and "), false);
            default -> stream(context, List.of(request.answer().split("(?= )")), false);
        }
    }

    private void stream(Context context, List<String> pieces, boolean breaks) throws IOException {
        context.res().setContentType("text/event-stream");
        ServletOutputStream out = context.res().getOutputStream();
        try {
            for (String piece : pieces) {
                Thread.sleep(Duration.ofMillis(20));
                send(out, chunk(piece, ""));
            }
            send(out, breaks ? "{\"error\":{\"message\":\"the engine stopped\"}}" : chunk("", "stop"));
            send(out, "{\"choices\":[],\"usage\":{\"completion_tokens\":%d}}".formatted(pieces.size()));
            send(out, "[DONE]");
        } catch (IOException e) {
            left.add(e.getClass().getSimpleName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Generated slowly but sent in one piece, as over a congested network. */
    private static void atOnce(Context context, List<String> pieces) throws IOException {
        context.res().setContentType("text/event-stream");
        try {
            Thread.sleep(Duration.ofMillis(200));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var all = new StringBuilder();
        pieces.forEach(it -> all.append("data: ").append(chunk(it, "")).append("\n\n"));
        all.append("data: ").append(chunk("", "stop")).append("\n\n");
        send(context.res().getOutputStream(), all.append("data: [DONE]").substring("data: ".length()));
    }

    private static String chunk(String text, String finish) {
        ObjectNode chunk = JSON.createObjectNode();
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta").put("content", text);
        choice.put("finish_reason", finish.isEmpty() ? null : finish);
        return chunk.toString();
    }

    private static void send(ServletOutputStream out, String data) throws IOException {
        out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static void error(Context context, int status, String message) {
        ObjectNode body = JSON.createObjectNode();
        body.putObject("error").put("message", message).put("type", "invalid_request_error");
        context.status(status).contentType("application/json").result(body.toString());
    }

    private static Asked parse(byte[] bytes) throws IOException {
        JsonNode body = JSON.readTree(bytes);
        List<BufferedImage> pictures = new ArrayList<>();
        for (JsonNode part : body.at("/messages/0/content")) {
            if (part.has("image_url")) {
                String url = part.at("/image_url/url").asString();
                byte[] png = Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1));
                pictures.add(ImageIO.read(new ByteArrayInputStream(png)));
            }
        }
        JsonNode last =
                body.at("/messages").get(body.at("/messages").size() - 1).get("content");
        String question = last.isString()
                ? last.asString()
                : last.get(last.size() - 1).get("text").asString();
        return new Asked(body, pictures, question);
    }

    @Override
    public void close() {
        app.stop();
    }
}
