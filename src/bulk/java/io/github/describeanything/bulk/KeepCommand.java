package io.github.describeanything.bulk;

import io.github.describeanything.bulk.input.Format;
import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.input.InputException;
import io.github.describeanything.bulk.output.PartFile;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Row;
import io.github.describeanything.bulk.step.Selection;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Marks rows as kept or dropped. Used by one thread. */
@Command(
        name = "keep",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Marks each row as kept or dropped, by the scores that come with it. No row is lost: dropped ones"
                + " stay with scores and reason, so a threshold can be moved without a new run of anything else.")
final class KeepCommand implements Callable<Integer> {
    @Option(names = "--input", required = true, paramLabel = "FILE", description = "Rows")
    Path input = Path.of("");

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FILE",
            description = "All rows with kept and reason, picture by picture. It is replaced once it is complete")
    Path output = Path.of("");

    @Option(
            names = "--min",
            paramLabel = "FIELD=VALUE",
            description = "The lowest value of a field; repeat it for several")
    Map<String, Double> least = Map.of();

    @Option(names = "--per-picture", paramLabel = "N", description = "Rows that a picture may keep. Default: all")
    Optional<Integer> perPicture = Optional.empty();

    @Option(
            names = "--rank",
            paramLabel = "FIELD",
            description = "The score that says which these are. Default: the first")
    Optional<String> rank = Optional.empty();

    @Option(
            names = "--distinct",
            paramLabel = "FIELD",
            description = "Rows of a picture that are kept differ in this field")
    Optional<String> distinct = Optional.empty();

    private long kept;
    private long all;

    @Override
    public Integer call() throws IOException {
        if (perPicture.orElse(1) < 1) {
            throw new InputException("--per-picture is a number of rows, 1 or more");
        }
        var selection = new Selection(least, perPicture.orElse(Integer.MAX_VALUE), rank, distinct);
        Input rows = Format.ROWS.open(new Format.Dataset(input, Optional.empty(), Optional.empty(), false));
        rows.scan((key, picture) -> {});
        PartFile.write(output, out -> {
            for (Iterator<PictureRows> pictures = rows.pictures(false); pictures.hasNext(); ) {
                write(pictures.next().rows(), selection, out);
            }
        });
        System.out.printf("%,d rows in: %,d kept, %,d dropped%n", all, kept, all - kept);
        return 0;
    }

    private void write(List<Row> picture, Selection selection, OutputStream out) throws IOException {
        List<Optional<String>> reasons = selection.reasons(picture);
        for (int i = 0; i < picture.size(); i++) {
            ObjectNode line = picture.get(i).fields();
            Optional<String> reason = reasons.get(i);
            line.put("kept", reason.isEmpty());
            line.remove("reason");
            reason.ifPresent(it -> line.put("reason", it));
            out.write(Lines.JSON.writeValueAsBytes(line));
            out.write('\n');
            kept += reason.isEmpty() ? 1 : 0;
            all++;
        }
    }
}
