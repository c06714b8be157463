package io.github.describeanything.model.decode;

import io.github.describeanything.model.bundle.Bfloat16;
import io.github.describeanything.model.bundle.BundleException;
import io.github.describeanything.model.bundle.Manifest.DType;
import io.github.describeanything.model.bundle.Manifest.DecoderShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Token embeddings [vocab_size, hidden_size], memory-mapped from the bundle. Thread-safe. */
final class EmbeddingTable {
    private static final long PART = 1L << 30;

    private final ByteBuffer[] parts;
    private final DType dtype;
    private final int hiddenSize;
    private final long rowsPerPart;

    private EmbeddingTable(ByteBuffer[] parts, DType dtype, int hiddenSize, long rowsPerPart) {
        this.parts = parts;
        this.dtype = dtype;
        this.hiddenSize = hiddenSize;
        this.rowsPerPart = rowsPerPart;
    }

    static EmbeddingTable map(Path file, DecoderShape shape) {
        long row = (long) shape.hiddenSize() * shape.embeddingDtype().bytes();
        long size = row * shape.vocabSize();
        long rowsPerPart = PART / row;
        long partBytes = rowsPerPart * row;
        try (var channel = FileChannel.open(file)) {
            if (channel.size() != size) {
                throw new BundleException(
                        "%s has %d bytes; its dimensions need %d".formatted(file.getFileName(), channel.size(), size));
            }
            var parts = new ByteBuffer[Math.toIntExact((size + partBytes - 1) / partBytes)];
            for (int i = 0; i < parts.length; i++) {
                long start = i * partBytes;
                parts[i] = channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(partBytes, size - start))
                        .order(ByteOrder.LITTLE_ENDIAN);
            }
            return new EmbeddingTable(parts, shape.embeddingDtype(), shape.hiddenSize(), rowsPerPart);
        } catch (IOException e) {
            throw new BundleException(file.getFileName() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Copies the embedding of one token. */
    void read(int token, float[] into) {
        ByteBuffer part = parts[Math.toIntExact(token / rowsPerPart)];
        int start = Math.toIntExact(token % rowsPerPart * hiddenSize * dtype.bytes());
        switch (dtype) {
            case FLOAT32 ->
                part.slice(start, hiddenSize * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .get(into);
            case FLOAT16 -> {
                for (int i = 0; i < hiddenSize; i++) {
                    into[i] = Float.float16ToFloat(part.getShort(start + 2 * i));
                }
            }
            case BFLOAT16 -> {
                for (int i = 0; i < hiddenSize; i++) {
                    into[i] = Bfloat16.toFloat(part.getShort(start + 2 * i));
                }
            }
        }
    }
}
