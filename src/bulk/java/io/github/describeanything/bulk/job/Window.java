package io.github.describeanything.bulk.job;

import io.github.describeanything.bulk.row.PictureRows;
import java.util.concurrent.Semaphore;

/**
 * Bounds what is anywhere between reading and writing: rows, and bytes of encoded pictures. One thread acquires, any
 * release.
 */
final class Window {
    private static final int PAGE = 1 << 16;
    /** A picture is in memory as bytes, as base64 in the request and as bytes out of it. */
    private static final int SHARE_OF_HEAP = 8;

    private final int mostRows;
    private final int mostPages;
    private final Semaphore rows;
    private final Semaphore pages;

    Window(int rows, long bytes) {
        this.mostRows = rows;
        this.mostPages = Math.clamp(bytes / PAGE, 1, Integer.MAX_VALUE);
        this.rows = new Semaphore(mostRows);
        this.pages = new Semaphore(mostPages);
    }

    /** So many rows, and pictures that take an eighth of the heap. */
    static Window ofHeap(int rows) {
        return new Window(rows, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    /** Waits until a request fits; one that is larger than the window has it alone. @return what releases its share */
    Runnable acquire(PictureRows request) throws InterruptedException {
        int ownRows = Math.min(request.rows().size(), mostRows);
        int ownPages = (int) Math.min((request.source().size() + PAGE - 1) / PAGE, mostPages);
        rows.acquire(ownRows);
        pages.acquire(ownPages);
        return () -> {
            pages.release(ownPages);
            rows.release(ownRows);
        };
    }
}
