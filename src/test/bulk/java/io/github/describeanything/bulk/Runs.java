package io.github.describeanything.bulk;

/** Run lengths in COCO's compressed form, computed without the code under test. */
final class Runs {
    private Runs() {}

    /** Of a rectangle in a drawn picture. */
    static String compressed(DrawnDataset.Rectangle it) {
        int inside = it.y1() - it.y0();
        int between = DrawnDataset.HEIGHT - inside;
        int columns = it.x1() - it.x0();
        int last = (DrawnDataset.WIDTH - it.x1()) * DrawnDataset.HEIGHT + DrawnDataset.HEIGHT - it.y1();
        var text = new StringBuilder();
        append(text, it.x0() * DrawnDataset.HEIGHT + it.y0());
        append(text, inside);
        for (int column = 1; column < columns; column++) {
            append(text, column == 1 ? between : 0);
            append(text, 0);
        }
        append(text, columns == 1 ? last : last - between);
        return text.toString();
    }

    private static void append(StringBuilder text, int number) {
        int rest = number;
        while (rest > 15 || rest < -16) {
            text.append((char) ('0' + (rest & 31 | 32)));
            rest >>= 5;
        }
        text.append((char) ('0' + (rest & 31)));
    }
}
