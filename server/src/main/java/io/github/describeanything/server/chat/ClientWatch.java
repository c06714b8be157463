package io.github.describeanything.server.chat;

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
 * Notices that a client left while its handler waits and writes nothing. Used by one handler; the notice comes on
 * another thread.
 *
 * <p>Works on HTTP/1.1 after the body was read to its end: the connection is asked for more, and a reset is the answer.
 * An end may mean that the client left or that it closed only its sending half and still reads, which is legal. They
 * differ in what happens to bytes that are sent: so interim responses are (102, which clients pass over), until one of
 * them cannot be. Uses public classes of Jetty for which there is no written contract, so everything about it stays in
 * here.
 */
final class ClientWatch implements AutoCloseable {
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1000;

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

    /** Watches until closed; runs {@code gone} at most once. Watches nothing where the connection cannot be asked. */
    static ClientWatch over(HttpServletRequest request, Runnable gone) {
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
     * Whether a byte of a further request was read here, so that the connection cannot be used again. Final once this is
     * closed.
     */
    boolean dirty() {
        return dirty;
    }

    private void listen(Runnable gone) {
        interested.set(endPoint.tryFillInterested(Callback.from(() -> readable(gone), failure -> failed(gone))));
    }

    /** As a whole before or after {@link #close}: a byte that is read must be known of then. */
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

    /** The first bytes to a client that is not there come back as a reset, the second cannot be sent. */
    private void probe(Runnable gone) {
        try {
            long pause = FIRST_PAUSE_MILLIS;
            do {
                response.writeInterim(HttpStatus.PROCESSING_102, HttpFields.EMPTY)
                        .get();
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
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

    /** An empty buffer in Jetty's sense: ready to be filled by one byte. */
    private static ByteBuffer oneByte() {
        return ByteBuffer.allocate(1).limit(0);
    }

    private synchronized void failed(Runnable gone) {
        if (!closed()) {
            gone.run();
        }
    }

    /** After it the connection is the handler's alone, and {@code gone} is not run any more. */
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
        // Not interruptible, as gone may interrupt.
        prober.ifPresent(CompletableFuture::join);
    }
}
