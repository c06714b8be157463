package io.github.describeanything.focal.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Mask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunLengthsTest {
    /** As pycocotools encodes it; the sum over the string is in docs/regions.md too. */
    @Test
    void columnsOfALetterAreCocosString() {
        var bits = new BitSet();
        for (int x = 514; x < 566; x++) {
            for (int y = 345; y < 426; y++) {
                bits.set(y * 640 + x);
            }
        }
        RunLengths runs = RunLengths.of(Mask.of(640, 480, bits));
        assertThat(runs.counts())
                .hasSize(2 * 52 + 1)
                .startsWith(247_065, 81, 399, 81)
                .endsWith(81, 35_574);
        assertThat(runs.compressed()).isEqualTo("iXa7a2_<" + "0".repeat(101) + "W[R1");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void theStringGivesTheMaskBack(int seed) {
        var random = new Random(seed);
        int width = 1 + random.nextInt(90);
        int height = 1 + random.nextInt(90);
        var bits = new BitSet();
        for (int i = 0; i < width * height; i++) {
            bits.set(i, random.nextInt(seed) == 0);
        }
        bits.set(random.nextInt(width * height));
        Mask mask = Mask.of(width, height, bits);
        String counts = RunLengths.of(mask).compressed();
        assertThat(RunLengths.ofString(height, width, counts).rasterise(width, height))
                .isEqualTo(mask);
    }

    @Test
    void cocosOwnStringsComeBack() throws IOException {
        List<String[]> strings = Files.readAllLines(Path.of("../src/test/focal/resources/coco-regions.txt")).stream()
                .map(it -> it.split(" "))
                .filter(it -> it[2].equals("string"))
                .toList();
        assertThat(strings).isNotEmpty().allSatisfy(it -> {
            int width = Integer.parseInt(it[0]);
            int height = Integer.parseInt(it[1]);
            Mask mask = RunLengths.ofString(height, width, it[3]).rasterise(width, height);
            assertThat(RunLengths.of(mask).compressed()).isEqualTo(it[3]);
        });
    }

    @Test
    void anEmptyMaskIsOneRun() {
        RunLengths runs = RunLengths.of(Mask.of(7, 3, new BitSet()));
        assertThat(runs.counts()).containsExactly(21);
        assertThat(runs.compressed()).isEqualTo("e0");
    }
}
