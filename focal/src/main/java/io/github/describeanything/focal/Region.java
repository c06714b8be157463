package io.github.describeanything.focal;

import java.util.List;

/**
 * A part of a picture as people have it, to be turned into pixels. Implementations are immutable, so far as nobody writes
 * to their arrays, and thread-safe.
 *
 * <p>Coordinates are in pixels from the top left corner of the picture as stored (EXIF orientation is not applied): the
 * first pixel covers 0 to 1 and has its centre at 0.5. A coordinate may lie up to one pixel outside the picture and is
 * cut off there; further out it is refused, since it was then meant for a picture of another size.
 */
public sealed interface Region {
    /** Corners of a polygon or points of a scribble that one region may have, all parts together. */
    int MOST_POINTS = 10_000;

    /**
     * The pixels of this region in a picture of this size.
     *
     * @throws RegionException where there are none, or the region cannot be of such a picture
     */
    Mask rasterise(int width, int height);

    /** The same region, given as fractions of a picture's width and height, in the pixels of that picture. */
    Region ofFractions(int width, int height);

    /** Every pixel whose centre lies in {@code [x0, x1) x [y0, y1)}. */
    record Box(double x0, double y0, double x1, double y1) implements Region {
        @Override
        public Mask rasterise(int width, int height) {
            double[] corners = {x0, y0, x1, y1};
            Points.check("box", corners, width, height);
            if (x1 <= x0 || y1 <= y0) {
                throw new RegionException("box", "A box is [x0, y0, x1, y1] with x0 < x1 and y0 < y1");
            }
            var canvas = new Canvas(width, height);
            for (int y = (int) Math.ceil(y0 - 0.5); y < (int) Math.ceil(y1 - 0.5); y++) {
                canvas.row(y, (int) Math.ceil(x0 - 0.5), (int) Math.ceil(x1 - 0.5));
            }
            return canvas.mask("box");
        }

        @Override
        public Region ofFractions(int width, int height) {
            return new Box(x0 * width, y0 * height, x1 * width, y1 * height);
        }
    }

    /**
     * What several polygons cover together, each filled by the even-odd rule, to the very pixels that COCO's own tools
     * give.
     *
     * @param parts each {@code x, y} by turns, three corners or more
     */
    record Polygon(List<double[]> parts) implements Region {
        public Polygon {
            parts = List.copyOf(parts);
        }

        @Override
        public Mask rasterise(int width, int height) {
            if (parts.isEmpty()) {
                throw new RegionException("polygon", "A polygon has at least one part");
            }
            Points.checkCount(
                    "polygon", parts.stream().mapToLong(part -> part.length).sum());
            var canvas = new Canvas(width, height);
            var edges = new PolygonEdges(width, height);
            for (int i = 0; i < parts.size(); i++) {
                String field = "polygon[" + i + "]";
                Points.check(field, parts.get(i), width, height);
                if (parts.get(i).length < 6 || parts.get(i).length % 2 != 0) {
                    throw new RegionException(field, "A polygon is a list of x, y by turns of at least three corners");
                }
                edges.fill(parts.get(i), canvas);
            }
            return canvas.mask("polygon");
        }

        @Override
        public Region ofFractions(int width, int height) {
            return new Polygon(parts.stream()
                    .map(part -> Points.scaled(part, width, height))
                    .toList());
        }
    }

    /**
     * Run lengths in COCO's order, column by column from the left: outside, inside, outside and so on.
     *
     * @param height of the picture that they were made for
     * @param width of the picture that they were made for
     */
    record Rle(int height, int width, int[] counts) implements Region {
        /** COCO's compressed form. @throws RegionException if it is not that */
        public static Rle ofString(int height, int width, String counts) {
            return new Rle(height, width, RunLengths.decode(counts));
        }

        @Override
        public Mask rasterise(int pictureWidth, int pictureHeight) {
            if (height != pictureHeight || width != pictureWidth) {
                throw new RegionException(
                        "rle.size",
                        "The size is [height, width] = [" + height + ", " + width + "], but the picture is "
                                + pictureHeight + " high and " + pictureWidth + " wide");
            }
            var canvas = new Canvas(width, height);
            RunLengths.fill(counts, canvas);
            return canvas.mask("rle");
        }

        @Override
        public Region ofFractions(int pictureWidth, int pictureHeight) {
            throw new RegionException("unit", "Run lengths count pixels: leave the unit out");
        }
    }

    /**
     * A line drawn with a round pen: every pixel whose centre is no further than half the pen's width from it, and the
     * pixel under it in any case.
     *
     * @param points {@code x, y} by turns, one point or more
     * @param penWidth in pixels, above 0
     */
    record Scribble(double[] points, double penWidth) implements Region {
        @Override
        public Mask rasterise(int width, int height) {
            Points.checkCount("scribble.points", points.length);
            Points.check("scribble.points", points, width, height);
            if (points.length < 2 || points.length % 2 != 0) {
                throw new RegionException("scribble.points", "A scribble has at least one point [x, y]");
            }
            // Written so that NaN is refused as well.
            if (!(penWidth > 0 && penWidth <= Math.max(width, height))) {
                throw new RegionException(
                        "scribble.width", "The width is above 0 and at most the picture's longer side");
            }
            var canvas = new Canvas(width, height);
            new Pen(penWidth, canvas).draw(points);
            return canvas.mask("scribble");
        }

        /** The pen's width is a fraction of the picture's width. */
        @Override
        public Region ofFractions(int width, int height) {
            return new Scribble(Points.scaled(points, width, height), penWidth * width);
        }
    }

    /** Pixels that were given as such, by a mask picture or in any other way. */
    record Drawn(Mask mask) implements Region {
        @Override
        public Mask rasterise(int width, int height) {
            if (mask.width() != width || mask.height() != height) {
                throw new RegionException(
                        "mask",
                        "The mask is " + mask.width() + " x " + mask.height() + " pixels, but the picture is " + width
                                + " x " + height);
            }
            if (mask.count() == 0) {
                throw Canvas.empty("mask");
            }
            return mask;
        }

        @Override
        public Region ofFractions(int width, int height) {
            throw new RegionException("unit", "A mask picture has pixels: leave the unit out");
        }
    }
}
