package io.github.describeanything.server;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.model.CudaOptions;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.server.operations.ApiKeys;
import io.github.describeanything.server.operations.Cors;
import io.github.describeanything.server.remote.RemotePictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The command line; every option may also be an environment variable. Filled by one thread. */
@Command(
        name = "describe-anything",
        mixinStandardHelpOptions = true,
        version = "describe-anything 0.1.0",
        sortOptions = false,
        defaultValueProvider = Options.FromEnvironment.class,
        description = {
            "Describes regions of pictures and video behind the OpenAI API.",
            "",
            "Without options it serves the small built-in model on http://127.0.0.1:8000.",
            "Every option can also be given as an environment variable: --kv-memory as DAM_KV_MEMORY.",
            ""
        })
final class Options {
    @Option(
            names = "--model",
            paramLabel = "BUNDLE",
            description = "Folder that scripts/export wrote. Default: the built-in model")
    Optional<Path> model = Optional.empty();

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}")
    String host = "";

    @Option(names = "--port", defaultValue = "8000", description = "Port to listen on. Default: ${DEFAULT-VALUE}")
    int port;

    @Option(
            names = "--device",
            defaultValue = "CPU",
            description = "Where the model runs: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    EngineOptions.Device device = EngineOptions.Device.CPU;

    @Option(names = "--threads", paramLabel = "N", description = "Cores for the model. Default: all")
    Optional<Integer> threads = Optional.empty();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Threads that decode pictures and tokenise. Default: half of the cores")
    Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--slots",
            paramLabel = "N",
            description = "Answers written side by side. Default: by memory, at most 8; by --kv-memory, at most 32")
    Optional<Integer> slots = Optional.empty();

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Positions for a prompt and its answer. Default: what the prompts need and 1024 more")
    Optional<Integer> context = Optional.empty();

    @Option(
            names = "--kv-memory",
            paramLabel = "MIB",
            description =
                    "Memory for the key-value cache, where --slots does not say how many. Default: a quarter of the"
                            + " machine's, or the GPU's")
    Optional<Long> kvMemory = Optional.empty();

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "64",
            description = "Requests that may wait. Default: ${DEFAULT-VALUE}")
    int queue;

    @Option(
            names = "--region-cache",
            paramLabel = "MIB",
            defaultValue = "256",
            description = "Memory for regions asked about before. Default: ${DEFAULT-VALUE}")
    long regionCache;

    @Option(
            names = "--cuda-device",
            paramLabel = "N",
            defaultValue = "0",
            description = "Number of the GPU, with --device cuda. Default: ${DEFAULT-VALUE}")
    int cudaDevice;

    @Option(
            names = "--cuda-memory",
            paramLabel = "MIB",
            description = "Most GPU memory for each of the two graphs, vision and decoder. Default: no limit")
    Optional<Long> cudaMemory = Optional.empty();

    @Option(
            names = "--cuda-graphs",
            description = "Capture decode steps as CUDA graphs, one for each power of two of rows")
    boolean cudaGraphs;

    @Option(
            names = "--cuda-option",
            paramLabel = "NAME=VALUE",
            split = ",",
            description = "Further option of ONNX Runtime's CUDA provider, such as cudnn_conv_algo_search=HEURISTIC")
    Map<String, String> cudaOptions = Map.of();

    @Option(
            names = "--max-body",
            paramLabel = "MIB",
            defaultValue = "64",
            description = "Largest request. Default: ${DEFAULT-VALUE}")
    long maxBody;

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            defaultValue = "33554432",
            description = "Most pixels of a picture. Default: ${DEFAULT-VALUE}")
    long maxPixels;

    @Option(
            names = "--max-side",
            paramLabel = "N",
            defaultValue = "16384",
            description = "Most pixels along a side. Default: ${DEFAULT-VALUE}")
    int maxSide;

    @Option(
            names = "--image-hosts",
            paramLabel = "H1,H2",
            split = ",",
            description = "Hosts that pictures may be fetched from, such as example.org,*.example.net; * for every"
                    + " public one. Default: none")
    List<String> imageHosts = List.of();

    @Option(
            names = "--max-image",
            paramLabel = "MIB",
            defaultValue = "20",
            description = "Largest picture that is fetched. Default: ${DEFAULT-VALUE}")
    long maxImage;

    @Option(
            names = "--image-timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long fetching a picture may take. Default: ${DEFAULT-VALUE}")
    int imageTimeout;

    @Option(
            names = "--missing-mask",
            paramLabel = "refuse|whole",
            defaultValue = "refuse",
            description = "What to do with a picture without alpha where the request names no region: refuse it, or"
                    + " describe all of it. Default: ${DEFAULT-VALUE}")
    MissingMask missingMask = MissingMask.REFUSE;

    @Option(
            names = "--max-answers",
            paramLabel = "N",
            defaultValue = "64",
            description = "Most answers of one request. Default: ${DEFAULT-VALUE}")
    int maxAnswers;

    @Option(
            names = "--max-regions",
            paramLabel = "N",
            defaultValue = "64",
            description = "Most regions of one request. Default: ${DEFAULT-VALUE}")
    int maxRegions;

    @Option(
            names = "--idle-timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long a connection may be silent. Default: ${DEFAULT-VALUE}")
    int idleTimeout;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long running answers may take when the server stops. Default: ${DEFAULT-VALUE}")
    int grace;

    @Option(
            names = "--api-keys",
            paramLabel = "K1,K2",
            description = "Keys that clients must send one of; better set as DAM_API_KEYS, where others cannot see it")
    Optional<String> apiKeys = Optional.empty();

    @Option(names = "--api-keys-file", paramLabel = "FILE", description = "The same, one a line")
    Optional<Path> apiKeysFile = Optional.empty();

    @Option(
            names = "--cors-origin",
            paramLabel = "ORIGIN",
            defaultValue = "*",
            description = "Origin whose pages may ask; * for all, none for none. Default: ${DEFAULT-VALUE}")
    String corsOrigin = "*";

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Form of the request log. Default: ${DEFAULT-VALUE}")
    LogFormat logFormat = LogFormat.TEXT;

    /** Forms of the request log. */
    enum LogFormat {
        TEXT,
        JSON
    }

    @Option(
            names = "--dam-clients",
            description =
                    "Stream lists of parts on /chat/completions, as the published DAM server's own clients read them")
    boolean damClients;

    @Option(
            names = "--check",
            description = "Load the model, answer its built-in picture, say whether that is right, and stop")
    boolean check;

    EngineOptions engine() {
        EngineOptions defaults = EngineOptions.defaults();
        return new EngineOptions(
                device,
                threads.orElse(defaults.threads()),
                workers.orElse(defaults.workers()),
                slots.map(OptionalInt::of).orElse(OptionalInt.empty()),
                context.map(OptionalInt::of).orElse(OptionalInt.empty()),
                kvMemory.map(it -> OptionalLong.of(it << 20)).orElse(OptionalLong.empty()),
                queue,
                regionCache << 20,
                new CudaOptions(
                        cudaDevice,
                        cudaMemory.map(it -> OptionalLong.of(it << 20)).orElse(OptionalLong.empty()),
                        cudaGraphs,
                        cudaOptions));
    }

    ServerConfig server() throws IOException {
        var limits = new Limits(
                maxBody << 20, maxAnswers, maxRegions, Duration.ofSeconds(idleTimeout), Limits.DEFAULT.keepAlive());
        return new ServerConfig(
                host,
                port,
                limits,
                pictures(),
                RemotePictures.from(imageHosts, Duration.ofSeconds(imageTimeout), maxImage << 20),
                missingMask,
                new ApiKeys(keys()),
                new Cors(corsOrigin.equals("none") ? "" : corsOrigin),
                logFormat == LogFormat.JSON,
                damClients,
                Duration.ofSeconds(grace));
    }

    private PictureLimits pictures() {
        try {
            return new PictureLimits(maxPixels, maxSide);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--max-pixels or --max-side is out of range", e);
        }
    }

    private List<String> keys() throws IOException {
        // DAM_API_KEYS= is how compose files say "none"; a list of nothing but commas is a mistake.
        String given = apiKeys.orElse("");
        var keys = new ArrayList<>(List.of(given.split(",")));
        if (!given.isEmpty() && keys.stream().allMatch(String::isBlank)) {
            throw new IllegalArgumentException("--api-keys holds no key");
        }
        if (apiKeysFile.isPresent()) {
            List<String> lines = readKeys(apiKeysFile.get());
            if (lines.stream().allMatch(String::isBlank)) {
                // A secret that is not there yet must not open the server to everybody.
                throw new IllegalArgumentException("The file of --api-keys-file holds no key");
            }
            keys.addAll(lines);
        }
        return keys.stream().map(String::strip).filter(it -> !it.isEmpty()).toList();
    }

    private static List<String> readKeys(Path file) throws IOException {
        try {
            // Some editors put a mark in front of UTF-8 that would become part of the first key.
            return Files.readString(file).replace("\uFEFF", "").lines().toList();
        } catch (IOException e) {
            throw new IOException("The file of --api-keys-file cannot be read: " + e.getMessage(), e);
        }
    }

    /** Environment variables as defaults: --kv-memory is DAM_KV_MEMORY. */
    static final class FromEnvironment implements IDefaultValueProvider {
        /** What is done instead of serving is asked for on the command line alone: images have versions, too. */
        private static final Set<String> ACTIONS = Set.of("--check", "--help", "--version");

        @Override
        @SuppressWarnings("NullAway") // picocli takes null for "no other default"
        public String defaultValue(ArgSpec argument) {
            return argument instanceof OptionSpec option && !ACTIONS.contains(option.longestName())
                    ? System.getenv(variable(option.longestName()))
                    : null;
        }

        static String variable(String option) {
            return "DAM_" + option.substring(2).replace('-', '_').toUpperCase(java.util.Locale.ROOT);
        }
    }
}
