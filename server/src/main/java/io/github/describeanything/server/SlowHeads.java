package io.github.describeanything.server;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * Cuts connections whose request head drips in, which no timeout of Jetty's notices: each byte counts as life. It works
 * as long as the connector that it was added to. Thread-safe.
 *
 * <p>A connection that has read bytes since its last message but no further message is within a head; how long is seen
 * by looking at all connections twice a second.
 */
final class SlowHeads extends AbstractLifeCycle implements Connection.Listener {
    private static final long LOOK_MILLIS = 500;

    private final long patience;
    private final Map<Connection, Head> heads = new ConcurrentHashMap<>();
    private final ScheduledExecutorScheduler clock = new ScheduledExecutorScheduler("slow-heads", true);

    /** @param patience how long a request's head may take */
    SlowHeads(Duration patience) {
        this.patience = patience.toNanos();
    }

    /**
     * What was seen of a connection: messages that came and answers that went, bytes when the last of them was complete,
     * and since when there are more.
     */
    private record Head(long messages, long answers, long bytes, long since) {}

    @Override
    public void onOpened(Connection connection) {
        heads.put(connection, new Head(0, 0, 0, 0));
    }

    @Override
    public void onClosed(Connection connection) {
        heads.remove(connection);
    }

    @Override
    protected void doStart() throws Exception {
        clock.start();
        clock.schedule(this::look, LOOK_MILLIS, java.util.concurrent.TimeUnit.MILLISECONDS);
    }

    @Override
    protected void doStop() throws Exception {
        clock.stop();
    }

    private void look() {
        long now = System.nanoTime();
        heads.forEach((connection, head) -> look(connection, head, now));
        if (isRunning()) {
            clock.schedule(this::look, LOOK_MILLIS, java.util.concurrent.TimeUnit.MILLISECONDS);
        }
    }

    private void look(Connection connection, Head head, long now) {
        long messages = connection.getMessagesIn();
        long bytes = connection.getBytesIn();
        long answers = connection.getMessagesOut();
        // Bytes that came since the last look may have been the last of a body that is answered by now.
        if (messages > answers || messages != head.messages || answers != head.answers) {
            heads.replace(connection, head, new Head(messages, answers, bytes, 0));
        } else if (bytes > head.bytes && head.since == 0) {
            heads.replace(connection, head, new Head(messages, answers, head.bytes, now));
        } else if (head.since != 0 && now - head.since > patience) {
            heads.remove(connection, head);
            connection.getEndPoint().close(new TimeoutException("The head of the request came too slowly"));
        }
    }
}
