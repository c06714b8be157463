package io.github.describeanything.model.segment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Finds the pieces of a square map: cells that touch each other, at corners too. Stateless. */
final class MaskPieces {
    private MaskPieces() {}

    /**
     * @param cells the set cells of a map, row by row; empty afterwards
     * @param side of the map
     * @return the cells of each piece
     */
    static List<int[]> of(BitSet cells, int side) {
        var pieces = new ArrayList<int[]>();
        var piece = new int[cells.cardinality()];
        for (int first = cells.nextSetBit(0); first >= 0; first = cells.nextSetBit(first)) {
            pieces.add(Arrays.copyOf(piece, take(cells, side, first, piece)));
        }
        return pieces;
    }

    /** Takes a cell and all that it touches out of {@code cells} into {@code piece}. @return how many */
    private static int take(BitSet cells, int side, int first, int[] piece) {
        int size = 0;
        piece[size++] = first;
        cells.clear(first);
        for (int at = 0; at < size; at++) {
            int row = piece[at] / side;
            int column = piece[at] % side;
            for (int y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++) {
                for (int x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++) {
                    int cell = y * side + x;
                    if (cells.get(cell)) {
                        cells.clear(cell);
                        piece[size++] = cell;
                    }
                }
            }
        }
        return size;
    }
}
