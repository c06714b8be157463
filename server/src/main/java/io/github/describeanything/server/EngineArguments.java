package io.github.describeanything.server;

import io.github.describeanything.model.CudaOptions;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.model.lane.Schedule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** Options of the engine. Used by one thread. */
public final class EngineArguments {
    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "CPU",
            converter = PerModel.Devices.class,
            description =
                    "Where the model runs: CPU or CUDA. Default: ${DEFAULT-VALUE}. This and the next five options take"
                            + " MODEL=VALUE for one of several models, separated by commas: --slots 8,dam-3b=4")
    PerModel<EngineOptions.Device> device = PerModel.none();

    @Option(
            names = "--slots",
            paramLabel = "N",
            converter = PerModel.Integers.class,
            description =
                    "Answers decoded concurrently. Default: as many as fit in memory, at most 8; with --kv-memory, at most 32")
    PerModel<Integer> slots = PerModel.none();

    @Option(
            names = "--context",
            paramLabel = "N",
            converter = PerModel.Integers.class,
            description = "Maximum tokens of a prompt and its answer. Default: what pictures need plus 1024")
    PerModel<Integer> context = PerModel.none();

    @Option(
            names = "--kv-memory",
            paramLabel = "MIB",
            converter = PerModel.Longs.class,
            description =
                    "Memory for the KV cache; determines the number of slots unless --slots is given. Default: a quarter of"
                            + " the machine's or GPU's memory, divided between the models there")
    PerModel<Long> kvMemory = PerModel.none();

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "64",
            converter = PerModel.Integers.class,
            description = "Answers that may wait for a slot. Default: ${DEFAULT-VALUE}")
    PerModel<Integer> queue = PerModel.none();

    @Option(
            names = "--region-cache",
            paramLabel = "MIB",
            defaultValue = "256",
            converter = PerModel.Longs.class,
            description = "Memory for cached features of regions. Default: ${DEFAULT-VALUE}")
    PerModel<Long> regionCache = PerModel.none();

    @Option(names = "--threads", paramLabel = "N", description = "Threads for the models. Default: one per core")
    Optional<Integer> threads = Optional.empty();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "Threads that decode pictures and tokenise, divided between the models. Default: half the cores")
    Optional<Integer> workers = Optional.empty();

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
        return options("", List.of("")).featureCache(segmenterCache << 20).build();
    }

    /** For a program with one model. @throws IllegalArgumentException if an option has a value for a model by name */
    public EngineOptions options() {
        return options(List.of("")).getFirst();
    }

    /**
     * For each of the models that share the machine.
     *
     * @param models their names
     * @throws IllegalArgumentException if an option names another model
     */
    List<EngineOptions> options(List<String> models) {
        requireNames("--device", device, models);
        requireNames("--slots", slots, models);
        requireNames("--context", context, models);
        requireNames("--kv-memory", kvMemory, models);
        requireNames("--queue", queue, models);
        requireNames("--region-cache", regionCache, models);
        return models.stream().map(it -> options(it, models).build()).toList();
    }

    private static void requireNames(String option, PerModel<?> values, List<String> models) {
        for (String name : values.named().keySet()) {
            if (!models.contains(name)) {
                throw new IllegalArgumentException("%s names the model %s, which is not loaded; loaded: %s"
                        .formatted(option, name, String.join(", ", models)));
            }
        }
    }

    private EngineOptions.Builder options(String model, List<String> models) {
        EngineOptions defaults = EngineOptions.defaults();
        long onDevice = models.stream()
                .filter(it -> device.of(it).equals(device.of(model)))
                .count();
        return EngineOptions.builder()
                .device(device.of(model).orElse(defaults.device()))
                .threads(threads.orElse(defaults.threads()))
                .workers(workersOfEach(models.size(), defaults))
                .slots(slots.of(model).map(OptionalInt::of).orElse(OptionalInt.empty()))
                .context(context.of(model).map(OptionalInt::of).orElse(OptionalInt.empty()))
                .kvMemory(
                        kvMemory.of(model).map(it -> OptionalLong.of(it << 20)).orElse(OptionalLong.empty()))
                .models(Math.toIntExact(onDevice))
                .queue(queue.of(model).orElse(defaults.queue()))
                .featureCache(regionCache.of(model).map(it -> it << 20).orElse(defaults.featureCache()))
                .schedule(schedule)
                .maxGap(Duration.ofNanos((long) (maxGap * 1e9)))
                .cuda(new CudaOptions(
                        cudaDevice,
                        cudaMemory.map(it -> OptionalLong.of(it << 20)).orElse(OptionalLong.empty()),
                        cudaGraphs,
                        cudaOptions));
    }

    /** At least one for each model, whatever is given; an invalid number is refused later. */
    private int workersOfEach(int models, EngineOptions defaults) {
        int all = workers.orElse(defaults.workers());
        return all < 1 ? all : Math.max(1, all / models);
    }
}
