package io.github.describeanything.model;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.api.Subject;
import java.util.Random;

/** Generated pictures with masks. */
final class TestPictures {
    private TestPictures() {}

    /** The region that {@link #noise} marks. */
    static Subject subject(int seed) {
        return Subject.of(noise(seed));
    }

    /** Noise with a filled rectangle as mask; different for every seed. */
    static Picture noise(int seed) {
        var random = new Random(seed);
        int width = 60 + random.nextInt(100);
        int height = 60 + random.nextInt(100);
        var rgba = new byte[width * height * 4];
        random.nextBytes(rgba);
        int left = random.nextInt(width / 2);
        int top = random.nextInt(height / 2);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean inside = x >= left && x < left + width / 3 && y >= top && y < top + height / 3;
                rgba[(y * width + x) * 4 + 3] = (byte) (inside ? 255 : 0);
            }
        }
        return new Picture(width, height, rgba, true);
    }
}
