package io.github.describeanything.server.operations;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.EngineStats;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.model.api.GenerationEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Prometheus metrics. Thread-safe.
 *
 * <p>An accepted request ends in exactly one of the outcomes stop, length, cancelled and failed; refused and invalid
 * requests were never accepted.
 */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
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
    private final Timer segmentation;

    public Metrics(Readiness readiness) {
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
        segmentation = timer("dam.segmentation.request", "From a segmentation request's arrival to its answer");
        for (RequestRecord.Outcome outcome : RequestRecord.Outcome.values()) {
            segmentations(outcome.name().toLowerCase(Locale.ROOT));
        }
        Gauge.builder("dam.ready", readiness, it -> it.ready() ? 1 : 0)
                .description("1 if ready for requests")
                .register(registry);
        for (String outcome : List.of("stop", "length", "cancelled", "failed", "refused", "invalid")) {
            outcome(outcome);
        }
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        gc.bindTo(registry);
        ProcessMetrics.builder().register(registry.getPrometheusRegistry());
    }

    /** Adds the metrics of the model. Call it once. */
    public void watch(DescribeAnything model) {
        gauge(model, "dam.requests.running", "Sequences that have a slot", EngineStats::running);
        gauge(
                model,
                "dam.requests.waiting",
                "Accepted requests without a slot",
                it -> Math.max(0, it.admitted() - it.running()));
        gauge(model, "dam.slots", "Slots in total", EngineStats::slots);
        gauge(model, "dam.queue.capacity", "Requests that may wait for a slot", it -> it.permits() - it.slots());
        FunctionCounter.builder("dam.region.cache.hits", model, it -> it.stats().featureHits())
                .description("Requested regions whose features were cached or being computed")
                .register(registry);
        FunctionCounter.builder(
                        "dam.region.cache.misses", model, it -> it.stats().featureMisses())
                .description("Requested regions that had to be encoded")
                .register(registry);
    }

    /** Adds the segmenter's numbers. Call it once. */
    public void watch(Segmenter segmenter) {
        FunctionTimer.builder(
                        "dam.segmentation.embedding",
                        segmenter,
                        it -> it.stats().embeddings(),
                        it -> it.stats().embeddingSeconds(),
                        TimeUnit.SECONDS)
                .description("The segmenter's encoder over a picture")
                .register(registry);
        FunctionTimer.builder(
                        "dam.segmentation.prompt",
                        segmenter,
                        it -> it.stats().prompts(),
                        it -> it.stats().promptSeconds(),
                        TimeUnit.SECONDS)
                .description("The segmenter's decoder over a prompt")
                .register(registry);
        FunctionTimer.builder(
                        "dam.segmentation.tracking",
                        segmenter,
                        it -> it.stats().tracked(),
                        it -> it.stats().trackingSeconds(),
                        TimeUnit.SECONDS)
                .description("Memory attention, mask and memory of a thing on a frame of a video")
                .register(registry);
        FunctionCounter.builder(
                        "dam.segmentation.cache.hits",
                        segmenter,
                        it -> it.stats().hits())
                .description("Pictures whose embedding was cached or under way")
                .register(registry);
        FunctionCounter.builder(
                        "dam.segmentation.cache.misses",
                        segmenter,
                        it -> it.stats().misses())
                .description("Pictures that had to be embedded")
                .register(registry);
        Gauge.builder("dam.segmentation.running", segmenter, it -> it.stats().underWay())
                .description("Embedded pictures in use")
                .register(registry);
    }

    /** Unregisters the garbage collection listener. */
    @Override
    public void close() {
        gc.close();
        registry.close();
    }

    /** The metrics in Prometheus's text format. */
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
        outcome(name).increment();
    }

    void segmented(RequestRecord.Outcome how, long nanos) {
        segmentations(how.name().toLowerCase(Locale.ROOT)).increment();
        if (how == RequestRecord.Outcome.DONE) {
            segmentation.record(Duration.ofNanos(nanos));
        }
    }

    private Counter segmentations(String outcome) {
        return Counter.builder("dam.segmentations")
                .description("Requests to the segmenter by how they ended")
                .tag("outcome", outcome)
                .register(registry);
    }

    void refused(RequestRecord.Outcome how) {
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

    private void gauge(DescribeAnything model, String name, String description, ToDoubleFunction<EngineStats> value) {
        Gauge.builder(name, model, it -> value.applyAsDouble(it.stats()))
                .description(description)
                .register(registry);
    }

    /** Buckets from one millisecond to about two minutes, each twice the previous one. */
    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(IntStream.range(0, 18)
                        .mapToObj(i -> Duration.ofMillis(1L << i))
                        .toArray(Duration[]::new))
                .register(registry);
    }
}
