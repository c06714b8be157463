package io.github.describeanything.bulk;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.LocalModel;
import io.github.describeanything.bulk.input.Format;
import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.input.InputException;
import io.github.describeanything.bulk.job.Step;
import io.github.describeanything.bulk.output.Captions;
import io.github.describeanything.bulk.output.CocoWriter;
import io.github.describeanything.bulk.output.DescribedWriter;
import io.github.describeanything.bulk.row.RegionMasks;
import io.github.describeanything.bulk.step.BatchStep;
import io.github.describeanything.bulk.step.DescribeStep;
import io.github.describeanything.bulk.step.LineForm;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.server.EmbeddedBundle;
import io.github.describeanything.server.EngineArguments;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Describes the regions of a dataset. Used by one thread. */
@Command(
        name = "describe",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        defaultValueProvider = BulkDefaults.class,
        description = "Describes every region of a dataset, by a model in this process or by servers (--url).")
final class DescribeCommand implements Callable<Integer> {
    @Mixin
    JobArguments job = new JobArguments();

    @Option(
            names = "--coco",
            paramLabel = "FILE",
            description = "Also write the COCO input with a caption per annotation")
    Optional<Path> coco = Optional.empty();

    @Option(names = "--dam", paramLabel = "FOLDER", description = "Also write the layout of the published dataset")
    Optional<Path> dam = Optional.empty();

    @Option(names = "--openai", description = "Write lines of an OpenAI batch output. Always so for batch lines")
    boolean openai;

    @Mixin
    EndpointArguments endpoints = new EndpointArguments();

    @Option(names = "--model", paramLabel = "FOLDER", description = "A bundle. Default: the built-in model")
    Optional<Path> model = Optional.empty();

    @Mixin
    EngineArguments engine = new EngineArguments();

    @Mixin
    PictureArguments pictures = new PictureArguments();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (model.isPresent() && !endpoints.urls.isEmpty()) {
            throw new InputException(
                    "--model is for a model in this process: with --url, --model-name says which of the server's");
        }
        Format format = job.format();
        boolean lines = openai || format == Format.BATCH;
        if (coco.isPresent() && format != Format.COCO) {
            throw new InputException("--coco needs a COCO input");
        }
        if (lines && (coco.isPresent() || dam.isPresent())) {
            throw new InputException("--coco and --dam need rows: leave --openai out");
        }
        Input input = format.open(job.dataset());
        if (job.dryRun) {
            return job.count(input);
        }
        int status = describe(input, format, lines ? LineForm.OPENAI : LineForm.ROW);
        if (status == 0 && (coco.isPresent() || dam.isPresent())) {
            convert(input);
        }
        return status;
    }

    private int describe(Input input, Format format, LineForm form) throws IOException, InterruptedException {
        if (!endpoints.urls.isEmpty()) {
            try (Endpoint servers = endpoints.servers()) {
                return run(input, format, form, servers);
            }
        }
        Path bundle = model.isPresent() ? model.get() : EmbeddedBundle.unpack().folder();
        try (var opened = DescribeAnything.open(bundle, engine.options());
                Endpoint local = new LocalModel(opened, endpoints.retries(), pictures.limits)) {
            System.err.println(opened.summary());
            return run(input, format, form, local);
        }
    }

    private int run(Input input, Format format, LineForm form, Endpoint endpoint)
            throws IOException, InterruptedException {
        Step step = format == Format.BATCH
                ? new BatchStep(endpoint, endpoints.question())
                : new DescribeStep(endpoint, endpoints.question(), job.maskRoot(), form);
        return job.run(input, step, endpoint, form.idField());
    }

    private void convert(Input input) throws IOException {
        try (var captions = new Captions(job.output)) {
            if (coco.isPresent()) {
                CocoWriter.write(job.input, captions, coco.get());
            }
            if (dam.isPresent()) {
                var regions = new RegionMasks(job.maskRoot(), pictures.limits);
                DescribedWriter.write(input, captions, dam.get(), regions).ifPresent(System.err::println);
            }
        }
    }
}
