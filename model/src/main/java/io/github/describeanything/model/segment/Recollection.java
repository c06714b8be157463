package io.github.describeanything.model.segment;

import java.util.List;

/**
 * What a frame reads of others. Immutable.
 *
 * @param memories at least one
 * @param rows how old each memory is, as the graph counts it
 * @param pointers [channels] each
 * @param times how far each pointer's frame is away, as a share of the longest distance
 */
record Recollection(List<Memory> memories, List<Long> rows, List<float[]> pointers, List<Float> times) {
    Recollection {
        memories = List.copyOf(memories);
        rows = List.copyOf(rows);
        pointers = List.copyOf(pointers);
        times = List.copyOf(times);
    }
}
