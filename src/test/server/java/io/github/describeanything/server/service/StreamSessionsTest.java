package io.github.describeanything.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.MaskBox;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is kept of streams between their segments, and for how long. */
class StreamSessionsTest {
    private static final Optional<MaskBox> BOX = Optional.of(new MaskBox(1, 2, 3, 4));
    private static final Duration LONG = Duration.ofMinutes(1);

    private static VideoStreams streams(int most, Duration idle) {
        return new VideoStreams(new VideoStreams.Limits(most, idle));
    }

    private static void open(VideoStreams streams, String id) {
        try (VideoStreams.Turn turn = streams.open(id)) {
            turn.choose("pam", "zh");
            turn.begun();
            assertThat(turn.described("A cat.", BOX)).isTrue();
        }
    }

    @Test
    void theNextSegmentSeesWhatTheLastOneLeft() {
        VideoStreams streams = streams(2, LONG);
        open(streams, "vs_1");
        try (VideoStreams.Turn turn = streams.next("vs_1")) {
            assertThat(turn.opens()).isFalse();
            assertThat(turn.segment()).isEqualTo(1);
            assertThat(turn.model()).isEqualTo("pam");
            assertThat(turn.language()).isEqualTo("zh");
            assertThat(turn.caption()).contains("A cat.");
            assertThat(turn.box()).isEqualTo(BOX);
            assertThatThrownBy(() -> streams.next("vs_1")).hasMessageContaining("still being described");
        }
        streams.next("vs_1").close();
    }

    @Test
    void aLostRegionEndsTheStream() {
        VideoStreams streams = streams(2, LONG);
        open(streams, "vs_1");
        try (VideoStreams.Turn turn = streams.next("vs_1")) {
            assertThat(turn.described("A street.", Optional.empty())).isFalse();
        }
        assertThatThrownBy(() -> streams.next("vs_1")).hasMessageContaining("No such stream");
        assertThat(streams.size()).isZero();
    }

    @Test
    void aStreamWhoseFirstSegmentIsRefusedIsNotKept() {
        VideoStreams streams = streams(1, LONG);
        streams.open("vs_1").close();
        assertThat(streams.size()).isZero();
        VideoStreams.Turn first = streams.open("vs_2");
        assertThatThrownBy(() -> streams.open("vs_3")).hasMessageContaining("as many as this server keeps");
        first.close();
    }

    /** A stream that nobody asks for is removed, and its memory freed. */
    @Test
    void anAbandonedStreamIsRemovedAfterItsIdleTime() throws InterruptedException {
        VideoStreams streams = streams(2, Duration.ofMillis(200));
        long start = System.nanoTime();
        open(streams, "vs_1");
        VideoStreams.Turn busy = streams.open("vs_2");
        busy.begun();
        assertThat(streams.size()).isEqualTo(2);
        while (streams.size() > 1) {
            assertThat(System.nanoTime() - start)
                    .isLessThan(Duration.ofSeconds(30).toNanos());
            Thread.sleep(5);
        }
        assertThat(System.nanoTime() - start)
                .isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
        assertThatThrownBy(() -> streams.next("vs_1")).hasMessageContaining("No such stream");
        busy.close();
        streams.remove("vs_2");
        assertThat(streams.size()).isZero();
    }
}
