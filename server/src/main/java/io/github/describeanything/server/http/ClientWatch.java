package io.github.describeanything.server.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Detects that a client disconnected while its handler waits and writes nothing. Used by one handler; the callback runs
 * on another thread.
 *
 * <p>Works on HTTP/1.1 after the body was read to its end: another read fails if the connection was reset. End of
 * stream means that the client disconnected, or that it closed only its sending half and still reads, which is legal.
 * To distinguish them, interim responses (102, which clients ignore) are sent until one fails. This relies on public
 * classes of Jetty without a documented contract, so all of it stays in this class.
 */
public final class ClientWatch implements AutoCloseable {
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long MAX_PAUSE_MILLIS = 1000;

    private final AbstractEndPoint endPoint;
    private final Response response;
    private final boolean interimAllowed;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicBoolean interested = new AtomicBoolean();
    private volatile Optional<CompletableFuture<Void>> prober = Optional.empty();
    private volatile boolean dirty;

    private ClientWatch(AbstractEndPoint endPoint, Response response, boolean interimAllowed) {
        this.endPoint = endPoint;
        this.response = response;
        this.interimAllowed = interimAllowed;
    }

    /** Watches until closed. Runs {@code gone} at most once, and never if the connection cannot be watched. */
    public static ClientWatch over(HttpServletRequest request, Runnable gone) {
        ServletContextRequest context = ServletContextRequest.getServletContextRequest(request);
        ConnectionMetaData connection = context.getConnectionMetaData();
        var watch = new ClientWatch(
                (AbstractEndPoint) connection.getConnection().getEndPoint(),
                context.getServletContextResponse(),
                connection.getHttpVersion() == HttpVersion.HTTP_1_1);
        watch.listen(gone);
        return watch;
    }

    /**
     * Whether a byte of the next request was read here, so that the connection cannot be reused. Final once this is
     * closed.
     */
    public boolean dirty() {
        return dirty;
    }

    private void listen(Runnable gone) {
        interested.set(endPoint.tryFillInterested(Callback.from(() -> readable(gone), failure -> failed(gone))));
    }

    /** Synchronized with {@link #close}, which must know whether a byte was read. */
    private synchronized void readable(Runnable gone) {
        if (closed()) {
            return;
        }
        try {
            int filled = endPoint.fill(oneByte());
            if (filled < 0) {
                ended(gone);
            } else if (filled > 0) {
                dirty = true;
            } else {
                listen(gone);
            }
        } catch (IOException e) {
            gone.run();
        }
    }

    private void ended(Runnable gone) {
        if (interimAllowed) {
            prober = Optional.of(CompletableFuture.runAsync(() -> probe(gone), Thread::startVirtualThread));
        } else {
            gone.run();
        }
    }

    /** The first write to a closed connection triggers a reset; the next write fails. */
    private void probe(Runnable gone) {
        try {
            long pause = FIRST_PAUSE_MILLIS;
            do {
                response.writeInterim(HttpStatus.PROCESSING_102, HttpFields.EMPTY)
                        .get();
                pause = Math.min(2 * pause, MAX_PAUSE_MILLIS);
            } while (!closed.await(pause, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | IllegalStateException e) {
            gone.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean closed() {
        return closed.getCount() == 0;
    }

    /** An empty buffer in Jetty's sense: it can be filled with one byte. */
    private static ByteBuffer oneByte() {
        return ByteBuffer.allocate(1).limit(0);
    }

    private synchronized void failed(Runnable gone) {
        if (!closed()) {
            gone.run();
        }
    }

    /** Returns the connection to the handler; {@code gone} does not run after this. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed()) {
                return;
            }
            closed.countDown();
        }
        if (interested.get()) {
            endPoint.getFillInterest().onFail(new CancellationException("the answer is ready"));
        }
        // Not interruptible, because gone may interrupt this thread.
        prober.ifPresent(CompletableFuture::join);
    }
}
