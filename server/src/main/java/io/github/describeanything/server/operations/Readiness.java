package io.github.describeanything.server.operations;

import io.github.describeanything.server.errors.ApiException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/** The server's state: loading, ready, draining. Thread-safe. */
public final class Readiness {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    private enum State {
        LOADING,
        READY,
        DRAINING
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.LOADING);

    /** Whether the server accepts requests. */
    public boolean ready() {
        return state.get() == State.READY;
    }

    /** The model is loaded. Has no effect once the server drains. */
    public void loaded() {
        state.compareAndSet(State.LOADING, State.READY);
    }

    /** Refuses new requests from now on. */
    public void drain() {
        state.set(State.DRAINING);
    }

    /** @throws ApiException 503 {@code loading} until the model is loaded */
    public void requireLoaded() {
        if (state.get() == State.LOADING) {
            throw ApiException.retryLater(503, "loading", RETRY_AFTER, "The server is loading its model");
        }
    }

    /** @throws ApiException 503 unless the server is ready */
    public void requireReady() {
        requireLoaded();
        if (!ready()) {
            throw ApiException.retryLater(503, "shutting_down", RETRY_AFTER, "The server is shutting down");
        }
    }
}
