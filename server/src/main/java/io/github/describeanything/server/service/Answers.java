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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Starts the answers of one model. Thread-safe.
 *
 * <p>The order matters: cheap checks come first, then permits are reserved, then pictures are fetched and decoded, and
 * only then does the model start.
 */
final class Answers {
    private static final int MAX_LOGPROBS = 250_000;

    private final String name;
    private final DescribeAnything model;
    private final FeatureLoader features;
    private final int maxAnswers;
    private final int maxFrames;
    private final InFlight inFlight;

    /**
     * @param maxAnswers maximum answers per request
     * @param maxFrames maximum frames of a video, of which the model sees as many as it was trained with; 0 if nothing
     *     follows things through them, neither a segmenter nor the model
     */
    Answers(NamedModel model, Clips clips, int maxAnswers, int maxFrames, InFlight inFlight) {
        this.name = model.name();
        this.model = model.model();
        this.features = new FeatureLoader(this.model, clips);
        this.maxAnswers = maxAnswers;
        this.maxFrames = maxFrames;
        this.inFlight = inFlight;
    }

    /** @throws BusyException if the queue is full or the model admits nothing */
    void requireRoom() {
        model.requireRoom();
    }

    Manifest manifest() {
        return model.manifest();
    }

    /** As {@link Describe#start}, for a command that asks for this model. */
    Ticket start(DescribeCommand command) {
        requireImageCount(command);
        requireAnswerCount(command);
        List<String> questions = questions(command);
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

    private List<String> questions(DescribeCommand command) {
        Manifest.Prompts prompts = model.manifest().prompts();
        Manifest.Mode mode = single(command) ? prompts.image() : prompts.video().orElse(prompts.image());
        return command.tasks().map(it -> it.questions(name, mode)).orElse(List.of(command.question()));
    }

    private static boolean single(DescribeCommand command) {
        return command.source() instanceof DescribeCommand.Pictures it
                && it.images().size() == 1;
    }

    private Ticket begin(DescribeCommand command, List<String> questions) {
        var generations = new ArrayList<Generation>();
        List<ReturnedMask> masks;
        try (Reservation permits = model.reserve(command.choices())) {
            int frames = single(command) ? 1 : model.manifest().maxFrames();
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
        return new Ticket(command.model().orElse(name), command.n(), tasks, generations, masks, inFlight);
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

    private void requireImageCount(DescribeCommand command) {
        int frames = model.manifest().maxFrames();
        int count = switch (command.source()) {
            case DescribeCommand.Pictures it -> it.images().size();
            case DescribeCommand.VideoFile it
            when frames == 1 ->
                throw ApiException.badRequest(
                        it.file().param(),
                        "wrong_picture_count",
                        "This model takes 1 picture per request, not a video");
            case DescribeCommand.VideoFile ignored -> frames;
        };
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
            String param = command.n() > 1 ? "n" : command.regions().count() > 1 ? "regions" : Tasks.LIST;
            throw ApiException.badValue(
                    param,
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
