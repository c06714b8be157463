package io.github.describeanything.server.service;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The running requests, which can be ended together when the grace time is over. Thread-safe. */
final class InFlight {
    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /**
     * Adds a request. {@code end} runs at most once and never after the entry is closed; immediately if all were ended.
     */
    Entry enter(Runnable end) {
        var entry = new Entry(end);
        entries.add(entry);
        if (ended) {
            entry.end();
        }
        return entry;
    }

    /** Ends all requests, including those added later. */
    void end() {
        ended = true;
        entries.forEach(Entry::end);
    }

    boolean ended() {
        return ended;
    }

    /** One request. */
    final class Entry implements AutoCloseable {
        private final Runnable end;
        private boolean closed;

        private Entry(Runnable end) {
            this.end = end;
        }

        private synchronized void end() {
            if (!closed) {
                closed = true;
                end.run();
            }
        }

        @Override
        public void close() {
            synchronized (this) {
                closed = true;
            }
            entries.remove(this);
        }
    }
}
