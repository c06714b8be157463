package io.github.describeanything.server.service;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.Reservation;
import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.features.PendingFeatures;
import io.github.describeanything.model.text.Prompt;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.PictureLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Starts the answers to a command. Thread-safe.
 *
 * <p>The order matters: cheap checks come first, then permits are reserved, then pictures are fetched and decoded, and
 * only then does the model start. The model never calls back into the server.
 */
public final class Describe {
    private static final int MAX_LOGPROBS = 250_000;

    private final DescribeAnything model;
    private final ModelNames names;
    private final FeatureLoader features;
    private final int maxAnswers;
    private final int maxFrames;
    private final InFlight inFlight = new InFlight();

    /**
     * @param maxAnswers maximum answers per request
     * @param maxFrames maximum frames of a video, of which the model sees as many as it was trained with; 0 if nothing
     *     follows things through them, neither a segmenter nor the model
     */
    public Describe(DescribeAnything model, ModelNames names, PictureLoader pictures, int maxAnswers, int maxFrames) {
        this.model = model;
        this.names = names;
        this.features = new FeatureLoader(model, pictures);
        this.maxAnswers = maxAnswers;
        this.maxFrames = maxFrames;
    }

    /** @throws BusyException if the queue is full or the model is closing */
    public void requireRoom() {
        model.requireRoom();
    }

    /** Ends running requests when the grace time is over. */
    public void end() {
        inFlight.end();
    }

