package io.github.describeanything.bulk.step;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.endpoint.Reply;
import io.github.describeanything.bulk.job.Step;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Asks a language model to shorten a caption to a phrase and to a sentence. Thread-safe. */
public final class CondenseStep implements Step {
    /** What is asked unless another prompt is given. */
    public static final String PROMPT =
            "Here is a detailed description of one thing in a picture:\n\n{caption}\n\nShorten it twice, keeping to what it"
                    + " says: to a noun phrase of at most eight words, and to one sentence. Answer with JSON alone, in this"
                    + " form: {\"phrase\": \"...\", \"sentence\": \"...\"}";

    private static final int TRIES = 3;

    private final Endpoint endpoint;
    private final Question question;

    public CondenseStep(Endpoint endpoint, Question question) {
        this.endpoint = endpoint;
        this.question = question;
    }

    @Override
    public List<Result> run(PictureRows rows) throws EndpointException, InterruptedException {
        Row row = rows.rows().getFirst();
        String caption = row.fields().path("caption").asString("");
        if (caption.isBlank()) {
            return List.of(new Failed(row, new Problem("missing_caption", "The row has no caption"), false));
        }
        String text = question.prompt().replace("{caption}", caption);
        for (int attempt = 0; attempt < TRIES; attempt++) {
            // Another seed each time, or a model would write the same again.
            String seed = attempt == 0 ? row.key() : row.key() + "\n" + attempt;
            Reply reply = endpoint.ask(Endpoint.CHAT, question.body(seed, List.of(), text));
            if (!reply.answered()) {
                return List.of(new Failed(row, new Problem(reply.code(), reply.problem()), true));
            }
            Optional<ObjectNode> line = line(row, reply);
            if (line.isPresent()) {
                return List.of(new Finished(row, line.get()));
            }
        }
        var problem = new Problem("invalid_answer", "The model did not answer with a phrase and a sentence in JSON");
        return List.of(new Failed(row, problem, true));
    }

    private static Optional<ObjectNode> line(Row row, Reply reply) {
        String answer = reply.body()
                .path("choices")
                .path(0)
                .path("message")
                .path("content")
                .asString("");
        int start = answer.indexOf('{');
        int end = answer.lastIndexOf('}');
        if (start < 0 || end < start) {
            return Optional.empty();
        }
        JsonNode json;
        try {
            json = Lines.JSON.readTree(answer.substring(start, end + 1));
        } catch (JacksonException e) {
            return Optional.empty();
        }
        String phrase = json.path("phrase").asString("").strip();
        String sentence = json.path("sentence").asString("").strip();
        if (phrase.isEmpty() || sentence.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode line = row.fields().deepCopy();
        line.remove("error");
        line.put("phrase", phrase);
        line.put("sentence", sentence);
        line.set("condensed_by", reply.body().path("model"));
        return Optional.of(line);
    }

    @Override
    public int rowsAtOnce() {
        return 1;
    }

    @Override
    public ObjectNode line(Row row, Problem problem) {
        return LineForm.ROW.error(row, problem);
    }
}
