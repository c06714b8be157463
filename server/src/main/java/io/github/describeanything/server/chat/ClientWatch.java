package io.github.describeanything.server.chat;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;

/**
 * Notices that a client left while its handler waits and writes nothing. Used by one handler; the notice comes on
 * another thread.
 *
 * <p>Works on HTTP/1.1 after the body was read to its end: the connection is asked for more, and its end is the answer.
 * A client that closes only its sending half counts as gone; {@code curl} and all OpenAI clients keep it open. Uses
 * public classes of Jetty for which there is no written contract, so everything about it stays in here.
 */
final class ClientWatch implements AutoCloseable {
    private final AbstractEndPoint endPoint;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean interested = new AtomicBoolean();
    private volatile boolean dirty;

    private ClientWatch(AbstractEndPoint endPoint) {
        this.endPoint = endPoint;
    }

    /** Watches until closed; runs {@code gone} at most once. Watches nothing where the connection cannot be asked. */
    static ClientWatch over(HttpServletRequest request, Runnable gone) {
        EndPoint endPoint = ServletContextRequest.getServletContextRequest(request)
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint();
        var watch = new ClientWatch((AbstractEndPoint) endPoint);
        watch.listen(gone);
        return watch;
    }

    /** Whether bytes of a further request were read here, so that the connection cannot be used again. */
    boolean dirty() {
        return dirty;
    }

    private void listen(Runnable gone) {
        interested.set(endPoint.tryFillInterested(Callback.from(() -> readable(gone), failure -> failed(gone))));
    }

    private void readable(Runnable gone) {
        if (closed.get()) {
            return;
        }
        try {
            int filled = endPoint.fill(probe());
            if (filled < 0) {
                gone.run();
            } else if (filled > 0) {
                dirty = true;
            } else {
                listen(gone);
            }
        } catch (IOException e) {
            gone.run();
        }
    }

    /** An empty buffer in Jetty's sense: ready to be filled by one byte. */
    private static ByteBuffer probe() {
        return ByteBuffer.allocate(1).limit(0);
    }

    private void failed(Runnable gone) {
        if (!closed.get()) {
            gone.run();
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true) && interested.get()) {
            endPoint.getFillInterest().onFail(new CancellationException("the answer is ready"));
        }
    }
}
