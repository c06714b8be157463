package io.github.describeanything.bulk.endpoint;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.node.ObjectNode;

/**
 * When to ask again. Immutable.
 *
 * <p>429 and 503 wait as long as the server says, and count only by the time that this takes. Other 5xx, 408 and broken
 * connections are tried again after a pause that doubles, with jitter. Everything else is final; 401 and 403 would be
 * the answer to every request.
 *
 * @param most how often to ask again after a failure
 * @param first the first pause
 * @param patience how long a busy server may put a request off
 */
public record Retries(int most, Duration first, Duration patience) {
    public static final Retries DEFAULT = new Retries(5, Duration.ofMillis(500), Duration.ofMinutes(10));

    private static final Duration MAX_PAUSE = Duration.ofSeconds(30);
    private static final Set<Integer> HOPELESS = Set.of(401, 403);

    Reply ask(Attempt attempt, String path, ObjectNode body) throws EndpointException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        int failures = 0;
        for (int asked = 0; ; asked++) {
            EndpointException failure;
            try {
                Reply reply = attempt.send(path, body);
                int status = reply.status();
                if (status == 429 || status == 503) {
                    Duration pause = reply.retryAfter().orElse(pause(asked));
                    if (System.nanoTime() + pause.toNanos() > end) {
                        throw EndpointException.failed(reply.code(), "The server stayed busy: " + reply.problem());
                    }
                    // Those that wait for the same server do not all come back at once.
                    Thread.sleep(pause.plus(jitter(pause.dividedBy(4))));
                    continue;
                }
                if (HOPELESS.contains(status)) {
                    throw EndpointException.hopeless(reply.code(), reply.problem());
                }
                if (status < 500 && status != 408) {
                    return reply;
                }
                failure = EndpointException.failed(reply.code(), reply.problem());
            } catch (IOException e) {
                failure = EndpointException.failed("connection_error", String.valueOf(e.getMessage()));
            }
            if (failures++ == most) {
                throw failure;
            }
            Thread.sleep(pause(failures - 1));
        }
    }

    /** Doubles each time; between half of that and all of it, at random. */
    private Duration pause(int before) {
        Duration doubled = first.multipliedBy(1L << Math.min(before, 20));
        Duration half = (doubled.compareTo(MAX_PAUSE) < 0 ? doubled : MAX_PAUSE).dividedBy(2);
        return half.plus(jitter(half));
    }

    private static Duration jitter(Duration most) {
        return Duration.ofNanos(ThreadLocalRandom.current().nextLong(most.toNanos() + 1));
    }
}
