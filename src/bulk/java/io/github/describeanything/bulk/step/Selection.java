package io.github.describeanything.bulk.step;

import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Which rows of a picture are kept, by scores that came with them. Immutable.
 *
 * @param least the lowest value of a field
 * @param perPicture how many rows a picture may keep, the best first
 * @param rank the field that says which rows are best; without one the first rows are
 * @param distinct a field whose value only one kept row of a picture may have, such as {@code category}
 */
public record Selection(Map<String, Double> least, int perPicture, Optional<String> rank, Optional<String> distinct) {
    public Selection {
        least = Map.copyOf(least);
    }

    /** Why each row is dropped, in the rows' order; empty where it is kept. */
    public List<Optional<String>> reasons(List<Row> rows) {
        Map<Row, Optional<String>> reasons = new HashMap<>();
        List<Row> left = new ArrayList<>();
        for (Row row : rows) {
            Optional<String> reason = row.problem().map(Problem::message).or(() -> tooLow(row));
            reasons.put(row, reason);
            if (reason.isEmpty()) {
                left.add(row);
            }
        }
        // A stable sort: rows of the same rank stay in their order.
        rank.ifPresent(field -> left.sort(
                Comparator.comparingDouble((Row it) -> it.fields().path(field).asDouble(Double.NEGATIVE_INFINITY))
                        .reversed()));
        Set<String> values = new HashSet<>();
        int kept = 0;
        for (Row row : left) {
            Optional<String> value = distinct.map(it -> row.fields().path(it).asString(""));
            if (value.isPresent() && values.contains(value.get())) {
                reasons.put(row, Optional.of("a better row has the same " + distinct.get()));
            } else if (kept == perPicture) {
                reasons.put(row, Optional.of(perPicture + " better rows on the picture"));
            } else {
                value.ifPresent(values::add);
                kept++;
            }
        }
        return rows.stream().map(reasons::get).collect(Collectors.toList());
    }

    private Optional<String> tooLow(Row row) {
        return new TreeMap<>(least)
                .entrySet().stream()
                        .filter(it -> !(row.fields().path(it.getKey()).asDouble(Double.NaN) >= it.getValue()))
                        .findFirst()
                        .map(it -> reason(row.fields().path(it.getKey()), it.getKey(), it.getValue()));
    }

    private static String reason(JsonNode score, String field, double least) {
        return score.isNumber() ? field + " " + score.asDouble() + " < " + least : "no " + field;
    }
}
