package io.github.describeanything.server.page;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.region.RunLengths;
import java.awt.Rectangle;
import tools.jackson.databind.JsonNode;

/** Marked pixels. */
record Shape(Mask mask, int width, int height) {
    static Shape of(JsonNode rle) {
        int height = rle.get("size").get(0).asInt();
        int width = rle.get("size").get(1).asInt();
        String counts = rle.get("counts").asString();
        return new Shape(RunLengths.ofString(height, width, counts).rasterise(width, height), width, height);
    }

    Rectangle bounds() {
        var box = new Rectangle(-1, -1);
        for (int i = 0; i < width * height; i++) {
            if (mask.get(i % width, i / width)) {
                box.add(new Rectangle(i % width, i / width, 1, 1));
            }
        }
        return box;
    }
}
