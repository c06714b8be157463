package io.github.describeanything.model.segment;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Removes small pieces of a mask that lie apart, as {@code max_sprinkle_area} of the published image predictor does. Unlike
 * there, a piece with a point inside stays, and the largest does if no other would. Stateless.
 */
final class SprinkleRemover {
    /** What the published code sets the logits of such pieces to. */
    private static final float OUTSIDE = -10;

    private SprinkleRemover() {}

    /**
     * @param mostCells pieces of up to this many logits are removed; 0 removes none
     * @param points of the prompt, in pixels of the picture
     * @param size of the picture
     */
    static MaskLogits remove(MaskLogits logits, int mostCells, List<SegmentPrompt.Point> points, PictureSize size) {
        if (mostCells == 0) {
            return logits;
        }
        int side = logits.side();
        var inside = new BitSet(side * side);
        for (int i = 0; i < side * side; i++) {
            inside.set(i, logits.values()[i] > 0);
        }
        List<int[]> pieces = MaskPieces.of(inside, side);
        BitSet marked = cells(points, side, size);
        List<int[]> large = pieces.stream()
                .filter(it -> it.length > mostCells || IntStream.of(it).anyMatch(marked::get))
                .toList();
        List<int[]> kept = large.isEmpty()
                ? pieces.stream().max(Comparator.comparingInt(it -> it.length)).stream()
                        .toList()
                : large;
        float[] values = logits.values().clone();
        pieces.stream()
                .filter(it -> !kept.contains(it))
                .flatMapToInt(IntStream::of)
                .forEach(it -> values[it] = OUTSIDE);
        return new MaskLogits(side, values);
    }

    /** The cells of the map in which the points inside the thing lie. */
    private static BitSet cells(List<SegmentPrompt.Point> points, int side, PictureSize size) {
        var cells = new BitSet(side * side);
        for (SegmentPrompt.Point point : points) {
            int x = (int) Math.floor(point.x() / size.width() * side);
            int y = (int) Math.floor(point.y() / size.height() * side);
            if (point.inside() && x >= 0 && x < side && y >= 0 && y < side) {
                cells.set(y * side + x);
            }
        }
        return cells;
    }
}
