package io.github.describeanything.server.operations;

import java.util.concurrent.atomic.AtomicBoolean;

/** Whether new requests are welcome. Thread-safe. */
public final class Readiness {
    private final AtomicBoolean ready = new AtomicBoolean(true);

    public boolean ready() {
        return ready.get();
    }

    /** From now on they are not. */
    public void drain() {
        ready.set(false);
    }
}
