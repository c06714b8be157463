package io.github.describeanything.server.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/**
 * Closes connections whose request head arrives too slowly. Jetty's timeouts do not catch them, because every byte
 * counts as activity. Runs as long as its connector. Thread-safe.
 *
 * <p>A connection that has received bytes since its last request ended but has no request in progress is inside a head.
 * All connections are checked twice per second. A request begins when its {@linkplain #handler() handler} is called.
 * (Jetty's count of responses is no help: it includes 100 Continue.)
 */
public final class SlowHeads extends AbstractLifeCycle implements Connection.Listener {
    private static final long LOOK_MILLIS = 500;

    private final long patience;
    private final Map<Connection, Head> heads = new ConcurrentHashMap<>();
    private final ScheduledExecutorScheduler clock = new ScheduledExecutorScheduler("slow-heads", true);

    /** @param patience how long the head of a request may take */
    public SlowHeads(Duration patience) {
        this.patience = patience.toNanos();
    }

    /**
     * The state of a connection.
     *
     * @param requests requests in progress, whose bytes are not part of a head
     * @param bytes bytes received when the last of them ended
     * @param since nanosecond time at which more bytes were first seen; 0 if none were
     */
    private record Head(int requests, long bytes, long since) {}

    /** A handler that counts every request whose head is complete. */
    public Handler.Wrapper handler() {
        return new Handler.Wrapper() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                Connection connection = request.getConnectionMetaData().getConnection();
                count(connection, 1);
                Request.addCompletionListener(request, failure -> count(connection, -1));
                return super.handle(request, response, callback);
            }
        };
    }

    private void count(Connection connection, int more) {
        heads.computeIfPresent(connection, (same, head) -> new Head(head.requests + more, connection.getBytesIn(), 0));
    }

    @Override
    public void onOpened(Connection connection) {
        heads.put(connection, new Head(0, 0, 0));
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
        long bytes = connection.getBytesIn();
        if (head.requests > 0) {
            return;
        }
        if (bytes > head.bytes && head.since == 0) {
            heads.replace(connection, head, new Head(0, head.bytes, now));
        } else if (head.since != 0 && now - head.since > patience) {
            heads.remove(connection, head);
            connection.getEndPoint().close(new TimeoutException("The request head arrived too slowly"));
        }
    }
}
