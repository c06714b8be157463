package io.github.describeanything.bulk;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.input.Format;
import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.input.InputException;
import io.github.describeanything.bulk.job.Job;
import io.github.describeanything.bulk.job.Journal;
import io.github.describeanything.bulk.job.Progress;
import io.github.describeanything.bulk.job.Shard;
import io.github.describeanything.bulk.job.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options about a job's input and output. Used by one thread. */
final class JobArguments {
    @Option(names = "--input", required = true, paramLabel = "PATH", description = "The dataset: a file or a folder")
    Path input = Path.of("");

    @Option(
            names = "--from",
            paramLabel = "FORMAT",
            description = "Its format: ${COMPLETION-CANDIDATES}. LVIS and PACO are coco. Default: by what is in it")
    Optional<Format> from = Optional.empty();

    @Option(names = "--images", paramLabel = "FOLDER", description = "Where pictures lie. Default: beside the input")
    Optional<Path> images = Optional.empty();

    @Option(
            names = "--masks",
            paramLabel = "FOLDER",
            description = "Mask files of a folder of pictures: cat.png for cat.jpg, or all those in cat/")
    Optional<Path> masks = Optional.empty();

    @Option(names = "--kept", description = "Leave out rows that keep has dropped")
    boolean kept;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "FILE",
            description = "Finished rows, a JSON object a line. If it exists, the job goes on where it ended")
    Path output = Path.of("");

    @Option(
            names = "--errors",
            paramLabel = "FILE",
            description = "Error rows. Default: the output with .errors.jsonl at its end")
    Optional<Path> errors = Optional.empty();

    @Option(names = "--ordered", description = "Write rows in the order of the input")
    boolean ordered;

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            description = "Only the pictures of one of N parts, counted from 0. Each part needs an output of its own")
    Optional<String> shard = Optional.empty();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Only N rows, picture by picture; with --ordered the first N")
    Optional<Long> limit = Optional.empty();

    @Option(names = "--dry-run", description = "Check the input and count its rows; ask and write nothing")
    boolean dryRun;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            description = "Rows between reading and writing. Default: what the model admits, or 64 a server")
    Optional<Integer> inFlight = Optional.empty();

    @Option(
            names = "--max-failures",
            paramLabel = "N",
            defaultValue = "20",
            description = "Stop after so many failed requests in a row. Default: ${DEFAULT-VALUE}")
    int maxFailures;

    @Option(
            names = "--progress",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How often to print rate and time left; 0 never does. Default: ${DEFAULT-VALUE}")
    int progress;

    /** The input's format. @throws InputException if an option or the input cannot be used */
    Format format() throws IOException {
        part();
        requireFolder("--images", images);
        requireFolder("--masks", masks);
        if (limit.orElse(0L) < 0) {
            throw new InputException("--limit is a number of rows, 0 or more");
        }
        if (output.toAbsolutePath()
                .normalize()
                .equals(errorFile().toAbsolutePath().normalize())) {
            throw new InputException("--errors is the output: name another file");
        }
        for (Path written : List.of(output, errorFile())) {
            if (Files.exists(input) && Files.exists(written) && Files.isSameFile(input, written)) {
                throw new InputException(written + " is the input: name another output");
            }
        }
        return from.isPresent() ? from.get() : Format.of(input, masks.isPresent());
    }

    private static void requireFolder(String option, Optional<Path> folder) {
        folder.filter(it -> !Files.isDirectory(it)).ifPresent(it -> {
            throw new InputException("%s: there is no folder %s".formatted(option, it));
        });
    }

    private Shard part() {
        return shard.map(Shard::of).orElse(Shard.ALL);
    }

    Format.Dataset dataset() {
        return new Format.Dataset(input, images, masks, kept);
    }

    /** Where mask files lie that rows name. */
    Path maskRoot() {
        return masks.orElse(dataset().root());
    }

    private Path errorFile() {
        String name = String.valueOf(output.getFileName()).replaceFirst("\\.jsonl$", "");
        return errors.orElse(output.resolveSibling(name + ".errors.jsonl"));
    }

    private Job.Options options(int most) {
        return new Job.Options(
                part(),
                limit.orElse(Long.MAX_VALUE),
                Math.max(1, inFlight.orElse(most)),
                ordered,
                Math.max(1, maxFailures));
    }

    private Progress newProgress() {
        return new Progress(System.err, Duration.ofSeconds(progress));
    }

    /** Counts the rows of the input. */
    int count(Input rows) throws IOException {
        System.out.println(
                Job.count(rows, options(1), Optional.empty(), newProgress()).text());
        return 0;
    }

    /**
     * Runs a step over the input.
     *
     * @param idField of the lines that the step writes
     * @return the program's status
     */
    int run(Input rows, Step step, Endpoint endpoint, String idField) throws IOException, InterruptedException {
        try (Journal journal = Journal.open(output, errorFile(), idField)) {
            Job.End end = new Job(rows, journal, step, options(endpoint.inFlight()), newProgress()).run();
            System.out.println(end.summary().text());
            if (end.stopped().isPresent()) {
                System.err.println("Stopped: " + end.stopped().get() + ". The next run goes on from here");
                return 1;
            }
            return 0;
        }
    }
}
