package io.github.describeanything.server.operations;

import io.github.describeanything.model.GenerationEvent;
import io.github.describeanything.server.errors.ApiException;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What happened to one request, noted as it happens, told once at its end. Used by one thread. */
public final class Exchange {
    private static final String ATTRIBUTE = Exchange.class.getName();

    /** How a request ended. */
    enum Outcome {
        /** Answered, or not a request to the model at all. */
        DONE,
        /** The client asked for what cannot be. */
        INVALID,
        /** No room now. */
        REFUSED,
        /** The client left. */
        CANCELLED,
        /** The server's fault. */
        FAILED
    }

    private final String id;
    private final Metrics metrics;
    private final long start = System.nanoTime();
    private final List<GenerationEvent.Finished> ends = new ArrayList<>();
    private Optional<Outcome> outcome = Optional.empty();
    private boolean accepted;
    private int promptTokens;
    private int cachedTokens;
    private final Map<Integer, Long> lastDeltas = new HashMap<>();

    private Exchange(String id, Metrics metrics) {
        this.id = id;
        this.metrics = metrics;
    }

    /** Begins to note. */
    static Exchange begin(Context ctx, String id, Metrics metrics) {
        var exchange = new Exchange(id, metrics);
        ctx.attribute(ATTRIBUTE, exchange);
        return exchange;
    }

    /** That of a request. */
    public static Exchange of(Context ctx) {
        Exchange exchange = ctx.attribute(ATTRIBUTE);
        if (exchange == null) {
            throw new IllegalStateException("the request was not begun");
        }
        return exchange;
    }

    /** The model took the request. */
    public void accepted() {
        accepted = true;
        metrics.accepted();
    }

    /** Some text of one of its answers came. */
    public void delta(int answer) {
        long now = System.nanoTime();
        if (lastDeltas.isEmpty()) {
            metrics.firstToken(now - start);
        }
        Long last = lastDeltas.put(answer, now);
        if (last != null) {
            metrics.betweenTokens(now - last);
        }
    }

    /**
     * One of its answers ended by itself.
     *
     * @param first whether its prompt and pictures are told of here: of {@code n} answers that share them, by one alone
     */
    public void finished(GenerationEvent.Finished end, boolean first) {
        ends.add(end);
        metrics.finished(end);
        if (first) {
            promptTokens += end.usage().promptTokens();
            cachedTokens += end.usage().cachedTokens();
            metrics.prompted(end);
        }
    }

    /** The client left before the end. */
    public void clientLeft() {
        outcome = Optional.of(Outcome.CANCELLED);
    }

    /** The answer broke off in mid-stream. */
    public void failed() {
        outcome = Optional.of(Outcome.FAILED);
    }

    /**
     * Tells metrics of the end, and returns how it was.
     *
     * @param question whether it was one to the model, as alone are counted
     */
    Outcome end(int status, boolean question) {
        Outcome how = outcome.orElseGet(() -> byStatus(status));
        if (accepted) {
            metrics.answered(how, System.nanoTime() - start, ends);
        } else if (question && (how == Outcome.INVALID || how == Outcome.REFUSED || how == Outcome.FAILED)) {
            metrics.turnedAway(how);
        }
        return how;
    }

    private Outcome byStatus(int status) {
        if (accepted && status >= 400 && status != ApiException.CLIENT_LEFT) {
            // What was taken and then given up was not refused, whatever its status.
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

    long nanos() {
        return System.nanoTime() - start;
    }

    /** Positions of its prompts, as its usage says. */
    int promptTokens() {
        return promptTokens;
    }

    /** Those of them that were not computed again. */
    int cachedTokens() {
        return cachedTokens;
    }

    List<GenerationEvent.Finished> ends() {
        return ends;
    }
}
