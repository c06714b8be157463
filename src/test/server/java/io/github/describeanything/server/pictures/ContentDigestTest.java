package io.github.describeanything.server.pictures;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentDigestTest {
    @Test
    void equalBytesOfTwoKindsHaveDifferentDigests() {
        assertThat(Arrays.stream(ContentDigest.Kind.values()).map(it -> ContentDigest.of(it, new byte[] {1, 2})))
                .doesNotHaveDuplicates();
        assertThat(Arrays.stream(ContentDigest.Kind.values())
                        .map(it -> ContentDigest.of(
                                it, List.of(ByteBuffer.wrap(new byte[] {1}), ByteBuffer.wrap(new byte[] {2})))))
                .doesNotHaveDuplicates();
    }

    @Test
    void equalBytesOfOneKindHaveEqualDigests() {
        for (ContentDigest.Kind kind : ContentDigest.Kind.values()) {
            assertThat(ContentDigest.of(kind, "ab")).isEqualTo(ContentDigest.of(kind, new byte[] {'a', 'b'}));
        }
    }
}
