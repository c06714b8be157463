package io.github.describeanything.server.operations;

import io.github.describeanything.model.api.GenerationEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What requests to one model add to the metrics. Thread-safe. */
final class ModelMetrics {
    static final String MODEL = "model";

    private final MeterRegistry registry;
    private final Tag model;
    private final Counter accepted;
    private final Counter promptTokens;
    private final Counter cachedTokens;
    private final Counter generatedTokens;
    private final Timer firstToken;
    private final Timer betweenTokens;
    private final Timer request;
    private final Timer queue;
    private final Timer prepare;
    private final Timer encode;
    private final Timer prefill;
    private final Timer decode;

    /** @param model the model's own name */
    ModelMetrics(MeterRegistry registry, String model) {
        this.registry = registry;
        this.model = Tag.of(MODEL, model);
        accepted = counter("dam.requests.accepted", "Requests that the model accepted");
        promptTokens = counter("dam.prompt.tokens", "Prompt tokens, image tokens included");
        cachedTokens = counter("dam.cached.tokens", "Prompt tokens that were reused from the KV cache");
        generatedTokens = counter("dam.generation.tokens", "Tokens generated");
        firstToken = timer("dam.time.to.first.token", "From a request's arrival to its first text");
        betweenTokens = timer("dam.inter.token", "Between two deltas of an answer");
        request = timer("dam.request", "From a request's arrival to its end");
        queue = timer("dam.queue", "Time a request waited for a slot");
        prepare = timer("dam.picture.decode", "Decoding, cropping and resizing the pictures of a request");
        encode = timer("dam.encode", "The vision graph over the pictures of a request");
        prefill = timer("dam.prefill", "The decoder over a prompt");
        decode = timer("dam.decode", "From an answer's first token to its last");
        for (String outcome : List.of("stop", "length", "cancelled", "failed", "refused", "invalid")) {
            outcome(registry, model, outcome);
        }
    }

    /** Requests by how they ended. @param model empty for requests that name no loaded model */
    static Counter outcome(MeterRegistry registry, String model, String outcome) {
        return Counter.builder("dam.requests")
                .description("Requests by how they ended")
                .tag(MODEL, model)
                .tag("outcome", outcome)
                .register(registry);
    }

    void accepted() {
        accepted.increment();
    }

    void firstToken(long nanos) {
        firstToken.record(Duration.ofNanos(nanos));
    }

    void betweenTokens(long nanos) {
        betweenTokens.record(Duration.ofNanos(nanos));
    }

    /** Records a prompt, once for all answers that share it. */
    void prompted(GenerationEvent.Finished end) {
        promptTokens.increment(end.usage().promptTokens());
        cachedTokens.increment(end.usage().cachedTokens());
        prepare.record(end.timings().prepare());
        encode.record(end.timings().encode());
    }

    void finished(GenerationEvent.Finished end) {
        generatedTokens.increment(end.usage().completionTokens());
        queue.record(end.timings().queued());
        prefill.record(end.timings().prefill());
        decode.record(end.timings().total().minus(end.timings().firstToken()));
    }

    void answered(RequestRecord.Outcome how, long nanos, List<GenerationEvent.Finished> ends) {
        request.record(Duration.ofNanos(nanos));
        String name = how == RequestRecord.Outcome.DONE && !ends.isEmpty()
                ? ends.getFirst().reason().name().toLowerCase(Locale.ROOT)
                : how == RequestRecord.Outcome.CANCELLED ? "cancelled" : "failed";
        outcome(registry, model.getValue(), name).increment();
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tags(List.of(model))
                .register(registry);
    }

    private Timer timer(String name, String description) {
        return Metrics.timer(name, description, List.of(model)).register(registry);
    }
}
