package io.github.describeanything.server;

import io.github.describeanything.model.CudaOptions;
import io.github.describeanything.model.EngineOptions;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** The options about the model's engine. Used by one thread. */
final class EngineArguments {
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
            names = "--segmenter-cache",
            paramLabel = "MIB",
            defaultValue = "256",
            description = "Memory for pictures that were clicked on before. Default: ${DEFAULT-VALUE}")
    long segmenterCache;

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

    /** For the segmenter: the same machine, its own cache. */
    EngineOptions segmenterOptions() {
        return options(segmenterCache);
    }

    EngineOptions options() {
        return options(regionCache);
    }

    private EngineOptions options(long cache) {
        EngineOptions defaults = EngineOptions.defaults();
        return EngineOptions.builder()
                .device(device)
                .threads(threads.orElse(defaults.threads()))
                .workers(workers.orElse(defaults.workers()))
                .slots(slots.map(OptionalInt::of).orElse(OptionalInt.empty()))
                .context(context.map(OptionalInt::of).orElse(OptionalInt.empty()))
                .kvMemory(kvMemory.map(it -> OptionalLong.of(it << 20)).orElse(OptionalLong.empty()))
                .queue(queue)
                .featureCache(cache << 20)
                .cuda(new CudaOptions(
                        cudaDevice,
                        cudaMemory.map(it -> OptionalLong.of(it << 20)).orElse(OptionalLong.empty()),
                        cudaGraphs,
                        cudaOptions))
                .build();
    }
}
