package io.github.describeanything.bulk.step;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.endpoint.Reply;
import io.github.describeanything.bulk.job.Step;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Sends the request of each OpenAI batch line. Thread-safe. */
public final class BatchStep implements Step {
    private static final Pattern PATH = Pattern.compile("/[\\w./-]+");

    private final Endpoint endpoint;
    private final Question question;

    /** @param question fills in what a line leaves open: model, temperature, top_p, max_tokens, seed */
    public BatchStep(Endpoint endpoint, Question question) {
        this.endpoint = endpoint;
        this.question = question;
    }

    @Override
    public List<Result> run(PictureRows rows) throws EndpointException, InterruptedException {
        List<Result> results = new ArrayList<>();
        for (Row row : rows.rows()) {
            JsonNode line = row.fields().path("line");
            String url = line.path("url").asString(Endpoint.CHAT);
            if (!PATH.matcher(url).matches()) {
                results.add(new Failed(
                        row, new Problem("invalid_value", "url must be a path, such as " + Endpoint.CHAT), false));
                continue;
            }
            Reply reply = endpoint.ask(url, body(row, line, url.equals(Endpoint.CHAT)));
            results.add(
                    reply.answered()
                            ? new Finished(row, LineForm.response(row, reply, reply.body()))
                            : new Failed(row, new Problem(reply.code(), reply.problem()), true));
        }
        return results;
    }

    private ObjectNode body(Row row, JsonNode line, boolean chat) {
        ObjectNode body = line.path("body").asObject();
        body.remove("stream");
        if (!body.has("model")) {
            question.model().ifPresent(it -> body.put("model", it));
        }
        if (!body.has("temperature")) {
            question.temperature().ifPresent(it -> body.put("temperature", it));
        }
        if (!body.has("top_p")) {
            question.topP().ifPresent(it -> body.put("top_p", it));
        }
        if (chat && !body.has("max_tokens") && !body.has("max_completion_tokens")) {
            question.maxTokens().ifPresent(it -> body.put("max_tokens", it));
        }
        if (!body.has("seed")) {
            body.put("seed", question.seedOf(row.key()));
        }
        return body;
    }

    @Override
    public int rowsAtOnce() {
        return 1;
    }

    @Override
    public ObjectNode line(Row row, Problem problem) {
        return LineForm.OPENAI.error(row, problem);
    }
}
