package io.github.describeanything.bulk;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.Retries;
import io.github.describeanything.bulk.endpoint.Servers;
import io.github.describeanything.bulk.input.InputException;
import io.github.describeanything.bulk.step.Question;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** The options about servers and what is asked of them. Used by one thread. */
final class EndpointArguments {
    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "An OpenAI-compatible server, such as http://127.0.0.1:8000/v1; repeat it for several")
    List<URI> urls = List.of();

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            defaultValue = "${env:OPENAI_API_KEY}",
            description = "Sent to the servers. Default: the environment's OPENAI_API_KEY")
    Optional<String> apiKey = Optional.empty();

    @Option(names = "--model-name", paramLabel = "NAME", description = "The model to ask for. Default: the server's")
    Optional<String> modelName = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "How long a request to a server may take. Default: ${DEFAULT-VALUE}")
    int timeout;

    @Option(
            names = "--retries",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often a failed request is repeated. Default: ${DEFAULT-VALUE}")
    int retries;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "The question; {category} becomes the row's category")
    String prompt = "";

    @Option(names = "--temperature", paramLabel = "T", description = "Default: the model's")
    Optional<Double> temperature = Optional.empty();

    @Option(names = "--top-p", paramLabel = "P", description = "Default: the model's")
    Optional<Double> topP = Optional.empty();

    @Option(names = "--max-tokens", paramLabel = "N", description = "Most tokens of an answer. Default: the model's")
    Optional<Integer> maxTokens = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Mixed with each picture's name into the seed of its answers. Default: ${DEFAULT-VALUE}")
    long seed;

    Retries retries() {
        return new Retries(Math.max(0, retries), Retries.DEFAULT.first(), Retries.DEFAULT.patience());
    }

    Endpoint servers() {
        if (urls.isEmpty()) {
            throw new InputException("--url is missing: the server to ask");
        }
        for (URI url : urls) {
            if (!List.of("http", "https").contains(String.valueOf(url.getScheme())) || url.getHost() == null) {
                throw new InputException("--url " + url + " is no address such as http://127.0.0.1:8000/v1");
            }
        }
        return new Servers(
                urls, apiKey.filter(it -> !it.isBlank()), Duration.ofSeconds(Math.max(1, timeout)), retries());
    }

    Question question() {
        return question("");
    }

    /** @param usual what is asked unless there is --prompt */
    Question question(String usual) {
        return new Question(
                modelName,
                prompt.isEmpty() ? usual : prompt,
                temperature.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                topP.map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                maxTokens.map(OptionalInt::of).orElse(OptionalInt.empty()),
                seed);
    }
}
