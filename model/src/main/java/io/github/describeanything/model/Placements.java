package io.github.describeanything.model;

import io.github.describeanything.model.onnx.Placement;

/** Where graphs run, by the options. Stateless. */
final class Placements {
    private Placements() {}

    static Placement of(EngineOptions options) {
        return switch (options.device()) {
            case CPU -> Placement.cpu(options.threads());
            case CUDA ->
                Placement.cuda(
                        options.cuda().device(),
                        options.cuda().graphs(),
                        options.cuda().providerOptions());
        };
    }
}
