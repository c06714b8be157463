package io.github.describeanything.bulk.step;

import io.github.describeanything.bulk.endpoint.Reply;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How lines are written. */
public enum LineForm {
    /** The row with what became of it: {@code caption} and more, or {@code error}. */
    ROW("id") {
        @Override
        ObjectNode answer(Row row, String prompt, JsonNode choice, Reply reply, int tokens) {
            ObjectNode line = row.fields().deepCopy();
            // Of an earlier run, where its output is this one's input.
            line.remove(List.of("error", "prompt", "tokens"));
            line.put("caption", choice.path("message").path("content").asString(""));
            line.set("model", reply.body().path("model"));
            if (!prompt.isEmpty()) {
                line.put("prompt", prompt);
            }
            line.set("finish_reason", choice.path("finish_reason"));
            if (tokens >= 0) {
                line.put("tokens", tokens);
            }
            return line;
        }

        @Override
        ObjectNode error(Row row, Problem problem) {
            ObjectNode line = row.fields().deepCopy();
            line.remove("line");
            ObjectNode error = line.putObject("error");
            error.put("code", problem.code());
            error.put("message", problem.message());
            return line;
        }
    },

    /** A line of an OpenAI batch output. */
    OPENAI("custom_id") {
        @Override
        ObjectNode answer(Row row, String prompt, JsonNode choice, Reply reply, int tokens) {
            ObjectNode body = Lines.object();
            for (String name : new String[] {"id", "object", "created", "model"}) {
                body.set(name, reply.body().path(name));
            }
            ObjectNode alone = choice.deepCopy().asObject();
            alone.put("index", 0);
            body.putArray("choices").add(alone);
            return response(row, reply, body);
        }

        @Override
        ObjectNode error(Row row, Problem problem) {
            ObjectNode line = line(row);
            line.putNull("response");
            ObjectNode error = line.putObject("error");
            error.put("code", problem.code());
            error.put("message", problem.message());
            return line;
        }
    };

    private final String idField;

    LineForm(String idField) {
        this.idField = idField;
    }

    /** The field that holds the row's id. */
    public String idField() {
        return idField;
    }

    /**
     * A finished row.
     *
     * @param tokens of the answer; below 0 if unknown
     */
    abstract ObjectNode answer(Row row, String prompt, JsonNode choice, Reply reply, int tokens);

    /** An error row. */
    abstract ObjectNode error(Row row, Problem problem);

    /** A line of an OpenAI batch output with a response. */
    static ObjectNode response(Row row, Reply reply, JsonNode body) {
        ObjectNode line = line(row);
        ObjectNode response = line.putObject("response");
        response.put("status_code", reply.status());
        response.put("request_id", reply.requestId());
        response.set("body", body);
        line.putNull("error");
        return line;
    }

    private static ObjectNode line(Row row) {
        ObjectNode line = Lines.object();
        line.put("id", "batch_req_" + UUID.randomUUID().toString().replace("-", ""));
        line.put("custom_id", row.key());
        return line;
    }
}
