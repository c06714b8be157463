package io.github.describeanything.server.operations;

import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.AnswerSink;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The record of one request for the log and the metrics. Used by one thread. */
public final class RequestRecord {
    private static final String ATTRIBUTE = RequestRecord.class.getName();

    /** How a request ended. */
    enum Outcome {
        /** Answered, or not an inference request. */
        DONE,
        /** A client error. */
        INVALID,
        /** The queue was full, or the server was loading or draining. */
        REFUSED,
        /** The client disconnected. */
        CANCELLED,
        /** A server error. */
        FAILED
    }

    private final String id;
    private final Metrics metrics;
    private Optional<String> model = Optional.empty();
    private final long start = System.nanoTime();
    private final List<GenerationEvent.Finished> ends = new ArrayList<>();
    private Optional<Outcome> outcome = Optional.empty();
    private boolean accepted;
    private boolean segmentation;
    private int promptTokens;
    private int cachedTokens;
    private final Map<Integer, Long> lastDeltas = new HashMap<>();

    private RequestRecord(String id, Metrics metrics) {
        this.id = id;
        this.metrics = metrics;
    }

    /** Begins the record of a request. */
    static RequestRecord begin(Context ctx, String id, Metrics metrics) {
        var record = new RequestRecord(id, metrics);
        ctx.attribute(ATTRIBUTE, record);
        return record;
    }

    /** The record of a request. */
    public static RequestRecord of(Context ctx) {
        RequestRecord record = ctx.attribute(ATTRIBUTE);
        if (record == null) {
            throw new IllegalStateException("The request has no record");
        }
        return record;
    }

    /** The request is about a loaded model. @param name its own name */
    public void model(String name) {
        model = Optional.of(name);
    }

    /** The model accepted the request. */
    public void accepted() {
        accepted = true;
        modelMetrics().accepted();
    }

    private ModelMetrics modelMetrics() {
        return metrics.of(model.orElseThrow());
    }

    /** A request to the segmenter, which has its own metrics. */
    public void segmentation() {
        segmentation = true;
    }

    /** A delta of one choice. */
    private void delta(int choice) {
        long now = System.nanoTime();
        if (lastDeltas.isEmpty()) {
            modelMetrics().firstToken(now - start);
        }
        Long last = lastDeltas.put(choice, now);
        if (last != null) {
            modelMetrics().betweenTokens(now - last);
        }
    }

    /**
     * One choice finished.
     *
     * @param first whether it is the first of the choices that share a prompt, which is counted once
     */
    private void finished(GenerationEvent.Finished end, boolean first) {
        ends.add(end);
        modelMetrics().finished(end);
        if (first) {
            promptTokens += end.usage().promptTokens();
            cachedTokens += end.usage().cachedTokens();
            modelMetrics().prompted(end);
        }
    }

    /** A sink that records every event and passes it on. @param n choices that share a prompt */
    public AnswerSink recording(AnswerSink next, int n) {
        return new AnswerSink() {
            @Override
            public void delta(int choice, GenerationEvent.Delta delta) throws IOException {
                RequestRecord.this.delta(choice);
                next.delta(choice, delta);
            }

            @Override
            public void finished(int choice, GenerationEvent.Finished end) throws IOException {
                RequestRecord.this.finished(end, choice % n == 0);
                next.finished(choice, end);
            }

            @Override
            public void idle() throws IOException {
                next.idle();
            }
        };
    }

    /** The client disconnected before the end. */
    public void clientDisconnected() {
        outcome = Optional.of(Outcome.CANCELLED);
    }

    /** The answer failed after its stream began. */
    public void failed() {
        outcome = Optional.of(Outcome.FAILED);
    }

    /**
     * Records the end in the metrics and returns the outcome.
     *
     * @param inference whether it was an inference request; only those are counted
     */
    Outcome end(int status, boolean inference) {
        Outcome how = outcome.orElseGet(() -> byStatus(status));
        if (segmentation) {
            metrics.segmented(how, System.nanoTime() - start);
        } else if (accepted) {
            modelMetrics().answered(how, System.nanoTime() - start, ends);
        } else if (inference && (how == Outcome.INVALID || how == Outcome.REFUSED || how == Outcome.FAILED)) {
            metrics.refused(model.orElse(""), how);
        }
        return how;
    }

    private Outcome byStatus(int status) {
        if (accepted && status >= 400 && status != ApiException.CLIENT_LEFT) {
            // An accepted request was not refused, whatever its status.
            return Outcome.FAILED;
        }
        return switch (status) {
            case ApiException.CLIENT_LEFT -> Outcome.CANCELLED;
            case 429, 503 -> Outcome.REFUSED;
            default -> status >= 500 ? Outcome.FAILED : status >= 400 ? Outcome.INVALID : Outcome.DONE;
        };
    }

    String id() {
        return id;
    }

    /** The own name of the model that the request is about, once that is known. */
    Optional<String> model() {
        return model;
    }

    long nanos() {
        return System.nanoTime() - start;
    }

    /** Prompt tokens, as in the usage. */
    int promptTokens() {
        return promptTokens;
    }

    /** Prompt tokens that were reused from the KV cache. */
    int cachedTokens() {
        return cachedTokens;
    }

    List<GenerationEvent.Finished> ends() {
        return ends;
    }
}
