package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import java.util.Optional;

/**
 * A prompt as the mask graph reads it. Immutable: do not change the arrays.
 *
 * @param points x, y by turns, in pixels of the square picture that the encoder sees
 * @param labels 1 inside, 0 outside, 2 and 3 corners of a box, -1 none
 * @param earlier the logits of a mask
 */
record ModelPrompt(float[] points, long[] labels, Optional<MaskLogits> earlier) {
    private static final long TOP_LEFT = 2;
    private static final long BOTTOM_RIGHT = 3;
    private static final long NO_POINT = -1;

    /** Of a frame that is tracked: nothing marks the thing. */
    static final ModelPrompt NONE = new ModelPrompt(new float[4], new long[] {NO_POINT, NO_POINT}, Optional.empty());

    /** The corners of the box, then the points, then one of label -1; nothing where there is only an earlier mask. */
    static ModelPrompt of(SegmentPrompt prompt, int width, int height, Shape shape) {
        prompt.checkOn(width, height);
        int count = prompt.points().size() + (prompt.box().isPresent() ? 2 : 0);
        int length = count == 0 ? 0 : count + 1;
        var points = new float[2 * length];
        var labels = new long[length];
        int at = 0;
        if (prompt.box().isPresent()) {
            SegmentPrompt.Box box = prompt.box().get();
            labels[at] = TOP_LEFT;
            place(points, at++, box.x0(), box.y0(), width, height, shape);
            labels[at] = BOTTOM_RIGHT;
            place(points, at++, box.x1(), box.y1(), width, height, shape);
        }
        for (SegmentPrompt.Point point : prompt.points()) {
            labels[at] = point.inside() ? 1 : 0;
            place(points, at++, point.x(), point.y(), width, height, shape);
        }
        if (length > 0) {
            labels[at] = NO_POINT;
        }
        return new ModelPrompt(points, labels, prompt.earlier().map(MaskLogits::bounded));
    }

    /** The same without points. */
    static ModelPrompt of(MaskLogits mask) {
        return new ModelPrompt(NONE.points, NONE.labels, Optional.of(mask));
    }

    private static void place(float[] points, int at, double x, double y, int width, int height, Shape shape) {
        points[2 * at] = (float) x / width * shape.imageSize();
        points[2 * at + 1] = (float) y / height * shape.imageSize();
    }
}
