package io.github.describeanything.bulk;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.endpoint.LocalModel;
import io.github.describeanything.bulk.endpoint.Retries;
import io.github.describeanything.bulk.endpoint.Servers;
import io.github.describeanything.bulk.input.Format;
import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.job.Job;
import io.github.describeanything.bulk.job.Journal;
import io.github.describeanything.bulk.job.Progress;
import io.github.describeanything.bulk.job.Shard;
import io.github.describeanything.bulk.job.Step;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import io.github.describeanything.bulk.step.DescribeStep;
import io.github.describeanything.bulk.step.LineForm;
import io.github.describeanything.bulk.step.Question;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.server.EmbeddedBundle;
import io.github.describeanything.server.HttpServer;
import io.github.describeanything.server.ServerConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.node.ObjectNode;

/**
 * A measurement: the same regions described in this process, through HTTP by eight clients that ask for a region at a time,
 * and one by one, in turns and with one model. Arguments: PICTURES ROUNDS.
 */
public final class Throughput {
    private static final int REGIONS = 4;

    private Throughput() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("throughput");
        var drawn = new DrawnDataset(folder, Integer.parseInt(arguments[0]), REGIONS);
        Path rows = drawn.boxes();
        int rounds = Integer.parseInt(arguments[1]);
        var rates = new double[3][rounds];
        // No cache of regions, or later rounds would find those of the first.
        EngineOptions options = EngineOptions.builder().featureCache(0).build();
        try (var model = DescribeAnything.open(EmbeddedBundle.unpack().folder(), options);
                var server = HttpServer.start(ServerConfig.local(), model);
                Endpoint local = new LocalModel(model, Retries.DEFAULT, PictureLimits.DEFAULT);
                Endpoint http = new Servers(
                        List.of(URI.create("http://127.0.0.1:" + server.port())),
                        Optional.empty(),
                        Duration.ofMinutes(10),
                        Retries.DEFAULT)) {
            for (int round = -1; round < rounds; round++) {
                double[] now = {
                    rate(folder, rows, drawn, local, local.inFlight(), Integer.MAX_VALUE),
                    rate(folder, rows, drawn, http, 8, 1),
                    rate(folder, rows, drawn, http, 1, 1)
                };
                System.out.println((round < 0 ? "warm-up " : "round ") + Arrays.toString(now));
                for (int i = 0; round >= 0 && i < now.length; i++) {
                    rates[i][round] = now[i];
                }
            }
        }
        for (double[] it : rates) {
            Arrays.sort(it);
        }
        System.out.printf(
                "medians of %d rounds, regions/s: in process %.1f, HTTP with 8 clients %.1f, one by one %.1f%n",
                rounds, rates[0][rounds / 2], rates[1][rounds / 2], rates[2][rounds / 2]);
        System.exit(0);
    }

    private static double rate(
            Path folder, Path rows, DrawnDataset drawn, Endpoint endpoint, int inFlight, int rowsAtOnce)
            throws Exception {
        var question = new Question(
                Optional.empty(), "", OptionalDouble.of(0), OptionalDouble.empty(), OptionalInt.empty(), 0);
        Step step = new Limited(new DescribeStep(endpoint, question, folder, LineForm.ROW), rowsAtOnce);
        Input input = Format.ROWS.open(new Format.Dataset(rows, Optional.of(drawn.images()), Optional.empty(), false));
        Path output = Files.createTempFile(folder, "rows", ".jsonl");
        try (Journal journal = Journal.open(output, folder.resolve(output.getFileName() + ".errors"), "id")) {
            var options = new Job.Options(Shard.ALL, Long.MAX_VALUE, inFlight, false, 5);
            Job.End end = new Job(input, journal, step, options, new Progress(System.err, Duration.ZERO)).run();
            if (end.summary().failed() + end.summary().left() > 0) {
                throw new IllegalStateException(end.summary().text());
            }
            return Math.round(10 * end.summary().finished() / end.summary().seconds()) / 10.0;
        }
    }

    /** A step with fewer rows in a request. */
    private record Limited(DescribeStep step, int most) implements Step {
        @Override
        public List<Result> run(PictureRows rows) throws EndpointException, InterruptedException {
            return step.run(rows);
        }

        @Override
        public int rowsAtOnce() {
            return Math.min(most, step.rowsAtOnce());
        }

        @Override
        public ObjectNode line(Row row, Problem problem) {
            return step.line(row, problem);
        }
    }
}
