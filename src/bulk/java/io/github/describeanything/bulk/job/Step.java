package io.github.describeanything.bulk.job;

import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What a job does with the rows on a picture. Thread-safe. */
public interface Step {

    /** What became of a row. Immutable. */
    sealed interface Result {
        Row row();

        /** Whether it came from the model. */
        boolean asked();
    }

    /** The row is done. @param line what to write */
    record Finished(Row row, ObjectNode line) implements Result {
        @Override
        public boolean asked() {
            return true;
        }
    }

    /** The row cannot be worked on. @param asked whether the model refused it */
    record Failed(Row row, Problem problem, boolean asked) implements Result {}

    /**
     * Works on rows, none of which is broken; at most {@link #rowsAtOnce}.
     *
     * @return one result a row, in the rows' order
     * @throws EndpointException if the model did not answer, which is not the rows' fault
     */
    List<Result> run(PictureRows rows) throws EndpointException, InterruptedException;

    /** Most rows of a picture that are worked on together. */
    int rowsAtOnce();

    /** An error row. */
    ObjectNode line(Row row, Problem problem);
}
