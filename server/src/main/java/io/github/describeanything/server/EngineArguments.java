package io.github.describeanything.server;

import io.github.describeanything.model.CudaOptions;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.model.lane.Schedule;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** Options of the engine. Used by one thread. */
public final class EngineArguments {
    @Option(
            names = "--device",
            defaultValue = "CPU",
            description = "Where the model runs: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    EngineOptions.Device device = EngineOptions.Device.CPU;

    @Option(names = "--threads", paramLabel = "N", description = "Threads for the model. Default: one per core")
    Optional<Integer> threads = Optional.empty();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Threads that decode pictures and tokenise. Default: half the cores")
    Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--slots",
            paramLabel = "N",
            description =
                    "Answers decoded concurrently. Default: as many as fit in memory, at most 8; with --kv-memory, at most 32")
    Optional<Integer> slots = Optional.empty();

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Maximum tokens of a prompt and its answer. Default: what pictures need plus 1024")
    Optional<Integer> context = Optional.empty();

    @Option(
            names = "--kv-memory",
            paramLabel = "MIB",
            description =
                    "Memory for the KV cache; determines the number of slots unless --slots is given. Default: a quarter of"
                            + " the machine's or GPU's memory")
    Optional<Long> kvMemory = Optional.empty();

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "64",
            description = "Answers that may wait for a slot. Default: ${DEFAULT-VALUE}")
    int queue;

    @Option(
            names = "--region-cache",
            paramLabel = "MIB",
            defaultValue = "256",
            description = "Memory for cached features of regions. Default: ${DEFAULT-VALUE}")
    long regionCache;

    @Option(
            names = "--segmenter-cache",
            paramLabel = "MIB",
            defaultValue = "256",
            description = "Memory for pictures that were clicked on before. Default: ${DEFAULT-VALUE}")
    long segmenterCache;

    @Option(
            names = "--schedule",
            paramLabel = "MODE",
            defaultValue = "AUTO",
            description = {
                "What to optimise for under load: LATENCY keeps the gaps in running answers short, THROUGHPUT gives the"
                        + " most answers per minute, AUTO switches to THROUGHPUT while more requests wait for their first"
                        + " token than have it. Default: ${DEFAULT-VALUE}"
            })
    Schedule.Mode schedule = Schedule.Mode.AUTO;

    @Option(
            names = "--max-gap",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "Longest gap in a running answer under THROUGHPUT. Default: ${DEFAULT-VALUE}")
    double maxGap;

    @Option(
            names = "--cuda-device",
            paramLabel = "N",
            defaultValue = "0",
            description = "Index of the GPU, with --device cuda. Default: ${DEFAULT-VALUE}")
    int cudaDevice;

    @Option(
            names = "--cuda-memory",
            paramLabel = "MIB",
            description = "Limit of GPU memory for each of the two graphs, vision and decoder. Default: no limit")
    Optional<Long> cudaMemory = Optional.empty();

    @Option(
            names = "--cuda-graphs",
            description = "Capture decode steps as CUDA graphs, one per power-of-two batch size")
    boolean cudaGraphs;

    @Option(
            names = "--cuda-option",
            paramLabel = "NAME=VALUE",
            split = ",",
            description = "Other options of ONNX Runtime's CUDA provider, such as cudnn_conv_algo_search=HEURISTIC")
    Map<String, String> cudaOptions = Map.of();

    /** For the segmenter: the same machine, its own cache. */
    EngineOptions segmenterOptions() {
        return options(segmenterCache);
    }

    public EngineOptions options() {
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
                .schedule(schedule)
                .maxGap(Duration.ofNanos((long) (maxGap * 1e9)))
                .cuda(new CudaOptions(
                        cudaDevice,
                        cudaMemory.map(it -> OptionalLong.of(it << 20)).orElse(OptionalLong.empty()),
                        cudaGraphs,
                        cudaOptions))
                .build();
    }
}
