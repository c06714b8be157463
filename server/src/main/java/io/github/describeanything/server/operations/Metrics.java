package io.github.describeanything.server.operations;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Segmenter;
import io.github.describeanything.server.service.NamedModel;
import io.github.describeanything.server.video.Videos;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
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
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Prometheus metrics. Thread-safe.
 *
 * <p>An accepted request ends in exactly one of the outcomes stop, length, cancelled and failed; refused and invalid
 * requests were never accepted. The label {@code model} is a loaded model's own name, or empty if a refused or invalid
 * request names none.
 */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final Map<String, ModelMetrics> models = new ConcurrentHashMap<>();
    private final Timer segmentation;

    public Metrics(Readiness readiness) {
        segmentation = timer(
                        "dam.segmentation.request", "From a segmentation request's arrival to its answer", List.of())
                .register(registry);
        for (RequestRecord.Outcome outcome : RequestRecord.Outcome.values()) {
            segmentations(outcome.name().toLowerCase(Locale.ROOT));
        }
        Gauge.builder("dam.ready", readiness, it -> it.ready() ? 1 : 0)
                .description("1 if ready for requests")
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        gc.bindTo(registry);
        ProcessMetrics.builder().register(registry.getPrometheusRegistry());
    }

    /** Adds the metrics of a model. Call it once for each. */
    public void watch(NamedModel named) {
        models.put(named.name(), new ModelMetrics(registry, named.name()));
        gauge(
                named,
                "dam.model.ready",
                "1 unless the model's device failed and cannot be reopened",
                it -> it.broken() ? 0 : 1);
        gauge(
                named,
                "dam.requests.running",
                "Sequences that have a slot",
                it -> it.stats().running());
        gauge(
                named,
                "dam.requests.waiting",
                "Accepted requests without a slot",
                it -> Math.max(0, it.stats().admitted() - it.stats().running()));
        gauge(named, "dam.slots", "Slots in total", it -> it.stats().slots());
        gauge(
                named,
                "dam.queue.capacity",
                "Requests that may wait for a slot",
                it -> it.stats().permits() - it.stats().slots());
        counter(
                named,
                "dam.region.cache.hits",
                "Requested regions whose features were cached or being computed",
                it -> it.stats().featureHits());
        counter(
                named,
                "dam.region.cache.misses",
                "Requested regions that had to be encoded",
                it -> it.stats().featureMisses());
    }

    /** Adds the numbers of decoded videos. Call it once. */
    public void watch(Videos videos) {
        FunctionTimer.builder(
                        "dam.video.decode",
                        videos,
                        it -> it.stats().videos(),
                        it -> it.stats().seconds(),
                        TimeUnit.SECONDS)
                .description("Decoding the frames of a video in a process of its own")
                .register(registry);
        FunctionCounter.builder("dam.video.frames", videos, it -> it.stats().frames())
                .description("Frames of videos that were decoded for a request")
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

    /** The metrics of a loaded model. */
    ModelMetrics of(String model) {
        return Objects.requireNonNull(models.get(model));
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

    /** A request that no model accepted. @param model the loaded model that it names, or empty */
    void refused(String model, RequestRecord.Outcome how) {
        ModelMetrics.outcome(registry, model, how.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    private void gauge(NamedModel named, String name, String description, ToDoubleFunction<DescribeAnything> value) {
        Gauge.builder(name, named.model(), value)
                .description(description)
                .tag(ModelMetrics.MODEL, named.name())
                .register(registry);
    }

    private void counter(NamedModel named, String name, String description, ToDoubleFunction<DescribeAnything> value) {
        FunctionCounter.builder(name, named.model(), value)
                .description(description)
                .tag(ModelMetrics.MODEL, named.name())
                .register(registry);
    }

    /** Buckets from one millisecond to about two minutes, each twice the previous one. */
    static Timer.Builder timer(String name, String description, List<Tag> tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(IntStream.range(0, 18)
                        .mapToObj(i -> Duration.ofMillis(1L << i))
                        .toArray(Duration[]::new));
    }
}
