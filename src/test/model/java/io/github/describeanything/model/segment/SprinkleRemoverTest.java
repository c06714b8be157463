package io.github.describeanything.model.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SprinkleRemoverTest {
    private static final int SIDE = 8;
    private static final PictureSize PICTURE = new PictureSize(80, 160);

    /** A piece of nine cells, one of three that touch at corners, and one of one. */
    private static final String PIECES = """
            ###....#
            ###.....
            ###.....
            ........
            ........
            .....#..
            ......#.
            .......#
            """;

    private static MaskLogits logits(String rows) {
        String cells = rows.replace("\n", "");
        var values = new float[SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = cells.charAt(i) == '#' ? 2 : -1;
        }
        return new MaskLogits(SIDE, values);
    }

    private static String inside(MaskLogits logits) {
        var rows = new StringBuilder();
        for (int i = 0; i < SIDE * SIDE; i++) {
            rows.append(logits.values()[i] > 0 ? '#' : '.').append(i % SIDE == SIDE - 1 ? "\n" : "");
        }
        return rows.toString();
    }

    private static String removed(String rows, int mostCells, SegmentPrompt.Point... points) {
        return inside(SprinkleRemover.remove(logits(rows), mostCells, List.of(points), PICTURE));
    }

    /** In the middle of a cell, in pixels of the picture. */
    private static SegmentPrompt.Point at(int column, int row, boolean inside) {
        return new SegmentPrompt.Point(10 * column + 5, 20 * row + 10, inside);
    }

    @Test
    void piecesOfUpToSoManyCellsGo() {
        assertThat(removed(PIECES, 1)).isEqualTo(PIECES.replace("###....#", "###....."));
        assertThat(removed(PIECES, 2)).isEqualTo(removed(PIECES, 1));
        assertThat(removed(PIECES, 3)).isEqualTo("###.....\n".repeat(3) + "........\n".repeat(5));
    }

    @Test
    void noneGoUnlessTheBundleSaysSo() {
        MaskLogits logits = logits(PIECES);
        assertThat(SprinkleRemover.remove(logits, 0, List.of(), PICTURE)).isSameAs(logits);
    }

    @Test
    void aPieceThatWasClickedOnStays() {
        assertThat(removed(PIECES, 3, at(7, 0, true)))
                .isEqualTo("###....#\n###.....\n###.....\n" + "........\n".repeat(5));
        assertThat(removed(PIECES, 20, at(6, 6, true)))
                .isEqualTo("........\n".repeat(5) + ".....#..\n......#.\n.......#\n");
    }

    @Test
    void pointsOutsideTheThingOrThePictureKeepNone() {
        String largest = "###.....\n".repeat(3) + "........\n".repeat(5);
        assertThat(removed(PIECES, 3, at(7, 0, false))).isEqualTo(largest);
        assertThat(removed(PIECES, 3, at(8, 0, true), at(-1, 7, true), at(1 << 28, 1 << 28, true)))
                .isEqualTo(largest);
    }

    @Test
    void theLargestPieceStaysIfAllAreSmall() {
        assertThat(removed(PIECES, 64)).isEqualTo("###.....\n".repeat(3) + "........\n".repeat(5));
    }

    @Test
    void anEmptyMaskStaysEmpty() {
        String empty = "........\n".repeat(8);
        assertThat(removed(empty, 64, at(1, 1, true))).isEqualTo(empty);
    }

    @Test
    void otherLogitsStayAsTheyWere() {
        MaskLogits logits = logits(PIECES);
        float[] values = SprinkleRemover.remove(logits, 3, List.of(), PICTURE).values();
        assertThat(values[0]).isEqualTo(2);
        assertThat(values[SIDE + 4]).isEqualTo(-1);
        assertThat(values[7]).isEqualTo(-10);
        assertThat(logits.values()[7]).as("of the model").isEqualTo(2);
    }
}
