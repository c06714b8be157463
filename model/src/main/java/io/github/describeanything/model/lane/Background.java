package io.github.describeanything.model.lane;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;

/**
 * Threads that give way to the decoder: where both want the same cores, the operating system gives them about a tenth, so
 * that decoding pictures and embedding them for clicks hardly delays running streams. On Linux only; elsewhere all threads
 * are equal.
 *
 * <p>Threads inherit it, those of ONNX Runtime too: a session that is opened by such a thread runs in the background.
 */
public final class Background {
    private static final int LOWER = 10;
    private static final int LOWEST = 19;
    private static final int PRIO_PROCESS = 0;

    /** What to set; empty where threads have no priority of their own. */
    private static final Optional<Nice> NICE = Nice.find();

    private Background() {}

    /** Calls the C library. Linux takes thread 0 as the calling one, and keeps a priority for each thread. */
    private record Nice(MethodHandle setPriority, int value) {
        static Optional<Nice> find() {
            if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
                return Optional.empty();
            }
            Linker linker = Linker.nativeLinker();
            var get = linker.defaultLookup().find("getpriority");
            var set = linker.defaultLookup().find("setpriority");
            if (get.isEmpty() || set.isEmpty()) {
                return Optional.empty();
            }
            try {
                int process = (int) linker.downcallHandle(
                                get.get(), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT))
                        .invokeExact(PRIO_PROCESS, (int) ProcessHandle.current().pid());
                return Optional.of(new Nice(
                        linker.downcallHandle(set.get(), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT)),
                        Math.min(LOWEST, process + LOWER)));
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        void set() {
            try {
                // A sandbox may forbid it; then the threads stay equal.
                int ignored = (int) setPriority.invokeExact(PRIO_PROCESS, 0, value);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Makes daemon threads in the background. @param name prefix of their names */
    public static ThreadFactory threads(String name) {
        ThreadFactory plain = Thread.ofPlatform().name(name, 0).daemon(true).factory();
        return task -> plain.newThread(() -> {
            NICE.ifPresent(Nice::set);
            task.run();
        });
    }

    /** Calls a task on a background thread of its own and waits for it, even if interrupted. */
    public static <T> T call(Callable<T> task) {
        var future = new FutureTask<>(task);
        threads("background-").newThread(future).start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
