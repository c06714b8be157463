package io.github.describeanything.server.chat;

import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.BusyException;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.DescriptionRequest;
import io.github.describeanything.model.Generation;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.model.SamplingOptions;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.Body;
import io.github.describeanything.server.BodyReader;
import io.github.describeanything.server.Json;
import io.github.describeanything.server.Limits;
import io.github.describeanything.server.MissingMask;
import io.github.describeanything.server.ModelNames;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.operations.Exchange;
import io.github.describeanything.server.remote.RemotePictures;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * POST /v1/chat/completions, from body to answer. Thread-safe; each request stays on the virtual thread that it came
 * on.
 */
public final class ChatCompletions implements Handler {
    private static final String ASSISTANT = "assistant";
    private static final int MOST_LOGPROBS = 250_000;

    private final DescribeAnything model;
    private final ModelNames names;
    private final Limits limits;
    private final BodyReader bodies;
    private final ChatRequestReader requests;
    private final PictureLoader pictures;
    private final boolean listDeltasOnBarePath;
    private final Running running = new Running();

    /** @param listDeltasOnBarePath stream lists of parts on /chat/completions, as the published server's clients read */
    public ChatCompletions(
            DescribeAnything model,
            ModelNames names,
            Limits limits,
            PictureReader reader,
            RemotePictures remote,
            MissingMask missingMask,
            boolean listDeltasOnBarePath) {
        this.model = model;
        this.names = names;
        this.limits = limits;
        this.bodies = new BodyReader(limits.bodyBytes(), limits.idle());
        this.requests = new ChatRequestReader(limits.answers(), limits.regions());
        this.pictures = new PictureLoader(reader, remote, missingMask);
        this.listDeltasOnBarePath = listDeltasOnBarePath;
    }

    /** Ends what is under way, in the API's words: the server stops and does not wait any longer. */
    public void end() {
        running.end();
    }

    @Override
    public void handle(Context ctx) throws IOException, InterruptedException {
        // Before the body is read: refusing has to stay cheap when there is most to refuse.
        model.requireRoom();
        Taken taken = take(ctx);
        Exchange exchange = Exchange.of(ctx);
        exchange.accepted();
        try (var events = new Events(taken.generations);
                var entry = running.enter(events::end)) {
            if (taken.stream) {
                boolean lists = listDeltasOnBarePath && !ctx.path().startsWith("/v1/");
                new StreamedAnswer(taken.head, exchange, limits.keepAlive(), lists).write(events, ctx.res());
            } else {
                var whole = new WholeAnswer(taken.head, exchange);
                var watch = ClientWatch.over(ctx.req(), events::cancel);
                try {
                    whole.read(events);
                } finally {
                    close(watch, ctx);
                }
                ctx.contentType("application/json").result(Json.MAPPER.writeValueAsBytes(whole.body()));
            }
        }
    }

    /** Of the request nothing is kept but what its answer needs: it may wait long, and its pictures are large. */
    private Taken take(Context ctx) throws IOException {
        try (Body body = bodies.read(ctx.req())) {
            ChatRequest request = requests.read(body.json());
            request.model().ifPresent(names::require);
            Manifest manifest = model.manifest();
            requirePictures(request, manifest);
            int frames = request.pictures().size();
            List<AskedRegion> named = AskedRegion.of(request.regions(), frames);
            List<AskedRegion> regions = request.textRegion()
                    .map(it -> List.of(AskedRegion.written(it, frames)))
                    .orElse(named);
            var head = new Head(
                    id(),
                    System.currentTimeMillis() / 1000,
                    request.model().orElse(names.served()),
                    request.n(),
                    request.topLogprobs().isPresent(),
                    request.includeUsage(),
                    named.stream().map(AskedRegion::id).toList());
            requireRoom(head);
            requireFewLogprobs(request, head);
            requireKnownTokens(request, manifest);
            List<Generation> generations = whileClientStays(
                    ctx,
                    request,
                    () -> regions.isEmpty()
                            ? model.start(request.n(), () -> asked(request, List.of(load(request)), manifest))
                            : started(request, regions, head, manifest));
            return new Taken(generations, head, request.stream());
        }
    }

