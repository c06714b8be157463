package io.github.describeanything.model.onnx;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The GPUs that a library has CUDA machine code for, read from the headers of its fat binaries. Stateless.
 *
 * <p>A fat binary begins with a magic number, the size of its header (16 bits at 6) and of what follows (64 bits at 8). Each
 * of its entries begins with its kind (16 bits; 1 is PTX, which the driver compiles), the sizes of its header (32 bits at 4)
 * and of its code (64 bits at 8), and the compute capability (32 bits at 28). Seen in ONNX Runtime 1.28 and 1.29.
 */
final class CudaCode {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int ELF = 0x464c457f;
    private static final int FAT_BINARY = 0xba55ed50;
    private static final int ALIGNMENT = 8;
    private static final int PTX = 1;

    private CudaCode() {}

    /**
     * The compute capabilities that an ELF library has code for; empty if that is not known, or if the driver can compile
     * code for others.
     */
    static SortedSet<ComputeCapability> of(Path library) {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(library)) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return section(file).map(CudaCode::capabilities).orElseGet(TreeSet::new);
        } catch (IOException | IndexOutOfBoundsException e) {
            return new TreeSet<>();
        }
    }

    /** The section of fat binaries. */
    private static Optional<MemorySegment> section(MemorySegment file) {
        if (file.get(INT, 0) != ELF) {
            return Optional.empty();
        }
        long headers = file.get(LONG, 0x28);
        int size = file.get(SHORT, 0x3a);
        int count = file.get(SHORT, 0x3c);
        long names = file.get(LONG, headers + (long) size * file.get(SHORT, 0x3e) + 0x18);
        for (int i = 0; i < count; i++) {
            long header = headers + (long) size * i;
            if (file.getString(names + file.get(INT, header)).equals(".nv_fatbin")) {
                return Optional.of(file.asSlice(file.get(LONG, header + 0x18), file.get(LONG, header + 0x20)));
            }
        }
        return Optional.empty();
    }

    private static SortedSet<ComputeCapability> capabilities(MemorySegment section) {
        var found = new TreeSet<ComputeCapability>();
        for (long at = 0; at + 2 * ALIGNMENT <= section.byteSize(); ) {
            if (section.get(INT, at) != FAT_BINARY) {
                at += ALIGNMENT;
                continue;
            }
            long entry = at + section.get(SHORT, at + 6);
            long end = entry + section.get(LONG, at + 8);
            while (entry < end) {
                if (section.get(SHORT, entry) == PTX) {
                    return new TreeSet<>();
                }
                int capability = section.get(INT, entry + 28);
                found.add(new ComputeCapability(capability / 10, capability % 10));
                entry += section.get(INT, entry + 4) + section.get(LONG, entry + 8);
            }
            at = end;
        }
        return found;
    }
}
