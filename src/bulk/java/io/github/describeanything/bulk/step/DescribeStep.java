package io.github.describeanything.bulk.step;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.endpoint.Reply;
import io.github.describeanything.bulk.job.Step;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.PictureFile;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Describes the regions on a picture, all in one request. Thread-safe.
 *
 * <p>A region that the model refuses becomes an error row, and the others are asked for without it. Refusals are cheap: they
 * come before anything is encoded.
 */
public final class DescribeStep implements Step {
    private static final int REGIONS_A_REQUEST = 64;
    private static final int NOT_FOUND = 404;
    private static final Pattern REGION = Pattern.compile("regions\\[(\\d{1,4})\\].*");
    private static final String CATEGORY = "{category}";
    private static final String NO_MASK = "missing_mask";
    /** The server's own message names its options and what a request may have. */
    private static final String NO_REGION =
            "The picture has no mask in alpha, and the row no region, such as {\"box\": [x0, y0, x1, y1]} or {\"whole\": true}";
    /** Fields that the command line sets: a refusal of one is the answer to every request. */
    private static final Set<String> OF_EVERY_REQUEST = Set.of("model", "temperature", "top_p", "max_tokens");

    private final Endpoint endpoint;
    private final Question question;
    private final Path masks;
    private final LineForm form;

    /** @param masks where mask files lie that rows name */
    public DescribeStep(Endpoint endpoint, Question question, Path masks, LineForm form) {
        this.endpoint = endpoint;
        this.question = question;
        this.masks = masks;
        this.form = form;
    }

    @Override
    public List<Result> run(PictureRows rows) throws EndpointException, InterruptedException {
        List<Result> results = new ArrayList<>();
        byte[] bytes;
        try {
            bytes = rows.source().read();
        } catch (IOException e) {
            return failed(rows.rows(), "missing_image", String.valueOf(e.getMessage()));
        }
        if (bytes.length == 0) {
            return failed(rows.rows(), "invalid_image", "The picture's file is empty");
        }
        String picture = Question.dataUrl(bytes);
        List<Row> named = new ArrayList<>();
        List<ObjectNode> regions = new ArrayList<>();
        for (Row row : rows.rows()) {
            try {
                if (row.region().isPresent()) {
                    regions.add(inline(row.region().get()));
                    named.add(row);
                } else {
                    // The region is the picture's alpha: a request of its own.
                    describe(rows.picture(), picture, new ArrayList<>(List.of(row)), List.of(), results);
                }
            } catch (IOException e) {
                results.add(new Failed(row, new Problem("missing_mask", String.valueOf(e.getMessage())), false));
            }
        }
        describe(rows.picture(), picture, named, regions, results);
        Map<String, Integer> places = new HashMap<>();
        rows.rows().forEach(it -> places.put(it.key(), places.size()));
        results.sort(Comparator.comparingInt(it -> places.getOrDefault(it.row().key(), 0)));
        return results;
    }

    private static List<Result> failed(List<Row> rows, String code, String message) {
        var problem = new Problem(code, message);
        return rows.stream().<Result>map(it -> new Failed(it, problem, false)).toList();
    }

    private void describe(String name, String picture, List<Row> left, List<ObjectNode> regions, List<Result> results)
            throws EndpointException, InterruptedException {
        while (!left.isEmpty()) {
            Reply reply = ask(name, picture, left, regions);
            if (reply.answered()) {
                results.addAll(answers(left, reply));
                return;
            }
            var problem = new Problem(reply.code(), reply.code().equals(NO_MASK) ? NO_REGION : reply.problem());
            Optional<Integer> refused = refused(reply, regions.size());
            if (refused.isEmpty()) {
                left.forEach(it -> results.add(new Failed(it, problem, true)));
                return;
            }
            int index = refused.get();
            results.add(new Failed(left.remove(index), withoutIndex(problem, index), true));
            regions.remove(index);
        }
    }

    private Reply ask(String name, String picture, List<Row> rows, List<ObjectNode> regions)
            throws EndpointException, InterruptedException {
        ObjectNode body = question.body(name, List.of(picture), prompt(rows.getFirst()));
        if (!regions.isEmpty()) {
            ArrayNode entries = body.putArray("regions");
            regions.forEach(entries::add);
        }
        Reply reply = endpoint.ask(Endpoint.CHAT, body);
        if (reply.status() == NOT_FOUND || OF_EVERY_REQUEST.contains(reply.error("param"))) {
            throw EndpointException.hopeless(reply.code(), reply.problem());
        }
        return reply;
    }

    private String prompt(Row row) {
        String category = row.fields().path("category").asString("region");
        return question.prompt().replace(CATEGORY, category.replace('_', ' '));
    }

    /** A mask file becomes a data URL; everything else is sent as it is. */
    private ObjectNode inline(ObjectNode region) throws IOException {
        String mask = region.path("mask").asString("");
        if (mask.isEmpty() || mask.startsWith("data:")) {
            return region;
        }
        return Lines.object().put("mask", Question.dataUrl(PictureFile.read(masks, mask)));
    }

    /** Which region a refusal is about. */
    private static Optional<Integer> refused(Reply reply, int regions) {
        Matcher param = REGION.matcher(reply.error("param"));
        return param.matches()
                ? Optional.of(Integer.valueOf(param.group(1))).filter(it -> it < regions)
                : Optional.empty();
    }

    /** The place in the request says nothing to those who read the row. */
    private static Problem withoutIndex(Problem problem, int index) {
        return new Problem(problem.code(), problem.message().replace("regions[" + index + "].", ""));
    }

    private List<Result> answers(List<Row> rows, Reply reply) throws EndpointException {
        JsonNode choices = reply.body().path("choices");
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            JsonNode choice = choices.path(i);
            if (choices.size() != rows.size()
                    || choice.path("index").asInt(i) != i
                    || !choice.path("message").path("content").isString()) {
                throw EndpointException.failed(
                        "invalid_response",
                        "The server answered with %d choices, not with a text for each of %d regions: does it know regions?"
                                .formatted(choices.size(), rows.size()));
            }
            Row row = rows.get(i);
            results.add(new Finished(row, form.answer(row, prompt(row), choice, reply, tokens(reply, i))));
        }
        return results;
    }

    /** Servers say how many tokens all answers have together. */
    private static int tokens(Reply reply, int choice) {
        if (!reply.tokens().isEmpty()) {
            return reply.tokens().get(choice);
        }
        return reply.body().path("choices").size() == 1
                ? reply.body().path("usage").path("completion_tokens").asInt(-1)
                : -1;
    }

    /** Rows whose prompts differ cannot share a request. */
    @Override
    public int rowsAtOnce() {
        return question.prompt().contains(CATEGORY) ? 1 : REGIONS_A_REQUEST;
    }

    @Override
    public ObjectNode line(Row row, Problem problem) {
        return form.error(row, problem);
    }
}
