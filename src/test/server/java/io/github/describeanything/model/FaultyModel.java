package io.github.describeanything.model;

import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.MultimodalPrompt;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.OnnxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A real model with injected faults and delays. */
public final class FaultyModel {
    /** ONNX Runtime's message when its arena on a GPU is full. */
    public static final String OUT_OF_MEMORY =
            "Non-zero status code returned while running MatMul node: Failed to allocate memory for requested buffer of"
                    + " size 1342177280";

    /** Faults thrown by the next runs, one each. */
    public final Queue<Throwable> decoding = new ConcurrentLinkedQueue<>();

    public final Queue<Throwable> encoding = new ConcurrentLinkedQueue<>();
    public final Queue<Throwable> reopening = new ConcurrentLinkedQueue<>();
    public final AtomicInteger reopened = new AtomicInteger();
    public final DescribeAnything model;
    private volatile boolean slow;
    private volatile Runnable reopens = () -> {};

    public FaultyModel(Path bundle, EngineOptions options) {
        model = DescribeAnything.open(bundle, options, FaultyEncoder::new, FaultyDecoder::new);
    }

    /** Delays each decode step by 5 ms until closed, so that long answers are long on every machine. */
    public Slowness slowly() {
        slow = true;
        return () -> slow = false;
    }

    /** Runs something once, when the device is reopened. */
    public void whenReopening(Runnable something) {
        reopens = something;
    }

    /** Ends the slowness of {@link #slowly}. */
    @FunctionalInterface
    public interface Slowness extends AutoCloseable {
        @Override
        void close();
    }

    public static OnnxException outOfMemory() {
        return new OnnxException(OUT_OF_MEMORY);
    }

    private static void fail(Queue<Throwable> faults) {
        switch (faults.poll()) {
            case RuntimeException fault -> throw fault;
            case Error fault -> throw fault;
            case null, default -> {}
        }
    }

    private void reopen(Runnable really) {
        reopens.run();
        reopens = () -> {};
        fail(reopening);
        reopened.incrementAndGet();
        really.run();
    }

    private final class FaultyEncoder implements Encoder {
        private final Encoder real;

        FaultyEncoder(Encoder real) {
            this.real = real;
        }

        @Override
        public float[] encode(List<View> views) {
            fail(encoding);
            return real.encode(views);
        }

        @Override
        public void reopen() {
            FaultyModel.this.reopen(real::reopen);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private final class FaultyDecoder implements Decoder {
        private final Decoder real;

        FaultyDecoder(Decoder real) {
            this.real = real;
        }

        @Override
        public int slots() {
            return real.slots();
        }

        @Override
        public int context() {
            return real.context();
        }

        @Override
        public int vocabSize() {
            return real.vocabSize();
        }

        @Override
        public int chunk() {
            return real.chunk();
        }

        @Override
        public long cacheBytes() {
            return real.cacheBytes();
        }

        @Override
        public void prefill(int slot, MultimodalPrompt prompt, int from, int count) {
            real.prefill(slot, prompt, from, count);
        }

        @Override
        public void feed(int slot, int token) {
            real.feed(slot, token);
        }

        @Override
        public int bucket(int rows) {
            return real.bucket(rows);
        }

        @Override
        public void warmUp() {
            real.warmUp();
        }

        @Override
        public void decode(int rows, int[] computed) {
            fail(decoding);
            if (slow) {
                LockSupport.parkNanos(5_000_000);
            }
            real.decode(rows, computed);
        }

        @Override
        public void logits(int row, float[] into) {
            real.logits(row, into);
        }

        @Override
        public boolean movable() {
            return real.movable();
        }

        @Override
        public void move(int from, int to, int positions) {
            real.move(from, to, positions);
        }

        @Override
        public void reopen() {
            FaultyModel.this.reopen(real::reopen);
        }

        @Override
        public void terminate() {
            real.terminate();
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
