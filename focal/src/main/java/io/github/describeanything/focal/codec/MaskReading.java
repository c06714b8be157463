package io.github.describeanything.focal.codec;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import java.util.BitSet;
import java.util.function.IntPredicate;

/**
 * Decides which pixels of a mask picture are inside, by the table in docs/pictures.md, "Mask pictures". Stateless.
 *
 * <p>What a file stores and what a viewer shows can disagree: palettes whose first entry is white, alpha over black. If
 * only one interpretation makes sense, it is used; if two are complements of each other, the mask is refused.
 */
final class MaskReading {
    private static final int WHITE = 0xFFFFFF;
    private static final String REMEDY = "Send a gray PNG instead: 0 outside, 255 inside";

    private MaskReading() {}

    /** @param decoded with {@link Samples#PRESENCE} */
    static Mask of(Decoded decoded) {
        return switch (decoded) {
            case Decoded.Direct it -> ofPresence(it.picture());
            case Decoded.Indexed it -> ofPalette(it);
        };
    }

    /**
     * Nonzero colours are inside, alpha 0 is outside. If the whole picture is black and alpha varies, alpha decides.
     */
    private static Mask ofPresence(Picture picture) {
        byte[] rgba = picture.rgba();
        boolean visible = false;
        boolean hidden = false;
        boolean coloured = false;
        boolean visiblyColoured = false;
        for (int at = 0; at < rgba.length; at += 4) {
            boolean colour = (rgba[at] | rgba[at + 1] | rgba[at + 2]) != 0;
            boolean opaque = rgba[at + 3] != 0;
            visible |= opaque;
            hidden |= !opaque;
            coloured |= colour;
            visiblyColoured |= colour && opaque;
        }
        if (!visible && coloured) {
            throw transparent();
        }
        boolean alphaDecides = visible && hidden && !visiblyColoured;
        return mask(picture.width(), picture.height(), pixel -> {
            int at = 4 * pixel;
            return rgba[at + 3] != 0 && (alphaDecides || (rgba[at] | rgba[at + 1] | rgba[at + 2]) != 0);
        });
    }

    private static Mask ofPalette(Decoded.Indexed picture) {
        byte[] entries = picture.entries();
        var used = new boolean[256];
        for (byte entry : entries) {
            used[entry & 0xFF] = true;
        }
        boolean[] inside = inside(picture, used);
        return mask(picture.width(), picture.height(), pixel -> inside[entries[pixel] & 0xFF]);
    }

    private static boolean[] inside(Decoded.Indexed picture, boolean[] used) {
        int[] argb = picture.argb();
        var visible = new BitSet();
        boolean hidden = false;
        boolean anyWhite = false;
        boolean anyBlack = false;
        boolean anyOther = false;
        for (int entry = 0; entry < used.length; entry++) {
            if (used[entry] && argb[entry] >>> 24 == 0) {
                hidden = true;
            } else if (used[entry]) {
                visible.set(entry);
                anyWhite |= isWhite(argb[entry]);
                anyBlack |= isBlack(argb[entry]);
                anyOther |= !isWhite(argb[entry]) && !isBlack(argb[entry]);
            }
        }
        if (visible.isEmpty()) {
            throw transparent();
        }
        boolean alphaDecides = hidden && !anyWhite && !anyOther;
        boolean whiteDecides = anyWhite && !anyOther;
        if (!alphaDecides) {
            refuseAmbiguous(picture, visible, anyBlack, whiteDecides);
        }
        var inside = new boolean[used.length];
        visible.stream()
                .forEach(entry -> inside[entry] = alphaDecides || (whiteDecides ? isWhite(argb[entry]) : entry != 0));
        return inside;
    }

    /** Refuses a mask whose palette indices and colours are complements of each other. */
    private static void refuseAmbiguous(
            Decoded.Indexed picture, BitSet visible, boolean anyBlack, boolean whiteDecides) {
        int[] argb = picture.argb();
        if (whiteDecides) {
            // TIFF goes by samples, black-and-white palettes go by colours.
            if (picture.samplesCount() && visible.stream().anyMatch(entry -> isWhite(argb[entry]) != (entry != 0))) {
                throw refused("by its samples black is inside, by its colours white is");
            }
        } else if (!picture.samplesCount() && anyBlack && visible.stream().anyMatch(entry -> !isBlack(argb[entry]))) {
            boolean firstAgainstBlack = visible.cardinality() == 2 && visible.get(0) && !isBlack(argb[0]);
            if (firstAgainstBlack || !visible.get(0)) {
                throw refused("by the palette's entries black is inside, by its colours black is outside");
            }
        }
    }

    private static boolean isWhite(int argb) {
        return (argb & WHITE) == WHITE;
    }

    private static boolean isBlack(int argb) {
        return (argb & WHITE) == 0;
    }

    private static PictureException refused(String readings) {
        return new PictureException(
                PictureException.Reason.UNSUPPORTED, "The mask is ambiguous: " + readings + ". " + REMEDY);
    }

    private static PictureException transparent() {
        return new PictureException(
                PictureException.Reason.UNSUPPORTED,
                "The mask is transparent everywhere: by its alpha nothing is inside, by its colours something is. "
                        + REMEDY);
    }

    private static Mask mask(int width, int height, IntPredicate inside) {
        var bits = new BitSet(width * height);
        for (int pixel = 0; pixel < width * height; pixel++) {
            if (inside.test(pixel)) {
                bits.set(pixel);
            }
        }
        return Mask.of(width, height, bits);
    }
}
