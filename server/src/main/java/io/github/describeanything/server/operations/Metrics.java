package io.github.describeanything.server.operations;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.GenerationEvent;
import io.github.describeanything.model.Load;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Numbers for Prometheus. Thread-safe.
 *
 * <p>An accepted request ends in exactly one of the outcomes stop, length, cancelled and failed; refused and invalid
 * ones were never accepted.
 */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final DescribeAnything model;
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

    public Metrics(DescribeAnything model, Readiness readiness) {
        this.model = model;
        accepted = counter("dam.requests.accepted", "Requests that the model took");
        promptTokens = counter("dam.prompt.tokens", "Positions of prompts, pictures included");
        cachedTokens = counter("dam.cached.tokens", "Positions of prompts that were not computed again");
        generatedTokens = counter("dam.generation.tokens", "Tokens generated");
        firstToken = timer("dam.time.to.first.token", "From a request's arrival to its first text");
        betweenTokens = timer("dam.inter.token", "Between two pieces of text of one answer");
        request = timer("dam.request", "From a request's arrival to its end");
        queue = timer("dam.queue", "Waiting for a slot");
        prepare = timer("dam.picture.decode", "Decoding, cutting and resizing the pictures of a request");
        encode = timer("dam.encode", "The vision graph over the pictures of a request");
        prefill = timer("dam.prefill", "The decoder over a prompt");
        decode = timer("dam.decode", "From an answer's first token to its last");
        gauge("dam.ready", "1 if ready for requests", ignored -> readiness.ready() ? 1 : 0);
        gauge("dam.requests.running", "Sequences that have a slot", Load::running);
        gauge(
                "dam.requests.waiting",
                "Requests that were taken and have no slot yet",
                it -> Math.max(0, it.accepted() - it.running()));
        gauge("dam.slots", "Sequences that can be decoded side by side", Load::slots);
        gauge("dam.queue.capacity", "Requests that may wait", it -> it.places() - it.slots());
        FunctionCounter.builder("dam.region.cache.hits", model, it -> it.load().regionHits())
                .description("Regions that were known when asked for")
                .register(registry);
        FunctionCounter.builder(
                        "dam.region.cache.misses", model, it -> it.load().regionMisses())
                .description("Regions that had to be encoded")
                .register(registry);
        Gauge.builder("process.resident.memory.bytes", ResidentMemory::bytes)
                .description("Resident memory of the process, native memory included")
                .register(registry);
        for (String outcome : List.of("stop", "length", "cancelled", "failed", "refused", "invalid")) {
            outcome(outcome);
        }
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    /** Ends the notes that the Java machine sends about its collections. */
    @Override
    public void close() {
        gc.close();
        registry.close();
    }

    /** The page that Prometheus reads. */
    public String scrape() {
        return registry.scrape();
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

    /** Of answers that share prompt and pictures, for one alone. */
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

    void answered(Exchange.Outcome how, long nanos, List<GenerationEvent.Finished> ends) {
        request.record(Duration.ofNanos(nanos));
        String name = how == Exchange.Outcome.DONE && !ends.isEmpty()
                ? ends.getFirst().reason().name().toLowerCase(Locale.ROOT)
                : how == Exchange.Outcome.CANCELLED ? "cancelled" : "failed";
        outcome(name).increment();
    }

    void turnedAway(Exchange.Outcome how) {
        outcome(how.name().toLowerCase(Locale.ROOT)).increment();
    }

    private Counter outcome(String name) {
        return Counter.builder("dam.requests")
                .description("Requests by how they ended")
                .tag("outcome", name)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<Load> value) {
        Gauge.builder(name, model, it -> value.applyAsDouble(it.load()))
                .description(description)
                .register(registry);
    }

    /** Buckets from one millisecond to about two minutes, each twice the one before. */
    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(IntStream.range(0, 18)
                        .mapToObj(i -> Duration.ofMillis(1L << i))
                        .toArray(Duration[]::new))
                .register(registry);
    }
}
