package io.github.describeanything.bulk.endpoint;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.server.Limits;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.errors.ErrorBody;
import io.github.describeanything.server.errors.ErrorMapper;
import io.github.describeanything.server.http.Json;
import io.github.describeanything.server.openai.CommandReader;
import io.github.describeanything.server.openai.RegionsReader;
import io.github.describeanything.server.openai.WireRequest;
import io.github.describeanything.server.openai.WireWriter;
import io.github.describeanything.server.openai.chat.ChatReader;
import io.github.describeanything.server.pictures.PictureLoader;
import io.github.describeanything.server.pictures.RemotePictures;
import io.github.describeanything.server.service.AnswerSink;
import io.github.describeanything.server.service.Describe;
import io.github.describeanything.server.service.MissingMask;
import io.github.describeanything.server.service.NamedModel;
import io.github.describeanything.server.service.Ticket;
import io.github.describeanything.server.video.VideoOptions;
import io.github.describeanything.server.video.Videos;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model in this process, asked in the API's words but without HTTP: the same requests get the same answers and errors as
 * from a server. Thread-safe.
 */
public final class LocalModel implements Endpoint {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final DescribeAnything model;
    private final Describe describe;
    private final ChatReader reader;
    private final Retries retries;

    /**
     * @param model stays the caller's
     * @param limits of pictures and mask files
     */
    public LocalModel(DescribeAnything model, Retries retries, PictureLimits limits) {
        this.model = model;
        this.retries = retries;
        var pictures = new PictureLoader(new PictureReader(limits), RemotePictures.none());
        int answers = Limits.DEFAULT.answers();
        var videos = new Videos(VideoOptions.DEFAULT, Limits.DEFAULT.frames(), limits);
        describe =
                new Describe(List.of(NamedModel.of(model)), pictures, videos, answers, Limits.DEFAULT.frames(), false);
        var regions = new RegionsReader(Limits.DEFAULT.regions(), pictures.reader(), Optional.empty());
        reader = new ChatReader(answers, new CommandReader(regions, MissingMask.REFUSE), false);
    }

    @Override
    public Reply ask(String path, ObjectNode body) throws EndpointException, InterruptedException {
        return retries.ask(this::send, path, body);
    }

    private Reply send(String path, ObjectNode body) throws IOException, InterruptedException {
        try {
            if (!path.equals(CHAT)) {
                throw ApiException.badRequest("url", "invalid_value", "url must be " + CHAT);
            }
            WireRequest request = reader.read(body);
            try (Ticket ticket = describe.start(request.command())) {
                WireWriter.Whole answer = request.writer().whole(ticket);
                var counted = new Counted(answer, ticket.choices());
                ticket.deliver(counted, PATIENCE);
                return reply(200, answer.body(), Optional.empty(), counted.tokens());
            }
        } catch (RuntimeException e) {
            ApiException error = ErrorMapper.map(e);
            return reply(error.status(), ErrorBody.of(error), error.retryAfter(), List.of());
        }
    }

    private static Reply reply(int status, Object body, Optional<Duration> retryAfter, List<Integer> tokens) {
        return new Reply(status, Json.MAPPER.<JsonNode>valueToTree(body), "", retryAfter, tokens);
    }

    /** Passes events on and notes how many tokens each choice had. Used by one thread. */
    private static final class Counted implements AnswerSink {
        private final AnswerSink sink;
        private final Integer[] tokens;

        Counted(AnswerSink sink, int choices) {
            this.sink = sink;
            this.tokens = new Integer[choices];
            Arrays.fill(tokens, 0);
        }

        @Override
        public void delta(int choice, GenerationEvent.Delta delta) throws IOException {
            sink.delta(choice, delta);
        }

        @Override
        public void finished(int choice, GenerationEvent.Finished end) throws IOException {
            tokens[choice] = end.usage().completionTokens();
            sink.finished(choice, end);
        }

        List<Integer> tokens() {
            return List.of(tokens);
        }
    }

    /** As many as it admits: the queue is what batches of regions are made of. */
    @Override
    public int inFlight() {
        return Math.toIntExact(model.stats().permits());
    }

    @Override
    public String model() {
        return model.manifest().name();
    }

    /** Leaves the model open. */
    @Override
    public void close() {}
}