    /**
     * Starts all answers of a command, or none. Returns once every picture and mask is known to be valid.
     *
     * @throws ApiException naming the invalid field
     * @throws BusyException if the queue is full or the server is shutting down
     * @throws CancellationException if the calling thread is interrupted
     */
    public Ticket start(DescribeCommand command) {
        command.model().ifPresent(names::require);
        requireImageCount(command);
        requireAnswerCount(command);
        Manifest.Prompts prompts = model.manifest().prompts();
        Manifest.Mode mode =
                command.images().size() == 1 ? prompts.image() : prompts.video().orElse(prompts.image());
        List<String> questions =
                command.tasks().map(it -> it.questions(model.manifest(), mode)).orElse(List.of(command.question()));
        requireSegmenter(command);
        SamplingOptions sampling = sampling(command, 0);
        requireKnownTokens(sampling);
        requireFewLogprobs(command, sampling);
        try (var entry = inFlight.enter(Thread.currentThread()::interrupt)) {
            return begin(command, questions);
        } catch (RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                throw e;
            }
            throw inFlight.ended() ? BusyException.closing() : new CancellationException("The client disconnected");
        }
    }

    private Ticket begin(DescribeCommand command, List<String> questions) {
        var generations = new ArrayList<Generation>();
        List<ReturnedMask> masks;
        try (Reservation permits = model.reserve(command.choices())) {
            int frames = Math.min(command.images().size(), model.manifest().maxFrames());
            List<Prompt> prompts =
                    questions.stream().map(it -> model.prompt(frames, it)).toList();
            try (FeatureLoader.Loaded regions = features.load(command)) {
                for (PendingFeatures region : regions.features()) {
                    for (Prompt prompt : prompts) {
                        for (int i = 0; i < command.n(); i++) {
                            generations.add(permits.start(prompt, region, request(command, i)));
                        }
                    }
                }
                masks = command.returnMasks() && model.segments()
                        ? new PromptedRegions(model).masks(regions)
                        : regions.masks();
            }
        } catch (RuntimeException | Error e) {
            generations.forEach(Generation::cancel);
            throw e;
        }
        List<String> tasks = command.tasks().map(Tasks::names).orElse(List.of());
        return new Ticket(command.model().orElse(names.served()), command.n(), tasks, generations, masks, inFlight);
    }

    private DescriptionRequest request(DescribeCommand command, int index) {
        return new DescriptionRequest(
                command.question(), sampling(command, index), maxTokens(command), command.stop(), command.ignoreEos());
    }

    private int maxTokens(DescribeCommand command) {
        return command.maxTokens().orElse(model.manifest().sampling().maxTokens());
    }

    /**
     * The n answers to a region have different seeds, but all regions have the same ones: an answer must not depend on
     * the other regions.
     */
    private SamplingOptions sampling(DescribeCommand command, int index) {
        Manifest.Sampling defaults = model.manifest().sampling();
        var sampling = SamplingOptions.builder()
                .temperature(defaults.temperature())
                .topP(defaults.topP())
                .topK(defaults.topK())
                .repetitionPenalty(defaults.repetitionPenalty().orElse(1.0));
        command.sampling().accept(sampling);
        command.seed().ifPresent(it -> sampling.seed(it + index));
        return sampling.build();
    }

    /** Clicks need a segmenter, and so do things that are followed, unless the model finds regions itself. */
    private void requireSegmenter(DescribeCommand command) {
        if (model.segments()) {
            return;
        }
        for (List<MaskSource> region : command.regions()) {
            for (MaskSource source : region) {
                if (source instanceof FollowedRegion it && it.segmenter().isEmpty()) {
                    throw it.missing();
                }
            }
            for (MaskSource source : region) {
                if (source instanceof ClickedRegion it && it.segmenter().isEmpty()) {
                    throw ClickedRegion.withoutSegmenter(it.needed());
                }
            }
        }
    }

    private void requireImageCount(DescribeCommand command) {
        int count = command.images().size();
        int frames = model.manifest().maxFrames();
        if (count == 0) {
            throw ApiException.badRequest(
                    "messages",
                    "missing_image",
                    "Send a picture: an RGBA picture whose alpha is above 0 inside the region, any picture with regions,"
                            + " or any picture and @box(x0, y0, x1, y1) in the question");
        }
        boolean tracked = frames > 1 && count > frames && count <= maxFrames;
        if (count != 1 && count != frames && !tracked) {
            throw ApiException.badRequest(
                    "messages",
                    "wrong_picture_count",
                    "This model takes %s per request, not %d".formatted(pictureRule(frames), count));
        }
    }

    private String pictureRule(int frames) {
        if (frames == 1) {
            return "exactly 1 picture";
        }
        if (maxFrames > frames) {
            return "1 picture, or %d to %d frames of a video (--max-frames)".formatted(frames, maxFrames);
        }
        String more = maxFrames == 0 ? " (more with --segmenter BUNDLE, which follows things through them)" : "";
        return "1 picture, or " + frames + " frames of a video" + more;
    }

    private void requireAnswerCount(DescribeCommand command) {
        long most = Math.min(maxAnswers, model.stats().permits());
        if (command.choices() > most) {
            throw ApiException.badValue(
                    command.n() > 1 ? "n" : "regions",
                    "The request asks for %d answers, n for each region or task; this server accepts at most %d"
                            .formatted(command.choices(), most));
        }
    }

    /** An answer that is not streamed keeps its log-probabilities in memory until it is complete. */
    private void requireFewLogprobs(DescribeCommand command, SamplingOptions sampling) {
        if (sampling.topLogprobs().isEmpty()) {
            return;
        }
        int tokens = Math.min(maxTokens(command), model.context());
        long count = (long) command.choices() * tokens * (sampling.topLogprobs().getAsInt() + 1);
        if (count > MAX_LOGPROBS) {
            throw ApiException.badValue(
                    "top_logprobs",
                    "top_logprobs: this request may return %d log-probabilities; the limit is %d. Lower top_logprobs, or ask for fewer or shorter answers"
                            .formatted(count, MAX_LOGPROBS));
        }
    }

    private void requireKnownTokens(SamplingOptions sampling) {
        int known = model.manifest().decoder().vocabSize();
        for (int token : sampling.logitBias().keySet()) {
            if (token >= known) {
                throw ApiException.badValue(
                        "logit_bias",
                        "logit_bias: token id %d is out of range; this model has %d tokens".formatted(token, known));
            }
        }
    }
}
