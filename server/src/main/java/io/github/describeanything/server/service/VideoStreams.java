package io.github.describeanything.server.service;

import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.server.errors.ApiException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Streams that are described segment by segment. Thread-safe.
 *
 * <p>A session holds what the next segment needs of the last one: its caption and the box of the region, no pictures and no
 * keys or values. One that is not used for a while is removed.
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

    /** What one segment leaves to the next. Changed by the segment that has the turn. */
    private static final class Session {
        private String model = "";
        private String language = "";
        private int segments;
        private Optional<String> caption = Optional.empty();
        private Optional<MaskBox> box = Optional.empty();
        /** Whether the client knows its id. */
        private boolean known;

        private boolean busy = true;
        private long used;
    }

    /**
     * Reserves a new stream for its first segment.
     *
     * @throws ApiException 429 if there are as many streams as there may be
     */
    public synchronized Turn open(String id) {
        forget();
        if (sessions.size() >= limits.most) {
            throw ApiException.retryLater(
                    429,
                    "too_many_streams",
                    RETRY,
                    "There are %d streams, as many as this server keeps (--max-streams); delete one"
                            .formatted(sessions.size()));
        }
        var session = new Session();
        sessions.put(id, session);
        return new Turn(id, session);
    }

    /**
     * Reserves a stream for its next segment.
     *
     * @throws ApiException 404 if there is no such stream, or not any more; 409 if another segment has the turn
     */
    public synchronized Turn next(String id) {
        Session session = find(id);
        if (session.busy) {
            throw ApiException.of(
                    409, "stream_busy", "The stream's last segment is still being described: send one at a time");
        }
        session.busy = true;
        return new Turn(id, session);
    }

    /** Ends a stream. @throws ApiException 404 if there is none */
    public synchronized void remove(String id) {
        find(id);
        sessions.remove(id);
    }

    /** Sessions that are kept. */
    public synchronized int size() {
        return sessions.size();
    }

    private Session find(String id) {
        forget();
        Session session = sessions.get(id);
        if (session == null) {
            throw ApiException.of(
                    404,
                    "stream_not_found",
                    "No such stream: it ended, or was not used for %d seconds; open another"
                            .formatted(limits.idle.toSeconds()));
        }
        return session;
    }

    /** Removes what was idle for too long. */
    private synchronized void forget() {
        long now = System.nanoTime();
        sessions.values().removeIf(it -> !it.busy && now - it.used >= limits.idle.toNanos());
    }

    /** The turn of one segment. Used by one thread; closing it lets the next segment in. */
    public final class Turn implements AutoCloseable {
        private final String id;
        private final Session session;

        private Turn(String id, Session session) {
            this.id = id;
            this.session = session;
        }

        public String id() {
            return id;
        }

        /** Whether this segment opens the stream. */
        public boolean opens() {
            return !session.known;
        }

        /** The first segment chooses for all. @param model its own name @param language of the questions */
        public void choose(String model, String language) {
            session.model = model;
            session.language = language;
        }

        public String model() {
            return session.model;
        }

        public String language() {
            return session.language;
        }

        /** Segments described before. */
        public int segment() {
            return session.segments;
        }

        /** The last caption. */
        public Optional<String> caption() {
            return session.caption;
        }

        /** The box of the region on the last frame. */
        public Optional<MaskBox> box() {
            return session.box;
        }

        /** The client learns the id: the stream is kept. */
        public void begun() {
            session.known = true;
        }

        /**
         * The segment is described.
         *
         * @param last the region's box on its last frame; empty if it is lost
         * @return whether the stream goes on: a lost region cannot be followed, so its session is removed
         */
        public boolean described(String caption, Optional<MaskBox> last) {
            session.caption = Optional.of(caption);
            session.box = last;
            session.segments++;
            synchronized (VideoStreams.this) {
                if (last.isEmpty()) {
                    sessions.remove(id);
                }
            }
            return last.isPresent();
        }

        /** The segment is over, described or not. A stream that was refused is not kept. */
        @Override
        public void close() {
            synchronized (VideoStreams.this) {
                session.busy = false;
                session.used = System.nanoTime();
                if (!session.known) {
                    sessions.remove(id);
                }
            }
            CompletableFuture.delayedExecutor(limits.idle.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(VideoStreams.this::forget);
        }
    }
}
