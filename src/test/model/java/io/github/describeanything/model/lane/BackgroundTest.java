package io.github.describeanything.model.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.ThreadPriority;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class BackgroundTest {
    private static final int LOWERED = Math.min(19, ThreadPriority.current() + 10);

    @Test
    void itsThreadsAreLowered() {
        var nice = new CompletableFuture<Integer>();
        Background.threads("lowered-")
                .newThread(() -> nice.complete(ThreadPriority.current()))
                .start();
        assertThat(nice.join()).isEqualTo(LOWERED);
    }

    @Test
    void threadsStartedByThemAreLoweredToo() {
        int nice = Background.call(() -> {
            var inner = new CompletableFuture<Integer>();
            Thread.ofPlatform().start(() -> inner.complete(ThreadPriority.current()));
            return inner.join();
        });
        assertThat(nice).isEqualTo(LOWERED);
    }

    @Test
    void theCallingThreadIsNot() {
        int before = ThreadPriority.current();
        assertThat(Background.call(ThreadPriority::current)).isEqualTo(LOWERED);
        assertThat(ThreadPriority.current()).isEqualTo(before);
    }

    @Test
    void faultsReachTheCaller() {
        assertThatThrownBy(() -> Background.call(() -> {
                    throw new IllegalArgumentException("planted");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("planted");
    }
}
