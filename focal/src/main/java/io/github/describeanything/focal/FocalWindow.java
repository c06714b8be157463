package io.github.describeanything.focal;

/**
 * The part of a picture around a mask that the model sees enlarged: rows {@code [top, bottom)}, columns
 * {@code [left, right)}; immutable and thread-safe.
 *
 * <p>The paper calls it the focal crop ("Describe Anything", section 3.2). Where its words and the published code
 * differ, this follows the code, since the published weights were trained with that.
 */
public record FocalWindow(int top, int left, int bottom, int right) {
    /** Smaller boxes count as this many pixels wide and high before they are expanded. */
    private static final double MIN_SIDE = 48;

    public FocalWindow {
        if (top < 0 || left < 0 || bottom <= top || right <= left) {
            throw new IllegalArgumentException(
                    "Not a window: rows " + top + " to " + bottom + ", columns " + left + " to " + right);
        }
    }

    /**
     * The window around a box: three times as wide and high, with the same centre, clipped to the picture. Clipping
     * shortens the window and never shifts it.
     */
    public static FocalWindow around(MaskBox box, int pictureWidth, int pictureHeight) {
        if (box.x() + box.width() > pictureWidth || box.y() + box.height() > pictureHeight) {
            throw new IllegalArgumentException(
                    box + " reaches outside a picture of " + pictureWidth + " x " + pictureHeight);
        }
        double w = Math.max(box.width(), MIN_SIDE);
        double h = Math.max(box.height(), MIN_SIDE);
        // Casts truncate like Python's int(), which differs from floor where the start is negative.
        int x = (int) (box.x() + box.width() / 2.0 - w / 2);
        int y = (int) (box.y() + box.height() / 2.0 - h / 2);
        return new FocalWindow(
                (int) Math.max(y - h, 0), (int) Math.max(x - w, 0), (int) Math.min(y + 2 * h, pictureHeight), (int)
                        Math.min(x + 2 * w, pictureWidth));
    }

    public int width() {
        return right - left;
    }

    public int height() {
        return bottom - top;
    }
}
