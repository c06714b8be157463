package io.github.describeanything.server.service;

import io.github.describeanything.model.api.BusyException;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.PictureLoader;
import io.github.describeanything.server.video.Videos;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** Starts the answers to a command with the model that it names. Thread-safe. The models never call back into the server. */
public final class Describe {
    private final ModelNames names;
    private final Map<String, Answers> answers = new LinkedHashMap<>();
    private final InFlight inFlight = new InFlight();

    /**
     * @param models the first is the default
     * @param maxAnswers maximum answers per request
     * @param maxFrames maximum frames of a video that is tracked, of which a model sees as many as it was trained with
     * @param segmenter whether there is one, which follows things through videos for models that don't themselves
     */
    public Describe(
            List<NamedModel> models,
            PictureLoader pictures,
            Videos videos,
            int maxAnswers,
            int maxFrames,
            boolean segmenter) {
        this.names = new ModelNames(models.stream().map(NamedModel::name).toList());
        for (NamedModel it : models) {
            int least = it.model().segments() ? it.model().manifest().maxFrames() : 1;
            var clips = new Clips(it.model(), pictures, videos, least);
            int tracked = segmenter || it.model().segments() ? maxFrames : 0;
            answers.put(it.name(), new Answers(it, clips, maxAnswers, tracked, inFlight));
        }
    }

    /** The names of the models. */
    public ModelNames names() {
        return names;
    }

    /** @throws BusyException if no model has room for a request */
    public void requireRoom() {
        BusyException refusal = BusyException.broken();
        for (Answers model : answers.values()) {
            try {
                model.requireRoom();
                return;
            } catch (BusyException e) {
                refusal = refusal.reason() == BusyException.Reason.QUEUE_FULL ? refusal : e;
            }
        }
        throw refusal;
    }

    /** Ends running requests when the grace time is over. */
    public void end() {
        inFlight.end();
    }

    /** What a model can do. @param model its own name */
    public Manifest manifest(String model) {
        return Objects.requireNonNull(answers.get(model)).manifest();
    }

    /** The own name of the model that a command asks for. @throws ApiException 404 if there is none */
    public String model(DescribeCommand command) {
        return model(command.model());
    }

    /** The own name of a model. @param name empty for the default @throws ApiException 404 if there is none */
    public String model(Optional<String> name) {
        return name.map(names::model).orElse(names.models().getFirst());
    }

    /**
     * Starts all answers of a command, or none. Returns once every picture and mask is known to be valid.
     *
     * @throws ApiException naming the invalid field
     * @throws BusyException if the model's queue is full, it failed for good, or the server is shutting down
     * @throws CancellationException if the calling thread is interrupted
     */
    public Ticket start(DescribeCommand command) {
        return Objects.requireNonNull(answers.get(model(command))).start(command);
    }
}
