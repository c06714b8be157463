package io.github.describeanything.model.family.pam;

import java.util.List;
import java.util.stream.IntStream;

/** Which frames of a clip are described. Stateless. */
final class ClipFrames {
    static final int COUNT = 16;

    private ClipFrames() {}

    /**
     * The first, and the others evenly spread from the second to the last, in the published code's arithmetic.
     *
     * @throws IllegalArgumentException if there are fewer than {@value #COUNT} frames
     */
    static List<Integer> of(int frames) {
        if (frames < COUNT) {
            throw new IllegalArgumentException("a clip of %d frames, not %d or more".formatted(frames, COUNT));
        }
        int others = COUNT - 1;
        double step = (frames - 2) / (double) (others - 1);
        return IntStream.range(0, COUNT)
                .map(i -> i == 0 ? 0 : i == others ? frames - 1 : (int) ((i - 1) * step + 1))
                .boxed()
                .toList();
    }
}
