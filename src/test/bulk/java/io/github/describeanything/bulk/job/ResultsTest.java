package io.github.describeanything.bulk.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class ResultsTest {
    @TempDir
    Path folder;

    private static final class NoStep implements Step {
        @Override
        public List<Result> run(PictureRows rows) {
            return List.of();
        }

        @Override
        public int rowsAtOnce() {
            return 1;
        }

        @Override
        public ObjectNode line(Row row, Problem problem) {
            return row.fields();
        }
    }

    @Test
    void anOutputThatCannotBeWrittenStopsTheJobAndLeavesNobodyWaiting() throws IOException {
        Journal journal = Journal.open(folder.resolve("rows"), folder.resolve("errors"), "id");
        journal.close();
        var results = new Results(journal, new NoStep(), new Progress(System.err, Duration.ZERO), false, 5);
        var released = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            Row row = Row.of(Lines.object().put("id", i));
            results.done(i, List.of(new Step.Finished(row, row.fields())), released::incrementAndGet);
        }
        assertThat(released).hasValue(3);
        assertThat(results.stopped())
                .hasValueSatisfying(it -> assertThat(it).startsWith("The output cannot be written"));
    }
}
