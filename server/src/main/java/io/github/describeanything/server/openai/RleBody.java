package io.github.describeanything.server.openai;

import io.github.describeanything.focal.region.RunLengths;
import java.util.List;

/** A mask as COCO's compressed run lengths. Immutable. @param size height, then width */
public record RleBody(List<Integer> size, String counts) {
    public static RleBody of(RunLengths mask) {
        return new RleBody(List.of(mask.height(), mask.width()), mask.compressed());
    }
}
