package io.github.describeanything.model;

import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.bundle.Manifest.DType;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.OnnxDecoder;
import io.github.describeanything.model.engine.Engine;
import io.github.describeanything.model.family.ModelFamily;
import io.github.describeanything.model.family.PromptBuilder;
import io.github.describeanything.model.family.RegionVision;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.features.FeatureQueue;
import io.github.describeanything.model.lane.Costs;
import io.github.describeanything.model.lane.Lane;
import io.github.describeanything.model.lane.Schedule;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.text.Tokenizer;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The parts of an open model and the two lanes that they run on, one for the decoder and one for the vision graph.
 * Thread-safe.
 */
final class LoadedModel implements AutoCloseable {
    private static final int PREFILL_CHUNK = 512;
    private static final int FRAMES_IN_A_RUN = 8;

    private final Bundle bundle;
    private final PromptBuilder prompts;
    private final RegionVision vision;
    private final Decoder decoder;
    private final Workers workers;
    private final Lane decoding;
    private final FeatureQueue features;
    private final Engine engine;
    /** Close the parts opened so far, the last one first. */
    private final ArrayDeque<Runnable> closers = new ArrayDeque<>();

    /**
     * @param encoders wraps the vision graph, for tests
     * @param decoders wraps the decoder, for tests
     * @param broken called if a lane breaks
     */
    LoadedModel(
            Bundle bundle,
            EngineOptions options,
            KvCachePlan plan,
            UnaryOperator<Encoder> encoders,
            UnaryOperator<Decoder> decoders,
            Consumer<ModelException> broken) {
        this.bundle = bundle;
        Manifest manifest = bundle.manifest();
        ModelFamily family = ModelFamily.of(manifest);
        Placement placement = Placements.of(options);
        boolean cuda = options.device() == EngineOptions.Device.CUDA;
        try {
            Tokenizer tokenizer = Tokenizer.load(bundle.tokenizer(), manifest.decoder());
            closers.push(tokenizer::close);
            prompts = family.prompts(manifest, tokenizer);

            var schedule = new Schedule(options.schedule(), options.maxGap(), !cuda, plan.slots());
            var encoding = new Lane("vision", broken);
            closers.push(encoding::close);
            vision = family.vision(bundle, placement);
            closers.push(vision::close);
            features = new FeatureQueue(
                    encoding,
                    schedule,
                    encoders.apply(vision),
                    options.featureCache(),
                    vision.batches() ? Math.max(FRAMES_IN_A_RUN, manifest.maxFrames()) : 1,
                    cuda);
            encoding.add(features);
            // The lane owns it now.
            closers.pop();

            decoding = new Lane("engine", broken);
            closers.push(decoding::close);
            decoder = decoders.apply(new OnnxDecoder(
                    bundle, plan.slots(), plan.context(), Math.min(PREFILL_CHUNK, plan.context()), placement));
            closers.push(decoder::close);
            engine = new Engine(decoding, schedule, decoder, tokenizer);
            decoding.add(engine);
            closers.pop();

            schedule.onChange(encoding::wake);
            schedule.onChange(decoding::wake);

            // Closed first, because its tasks use everything else.
            workers = new Workers(options.workers());
            closers.push(workers::close);
            if (cuda) {
                features.warmUp(vision.blank());
                engine.warmUp();
            }
        } catch (RuntimeException | Error e) {
            try {
                close();
            } catch (RuntimeException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    /** @throws ModelException if the device cannot compute in the decoder's type */
    static void requireArithmetic(Manifest manifest, EngineOptions.Device device) {
        DType dtype = manifest.decoder().dtype();
        if (device == EngineOptions.Device.CPU && dtype == DType.BFLOAT16) {
            throw new ModelException(
                    manifest.name()
                            + " computes in bfloat16, which the CPU does not support: serve it with --device cuda, or export it for the CPU");
        }
        if (device == EngineOptions.Device.CUDA && dtype == DType.FLOAT32) {
            throw new ModelException(manifest.name()
                    + " was exported for the CPU: export it again with --device cuda to serve it there");
        }
    }

    Bundle bundle() {
        return bundle;
    }

    PromptBuilder prompts() {
        return prompts;
    }

    RegionVision vision() {
        return vision;
    }

    Decoder decoder() {
        return decoder;
    }

    Workers workers() {
        return workers;
    }

    FeatureQueue features() {
        return features;
    }

    Engine engine() {
        return engine;
    }

    /** Measured costs of the decoder's runs. */
    Costs costs() {
        return decoding.costs();
    }

    /** Closes every part, even if an earlier one fails to close. Further calls wait for the first. */
    @Override
    public synchronized void close() {
        Runnable next = closers.poll();
        if (next != null) {
            try {
                next.run();
            } finally {
                close();
            }
        }
    }
}
