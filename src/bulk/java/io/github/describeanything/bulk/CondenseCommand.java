package io.github.describeanything.bulk;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.input.Input;
import io.github.describeanything.bulk.step.CondenseStep;
import io.github.describeanything.bulk.step.LineForm;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shortens captions. Used by one thread. */
@Command(
        name = "condense",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shortens each caption to a phrase and a sentence, by any OpenAI-compatible language model.")
final class CondenseCommand implements Callable<Integer> {
    @Mixin
    JobArguments job = new JobArguments();

    @Mixin
    EndpointArguments endpoints = new EndpointArguments();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Input input = job.format().open(job.dataset());
        if (job.dryRun) {
            return job.count(input);
        }
        try (Endpoint servers = endpoints.servers()) {
            var step = new CondenseStep(servers, endpoints.question(CondenseStep.PROMPT));
            return job.run(input, step, servers, LineForm.ROW.idField());
        }
    }
}
