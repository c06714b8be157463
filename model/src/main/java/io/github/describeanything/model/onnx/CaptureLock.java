package io.github.describeanything.model.onnx;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps other threads off CUDA while one captures a graph. ONNX Runtime captures in a mode in which calls that other threads
 * make in the meantime, to allocate memory for example, fail and spoil the capture. One for the process. Thread-safe.
 */
final class CaptureLock {
    private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();

    private CaptureLock() {}

    /** To hold while a graph is captured. */
    static Lock capture() {
        return LOCK.writeLock();
    }

    /** To hold while anything else runs on a placement. On the CPU, where nothing is captured, it never waits. */
    static Lock run(Placement placement) {
        return placement.cuda() || placement.captured() ? LOCK.readLock() : new ReentrantReadWriteLock().readLock();
    }
}
