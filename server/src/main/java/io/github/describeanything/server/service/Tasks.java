package io.github.describeanything.server.service;

import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.server.errors.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Questions that a model was trained on, asked by name. Immutable.
 *
 * @param param the request's field: {@code task}, or {@code tasks} for a list
 * @param names the tasks, in the order of the answers
 * @param language of the questions
 */
public record Tasks(String param, List<String> names, String language) {
    public static final String LIST = "tasks";
    private static final String HISTORY = "{history}";

    public Tasks {
        names = List.copyOf(names);
    }

    /**
     * The question of each task, as asked about a picture or a clip.
     *
     * @param model its name, for errors
     * @throws ApiException if the model has no such task, or not in this language
     */
    List<String> questions(String model, Manifest.Mode mode) {
        return questions(model, mode, Optional.empty());
    }

    /** The same after a caption of what came before. */
    public List<String> questions(String model, Manifest.Mode mode, Optional<String> history) {
        Optional<Map<String, Map<String, String>>> known = mode.tasks();
        if (known.isEmpty()) {
            throw ApiException.badRequest(
                    param,
                    "unsupported_parameter",
                    "%s is not supported by %s, which was not trained on tasks: send the question as text"
                            .formatted(param, model));
        }
        var questions = new ArrayList<String>();
        for (String name : names) {
            Map<String, String> task = known.get().get(name);
            if (task == null) {
                String field = param.equals(LIST) ? LIST + "[" + questions.size() + "]" : param;
                throw ApiException.badValue(
                        field,
                        field + " must be one of "
                                + String.join(", ", new TreeSet<>(known.get().keySet())));
            }
            String question = task.get(language);
            if (question == null) {
                throw ApiException.badValue(
                        "language", "language must be one of " + String.join(", ", new TreeSet<>(task.keySet())));
            }
            questions.add(question.replace(HISTORY, history.orElseGet(() -> noHistory(mode))));
        }
        return questions;
    }

    private String noHistory(Manifest.Mode mode) {
        return mode.noHistory().map(it -> it.getOrDefault(language, "")).orElse("");
    }
}
