package io.github.describeanything.server.service;

import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.server.errors.ApiException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Streams that are described segment by segment. Thread-safe.
 *
 * <p>A session holds what the next segment needs of the last one: its caption and the box of the region, no pictures and no
 * keys or values. One that is not used for a while is gone.
 */
public final class VideoStreams {
    private static final Duration RETRY = Duration.ofSeconds(10);

    /**
     * Bounds.
     *
     * @param most sessions at once
     * @param idle how long one lives without a segment
     */
    public record Limits(int most, Duration idle) {
        public static final Limits DEFAULT = new Limits(16, Duration.ofMinutes(5));

        public Limits {
            if (most < 1 || idle.compareTo(Duration.ofMillis(1)) < 0) {
                throw new IllegalArgumentException("--max-streams and --stream-idle must be at least 1");
            }
        }
    }

    private final Limits limits;
    private final Map<String, Session> sessions = new LinkedHashMap<>();

    public VideoStreams(Limits limits) {
        this.limits = limits;
    }

    /** One stream. One segment at a time changes it. */
    public static final class Session {
        private final String id;
        private final String language;
        private final AtomicBoolean busy = new AtomicBoolean();
        private volatile long used = System.nanoTime();
        private volatile int segments;
        private volatile Optional<String> caption = Optional.empty();
        private volatile Optional<MaskBox> box = Optional.empty();

        /** @param language of the questions */
        public Session(String id, String language) {
            this.id = id;
            this.language = language;
        }

        public String id() {
            return id;
        }

        public String language() {
            return language;
        }

        /** Segments described so far. */
        public int segments() {
            return segments;
        }

        /** The last caption. */
        public Optional<String> caption() {
            return caption;
        }

        /** The box of the region on the last frame. */
        public Optional<MaskBox> box() {
            return box;
        }

        /** @throws ApiException 409 if another segment is being described */
        public void begin() {
            if (!busy.compareAndSet(false, true)) {
                throw ApiException.of(
                        409, "stream_busy", "The stream's last segment is still being described: send one at a time");
            }
        }

        private void described(String text, Optional<MaskBox> last) {
            caption = Optional.of(text);
            box = last;
            segments++;
        }

        /** The segment is over, described or not. */
        public void end() {
            used = System.nanoTime();
            busy.set(false);
        }
    }

    /** @throws ApiException 429 if there are as many sessions as there may be */
    public synchronized void requireRoom() {
        long now = System.nanoTime();
        sessions.values().removeIf(it -> !it.busy.get() && now - it.used > limits.idle.toNanos());
        if (sessions.size() >= limits.most) {
            throw ApiException.retryLater(
                    429,
                    "too_many_streams",
                    RETRY,
                    "There are %d streams, as many as this server keeps (--max-streams); delete one"
                            .formatted(sessions.size()));
        }
    }

    /** Adds a session. @throws ApiException 429 if there is no room for it */
    public synchronized void add(Session session) {
        requireRoom();
        sessions.put(session.id, session);
    }

    /** @throws ApiException 404 if there is no such session, or not any more */
    public synchronized Session find(String id) {
        Session session = sessions.get(id);
        if (session != null && !session.busy.get() && System.nanoTime() - session.used > limits.idle.toNanos()) {
            sessions.remove(id);
            session = null;
        }
        if (session == null) {
            throw ApiException.of(
                    404,
                    "stream_not_found",
                    "No such stream: it ended, or was not used for %d seconds; open another"
                            .formatted(limits.idle.toSeconds()));
        }
        return session;
    }

    /**
     * A segment is described.
     *
     * @param last the region's box on its last frame; empty if it is lost
     * @return whether the stream goes on: a lost region cannot be followed, so its session is gone
     */
    public synchronized boolean described(Session session, String caption, Optional<MaskBox> last) {
        session.described(caption, last);
        if (last.isEmpty()) {
            sessions.remove(session.id);
        }
        return last.isPresent();
    }

    public synchronized void remove(String id) {
        sessions.remove(id);
    }

    /** Sessions that are kept. */
    public synchronized int size() {
        return sessions.size();
    }
}
