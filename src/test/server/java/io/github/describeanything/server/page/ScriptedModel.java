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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
        /** The bounding box of an entry of {@code regions}; of a video, the entries are those of its frames. */
        Rectangle region(int entry) {
            return mask(entry).bounds();
        }

        Shape mask(int entry) {
            return Shape.of(body.get("regions").get(entry).get("rle"));
        }

        /** The first picture as it was sent. */
        byte[] file() {
            String url = body.at("/messages/0/content/0/image_url/url").asString();
            return Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1));
        }

        /** Regions that are asked about. */
        int things() {
            return (int) IntStream.range(0, body.get("regions").size())
                    .mapToObj(i -> body.get("regions").get(i).get("id"))
                    .distinct()
                    .count();
        }

        String answer() {
            return answer(0);
        }

        String answer(int thing) {
            Rectangle box = region(thing);
            return "A thing %d wide and %d high at %d, %d.".formatted(box.width, box.height, box.x, box.y);
        }
    }

    static final String KEY = "sesame";

    private static final ObjectMapper JSON = new ObjectMapper();

    final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    final BlockingQueue<String> left = new LinkedBlockingQueue<>();
    /** Questions that are answered with "busy" before one is answered. */
    final AtomicInteger busy = new AtomicInteger();

    /** Each lets a queued question move up once. */
    final Semaphore steps = new Semaphore(0);

    final ScriptedSegmenter segmenter = new ScriptedSegmenter();
    private final Javalin app;
    private volatile boolean locked;
    private volatile String name = "scripted";
    private volatile boolean segments = true;
    private volatile boolean builtIn;

    ScriptedModel() {
        this(0);
    }

    /** @param port 0 chooses a free one */
    ScriptedModel(int port) {
        Page page = new Page();
        app = Javalin.create(config -> {
                    config.routes.get("/", page::index);
                    config.routes.get("/page/{file}", page::file);
                    config.routes.get("/v1/models", this::models);
                    config.routes.post("/v1/chat/completions", this::complete);
                    config.routes.post("/v1/segmentations", segmenter::answer);
                })
                .start("127.0.0.1", port);
    }

    int port() {
        return app.port();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/";
    }

    /** Renames the model. */
    void rename(String other) {
        name = other;
    }

    void withoutSegmenter() {
        segments = false;
    }

    /** Answers as the model inside the jar. */
    void builtIn() {
        builtIn = true;
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
            ObjectNode list = JSON.createObjectNode();
            list.putArray("data")
                    .addObject()
                    .put("id", name)
                    .putObject("describe_anything")
                    .put("kind", "joint")
                    .put("built_in", builtIn)
                    .put("segmenter", segments);
            context.contentType("application/json").result(list.toString());
        }
    }

    private void complete(Context context) throws IOException, InterruptedException {
        if (refused(context)) {
            return;
        }
        Asked request = parse(context.bodyAsBytes());
        if (!request.body().path("model").asString().equals(name)) {
            error(context, 404, "No such model; this server serves " + name);
            return;
        }
        asked.add(request);
        if (busy.getAndUpdate(it -> Math.max(0, it - 1)) > 0) {
            context.header("Retry-After", "1");
            error(context, 503, "The queue is full.");
            return;
        }
        switch (request.question()) {
            case "Who?" -> stream(context, List.of("I don't", " recognise this object."), false);
            case "refuse" -> error(context, 400, "messages[0]: the picture has no mask");
            case "break" -> stream(context, List.of("It", " begins"), true);
            case "queue" -> queued(context, request);
            case "at once" -> atOnce(context, Collections.nCopies(20, "word "));
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
            default -> answer(context, request);
        }
    }

    /** The answers to all regions, interleaved. */
    private void answer(Context context, Asked request) throws IOException {
        if (request.things() == 1) {
            stream(context, List.of(request.answer().split("(?= )")), false);
            return;
        }
        context.res().setContentType("text/event-stream");
        ServletOutputStream out = context.res().getOutputStream();
        for (int thing = 0; thing < request.things(); thing++) {
            send(out, chunk(thing, request.answer(thing).substring(0, 7), ""));
        }
        for (int thing = 0; thing < request.things(); thing++) {
            send(out, chunk(thing, request.answer(thing).substring(7), ""));
            send(out, chunk(thing, "", "stop"));
        }
        send(out, "[DONE]");
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

    /** Waits as number 3, then as the next, then for the model. */
    private void queued(Context context, Asked request) throws IOException, InterruptedException {
        context.res().setContentType("text/event-stream");
        ServletOutputStream out = context.res().getOutputStream();
        for (String comment : List.of("queued 3", "queued 1", "still working")) {
            out.write((": " + comment + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            steps.tryAcquire(10, TimeUnit.SECONDS);
        }
        stream(context, List.of(request.answer()), false);
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
        return chunk(0, text, finish);
    }

    private static String chunk(int index, String text, String finish) {
        ObjectNode chunk = JSON.createObjectNode();
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", index);
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
