package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.Row;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The region of an annotation, in the form of the API's {@code regions}. Stateless. */
final class Regions {
    private static final List<String> GEOMETRY = List.of("region", "segmentation", "mask_rle", "bbox");

    /** What becomes the row's region, id and picture; everything else is carried along. */
    private static final Set<String> READ =
            Set.of("id", "image", "file_name", "region", "segmentation", "mask_rle", "annotations");

    private Regions() {}

    /**
     * A row of an annotation: {@code region}, {@code segmentation} or {@code mask_rle}, else {@code bbox}; an error row if it
     * has none.
     *
     * @param extra further fields, before the annotation's own
     */
    static Row row(JsonNode id, String image, Map<String, String> extra, JsonNode annotation) {
        ObjectNode fields = Lines.object();
        fields.set("id", id);
        fields.put("image", image);
        Optional<ObjectNode> region = of(annotation);
        region.ifPresent(it -> fields.set("region", it));
        extra.forEach(fields::put);
        for (Map.Entry<String, JsonNode> field : annotation.properties()) {
            if (!READ.contains(field.getKey())) {
                fields.set(field.getKey(), field.getValue());
            }
        }
        return region.isPresent()
                ? Row.of(fields)
                : Row.broken(
                        fields, "missing_region", "The row has no segmentation and no bbox of x, y, width, height");
    }

    /** Whether an annotation says anything about a region. Without, it is the picture's alpha. */
    static boolean names(JsonNode annotation) {
        return GEOMETRY.stream().anyMatch(annotation::has);
    }

    private static Optional<ObjectNode> of(JsonNode annotation) {
        if (annotation.path("region") instanceof ObjectNode region && !region.isEmpty()) {
            return Optional.of(region);
        }
        for (String name : List.of("segmentation", "mask_rle")) {
            JsonNode mask = annotation.path(name);
            if (mask.has("size") && mask.has("counts")) {
                return Optional.of(form("rle", mask));
            }
            // [] and [[]] say nothing.
            if (mask.isArray() && mask.valueStream().anyMatch(it -> !it.isArray() || !it.isEmpty())) {
                return Optional.of(form(
                        "polygon",
                        mask.get(0).isArray()
                                ? mask
                                : Lines.JSON.createArrayNode().add(mask)));
            }
        }
        return box(annotation.path("bbox"));
    }

    /** COCO's box, x, y, width and height, as corners. */
    private static Optional<ObjectNode> box(JsonNode box) {
        if (box.size() != 4 || !box.valueStream().allMatch(JsonNode::isNumber)) {
            return Optional.empty();
        }
        double x = box.get(0).asDouble();
        double y = box.get(1).asDouble();
        ArrayNode corners = Lines.JSON.createArrayNode();
        corners.add(x).add(y).add(x + box.get(2).asDouble()).add(y + box.get(3).asDouble());
        return Optional.of(form("box", corners));
    }

    private static ObjectNode form(String form, JsonNode value) {
        ObjectNode region = Lines.object();
        region.set(form, value);
        return region;
    }
}
