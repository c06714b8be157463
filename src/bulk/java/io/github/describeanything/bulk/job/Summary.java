package io.github.describeanything.bulk.job;

/**
 * What a job did. Immutable. Rows in = written before + finished + errors + left.
 *
 * @param rows in the input, or the shard of it
 * @param before written by an earlier run
 * @param seconds that the run took
 */
public record Summary(long rows, long before, long finished, long failed, double seconds) {

    /** Rows that a further run would work on. */
    public long left() {
        return rows - before - finished - failed;
    }

    /** One line for people. */
    public String text() {
        return "%,d rows in: %,d done before, %,d finished, %,d errors, %,d left; %s, %.1f rows/s"
                .formatted(
                        rows,
                        before,
                        finished,
                        failed,
                        left(),
                        Progress.time(Math.round(seconds)),
                        (finished + failed) / Math.max(seconds, 1e-3));
    }
}
