package io.github.describeanything.model.segment;

import java.util.List;

/** The answer to a prompt. Immutable. @param candidates one or three, the best score first */
public record Segmentation(List<MaskCandidate> candidates) {
    public Segmentation {
        candidates = List.copyOf(candidates);
    }

    /** The candidate with the best score. */
    public MaskCandidate best() {
        return candidates.getFirst();
    }
}
