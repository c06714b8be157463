package io.github.describeanything.model.onnx;

/** Waiting for the threads that run sessions. Stateless. */
public final class NativeThread {
    private NativeThread() {}

    /**
     * Waits until a thread has ended, even if interrupted: it may be inside a session, and closing that under it ends the
     * process.
     */
    public static void join(Thread thread) {
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                thread.join();
                ended = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
