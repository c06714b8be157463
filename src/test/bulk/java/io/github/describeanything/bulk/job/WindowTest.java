package io.github.describeanything.bulk.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.PictureSource;
import io.github.describeanything.bulk.row.Row;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is between reading and writing is bounded in rows and in bytes of pictures. */
class WindowTest {
    private static final long MIB = 1 << 20;

    private static PictureRows request(int rows, long bytes) {
        var source = new PictureSource() {
            @Override
            public byte[] read() {
                return new byte[0];
            }

            @Override
            public long size() {
                return bytes;
            }
        };
        return new PictureRows(
                "a", source, Collections.nCopies(rows, Row.of(Lines.object().put("id", 1))));
    }

    /** Acquires on another thread; complete once it got its share. */
    private static CompletableFuture<Runnable> later(Window window, PictureRows request) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return window.acquire(request);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void largePicturesWaitForEachOther() throws InterruptedException {
        var window = new Window(100, 10 * MIB);
        Runnable first = window.acquire(request(1, 6 * MIB));
        Runnable small = window.acquire(request(1, 3 * MIB));
        CompletableFuture<Runnable> second = later(window, request(1, 6 * MIB));
        Thread.sleep(100);
        assertThat(second).isNotDone();
        small.run();
        assertThat(second).isNotDone();
        first.run();
        assertThat(second).succeedsWithin(Duration.ofSeconds(30));
    }

    @Test
    void aPictureLargerThanTheWindowHasItAlone() throws InterruptedException {
        var window = new Window(100, 10 * MIB);
        Runnable huge = window.acquire(request(1, 1000 * MIB));
        CompletableFuture<Runnable> next = later(window, request(1, 1));
        Thread.sleep(100);
        assertThat(next).isNotDone();
        huge.run();
        assertThat(next).succeedsWithin(Duration.ofSeconds(30));
    }

    @Test
    void rowsAreCountedToo() throws InterruptedException {
        var window = new Window(6, 10 * MIB);
        Runnable more = window.acquire(request(64, 1));
        CompletableFuture<Runnable> next = later(window, request(1, 1));
        Thread.sleep(100);
        assertThat(next).isNotDone();
        more.run();
        assertThat(next).succeedsWithin(Duration.ofSeconds(30));
    }
}