    /** Preparing pictures takes long where they are large or many wait: whoever leaves meanwhile gives his place back. */
    private List<Generation> whileClientStays(Context ctx, ChatRequest request, Supplier<List<Generation>> starting) {
        var watch = ClientWatch.over(ctx.req(), Thread.currentThread()::interrupt);
        var entry = running.enter(Thread.currentThread()::interrupt);
        try {
            return starting.get();
        } catch (PictureRefusal e) {
            throw ApiException.badRequest(request.pictures().get(e.index()).param(), e.code(), e.getMessage());
        } catch (RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                throw e;
            }
            throw running.over() ? BusyException.closing() : ApiException.clientLeft();
        } finally {
            entry.close();
            close(watch, ctx);
            // Whoever left too late for that is noticed by who writes to him or watches next.
            Thread.interrupted();
        }
    }

    private static void close(ClientWatch watch, Context ctx) {
        watch.close();
        if (watch.dirty()) {
            ctx.header("Connection", "close");
        }
    }

    /** What the model took on, and how it is to be told. */
    private static final class Taken {
        private final List<Generation> generations;
        private final Head head;
        private final boolean stream;

        Taken(List<Generation> generations, Head head, boolean stream) {
            this.generations = generations;
            this.head = head;
            this.stream = stream;
        }
    }

    /**
     * What every part of an answer repeats or depends on.
     *
     * @param n answers to each region
     * @param regions ids of those that the field names; none where the question or the pictures' own alpha says what is
     *     asked
     */
    record Head(
            String id,
            long created,
            String model,
            int n,
            boolean logprobs,
            boolean includeUsage,
            List<Optional<JsonNode>> regions) {

        /** Answers in all: {@code n} to each region, those to one region one after the other. */
        int choices() {
            return n * Math.max(1, regions.size());
        }

        /** Whether a choice is the first to its region, whose prompt counts; those that follow have the same. */
        boolean opens(int choice) {
            return choice % n == 0;
        }

        /** The region that a choice is about. */
        Optional<RegionBody> region(int choice) {
            int index = choice / n;
            return regions.isEmpty() ? Optional.empty() : Optional.of(new RegionBody(index, regions.get(index)));
        }
    }

    private static void requirePictures(ChatRequest request, Manifest manifest) {
        int count = request.pictures().size();
        int frames = manifest.maxFrames();
        if (count == 0) {
            throw ApiException.badRequest(
                    "messages",
                    "missing_image",
                    "This model describes a region of a picture: send an image_url part with an RGBA picture whose alpha"
                            + " is above 0 inside the region, or any picture and a list of regions, or @box(x0, y0, x1, y1) in the"
                            + " question");
        }
        if (count != 1 && count != frames) {
            String rule = frames == 1 ? "exactly 1 picture" : "1 picture, or " + frames + " frames of a video";
            throw ApiException.badRequest(
                    "messages", "wrong_picture_count", "This model takes %s a request, not %d".formatted(rule, count));
        }
    }

    private void requireRoom(Head head) {
        long most = Math.min(limits.answers(), model.load().places());
        if (head.choices() > most) {
            boolean several = head.n() > 1;
            throw ApiException.badValue(
                    several ? "n" : "regions",
                    "This request asks for %d answers, n to each region; this server gives at most %d at once"
                            .formatted(head.choices(), most));
        }
    }

    /** Log-probabilities of answers that are told whole are kept until the last has ended. */
    private void requireFewLogprobs(ChatRequest request, Head head) {
        int asked = request.maxTokens().orElse(model.manifest().sampling().maxTokens());
        int tokens = Math.min(asked, model.context());
        long count = (long) head.choices() * tokens * (request.topLogprobs().orElse(-1) + 1);
        if (count > MOST_LOGPROBS) {
            throw ApiException.badValue(
                    "top_logprobs",
                    "top_logprobs: this may come to %d log-probabilities, and this server gives at most %d; lower it, n or max_tokens"
                            .formatted(count, MOST_LOGPROBS));
        }
    }

    private static void requireKnownTokens(ChatRequest request, Manifest manifest) {
        int known = manifest.decoder().vocabSize();
        for (int token : request.logitBias().keySet()) {
            if (token >= known) {
                throw ApiException.badValue(
                        "logit_bias", "logit_bias: there is no token %d; this model has %d".formatted(token, known));
            }
        }
    }

    private List<PictureSource> load(ChatRequest request) {
        List<ChatRequest.Picture> frames = request.pictures();
        return IntStream.range(0, frames.size())
                .mapToObj(i -> pictures.load(frames.get(i), i, request.upright()))
                .toList();
    }

    /** Holds the decoded pictures until all regions on them were prepared, and no longer. */
    private List<Generation> started(ChatRequest request, List<AskedRegion> regions, Head head, Manifest manifest) {
        var shared = new ArrayList<SharedPicture>();
        try {
            return model.start(head.choices(), () -> {
                request.pictures().forEach(it -> shared.add(pictures.share(it, shared.size(), request.upright())));
                List<List<PictureSource>> subjects = regions.stream()
                        .map(region -> IntStream.range(0, shared.size())
                                .mapToObj(i ->
                                        shared.get(i).under(region.entries().get(i)))
                                .toList())
                        .toList();
                return asked(request, subjects, manifest);
            });
        } finally {
            shared.forEach(SharedPicture::close);
        }
    }

    /**
     * One request to the model for each answer. Seeds are drawn apart for the n answers, as equal ones are of no use, but
     * not for the regions, so that a region's answer is the same alone and among others.
     */
    private static List<DescriptionRequest> asked(
            ChatRequest request, List<List<PictureSource>> subjects, Manifest manifest) {
        var asked = new ArrayList<DescriptionRequest>();
        for (List<PictureSource> frames : subjects) {
            IntStream.range(0, request.n())
                    .forEach(i -> asked.add(new DescriptionRequest(
                            frames,
                            request.question(),
                            sampling(request, manifest.sampling(), i),
                            request.maxTokens().orElse(manifest.sampling().maxTokens()),
                            request.stop(),
                            request.ignoreEos())));
        }
        return asked;
    }

    private static SamplingOptions sampling(ChatRequest request, Manifest.Sampling defaults, int index) {
        return new SamplingOptions(
                request.temperature().orElse(defaults.temperature()),
                request.topP().orElse(defaults.topP()),
                request.topK().orElse(defaults.topK()),
                request.minP().orElse(0),
                request.repetitionPenalty().orElse(1),
                request.frequencyPenalty().orElse(0),
                request.presencePenalty().orElse(0),
                request.logitBias(),
                request.seed().isPresent() ? OptionalLong.of(request.seed().getAsLong() + index) : OptionalLong.empty(),
                request.topLogprobs().orElse(-1));
    }

    private static String id() {
        byte[] bytes = ByteBuffer.allocate(12)
                .putLong(ThreadLocalRandom.current().nextLong())
                .putInt(ThreadLocalRandom.current().nextInt())
                .array();
        return "chatcmpl-" + HexFormat.of().formatHex(bytes);
    }

    static String role() {
        return ASSISTANT;
    }
}
