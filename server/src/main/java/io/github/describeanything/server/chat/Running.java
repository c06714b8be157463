package io.github.describeanything.server.chat;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Requests that can be ended when the server stops and the time that they had is over. Thread-safe. */
final class Running {
    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    /** Enters a request, which {@code end} ends, at most once and never after it is closed; at once if all is over. */
    Entry enter(Runnable end) {
        var entry = new Entry(end);
        entries.add(entry);
        if (over) {
            entry.end();
        }
        return entry;
    }

    /** Ends those that are in, and from now on whoever enters. */
    void end() {
        over = true;
        entries.forEach(Entry::end);
    }

    /** Whether the time is over. */
    boolean over() {
        return over;
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
