package io.github.describeanything.bulk;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.input.InputException;
import io.github.describeanything.bulk.row.RegionMasks;
import io.github.describeanything.bulk.step.ExpandStep;
import io.github.describeanything.bulk.step.LineForm;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Expands classes to captions. Used by one thread. */
@Command(
        name = "expand",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Expands the category of each region to a caption, by any OpenAI-compatible vision model.")
final class ExpandCommand implements Callable<Integer> {
    @Mixin
    JobArguments job = new JobArguments();

    @Mixin
    EndpointArguments endpoints = new EndpointArguments();

    @Option(
            names = "--blank",
            paramLabel = "RRGGBB",
            defaultValue = "ffffff",
            description = "Colour of everything but the region in the second picture. Default: ${DEFAULT-VALUE}")
    String blank = "";

    @Option(
            names = "--max-side",
            paramLabel = "PIXELS",
            defaultValue = "1024",
            description = "Crops are scaled down to this. Default: ${DEFAULT-VALUE}")
    int maxSide;

    @Mixin
    PictureArguments pictures = new PictureArguments();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!blank.matches("[0-9a-fA-F]{6}")) {
            throw new InputException("--blank is a colour of six hexadecimal digits, such as ffffff");
        }
        Input input = job.format().open(job.dataset());
        if (job.dryRun) {
            return job.count(input);
        }
        try (Endpoint servers = endpoints.servers()) {
            var step = new ExpandStep(
                    servers,
                    endpoints.question(ExpandStep.PROMPT),
                    new RegionMasks(job.maskRoot(), pictures.limits),
                    Integer.parseInt(blank, 16),
                    Math.max(1, maxSide));
            return job.run(input, step, servers, LineForm.ROW.idField());
        }
    }
}
