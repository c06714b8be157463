package io.github.describeanything.focal.codec;

/** A transform that the encoder applied to the pixels (RFC 9649, section 3.5). */
sealed interface Vp8lTransform {
    /** Inverts the transform, in the same array or in a new one. */
    int[] undo(int[] argb);

    /** Adds the four samples, each modulo 256. */
    static int sum(int a, int b) {
        return (a & 0xFF00FF00) + (b & 0xFF00FF00) & 0xFF00FF00 | (a & 0x00FF00FF) + (b & 0x00FF00FF) & 0x00FF00FF;
    }

    /**
     * Pixels are differences from a prediction by their neighbours.
     *
     * @param modes the mode of each block, {@code 1 << blockBits} pixels wide and high, in its green sample
     */
    record Predictor(int width, int blockBits, int[] modes) implements Vp8lTransform {
        private static final int BLACK = 0xFF000000;

        @Override
        public int[] undo(int[] argb) {
            argb[0] = sum(argb[0], BLACK);
            for (int i = 1; i < width; i++) {
                argb[i] = sum(argb[i], argb[i - 1]);
            }
            int blocks = Vp8l.blocks(width, blockBits);
            for (int row = width, y = 1; row < argb.length; row += width, y++) {
                argb[row] = sum(argb[row], argb[row - width]);
                int block = (y >> blockBits) * blocks;
                for (int x = 1; x < width; x++) {
                    int mode = modes[block + (x >> blockBits)] >> 8 & 15;
                    argb[row + x] = sum(argb[row + x], predict(mode, argb, row + x));
                }
            }
            return argb;
        }

        /** To the right of a row's last pixel lies the first pixel of the next row. */
        private int predict(int mode, int[] argb, int i) {
            int left = argb[i - 1];
            int corner = argb[i - width - 1];
            int above = argb[i - width];
            int right = argb[i - width + 1];
            return switch (mode) {
                case 1 -> left;
                case 2 -> above;
                case 3 -> right;
                case 4 -> corner;
                case 5 -> mean(mean(left, right), above);
                case 6 -> mean(left, corner);
                case 7 -> mean(left, above);
                case 8 -> mean(corner, above);
                case 9 -> mean(above, right);
                case 10 -> mean(mean(left, corner), mean(above, right));
                case 11 -> distance(above, corner) < distance(left, corner) ? left : above;
                case 12 -> plane(left, above, corner);
                case 13 -> beyond(mean(left, above), corner);
                default -> BLACK;
            };
        }

        private static int mean(int a, int b) {
            return (a & b) + ((a ^ b) >>> 1 & 0x7F7F7F7F);
        }

        private static int distance(int a, int b) {
            int sum = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                sum += Math.abs((a >> shift & 0xFF) - (b >> shift & 0xFF));
            }
            return sum;
        }

        private static int plane(int left, int above, int corner) {
            int argb = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                int sample = (left >> shift & 0xFF) + (above >> shift & 0xFF) - (corner >> shift & 0xFF);
                argb |= Math.clamp(sample, 0, 255) << shift;
            }
            return argb;
        }

        private static int beyond(int mean, int corner) {
            int argb = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                int sample = mean >> shift & 0xFF;
                // Division truncates, as the format requires.
                argb |= Math.clamp(sample + (sample - (corner >> shift & 0xFF)) / 2, 0, 255) << shift;
            }
            return argb;
        }
    }

    /**
     * What green and red predict of red and blue is subtracted.
     *
     * @param factors the factors of each block, {@code 1 << blockBits} pixels wide and high: red to blue in red, green
     *     to blue in green, green to red in blue
     */
    record Colour(int width, int blockBits, int[] factors) implements Vp8lTransform {
        @Override
        public int[] undo(int[] argb) {
            int blocks = Vp8l.blocks(width, blockBits);
            for (int row = 0, y = 0; row < argb.length; row += width, y++) {
                int block = (y >> blockBits) * blocks;
                for (int x = 0; x < width; x++) {
                    int factor = factors[block + (x >> blockBits)];
                    int pixel = argb[row + x];
                    int red = (pixel >> 16) + part(factor, pixel >> 8) & 0xFF;
                    int blue = pixel + part(factor >> 8, pixel >> 8) + part(factor >> 16, red) & 0xFF;
                    argb[row + x] = pixel & 0xFF00FF00 | red << 16 | blue;
                }
            }
            return argb;
        }

        private static int part(int factor, int sample) {
            return (byte) factor * (byte) sample >> 5;
        }
    }

    /** Green is subtracted from red and blue. */
    record Green() implements Vp8lTransform {
        @Override
        public int[] undo(int[] argb) {
            for (int i = 0; i < argb.length; i++) {
                int green = argb[i] >> 8 & 0xFF;
                argb[i] = sum(argb[i], green << 16 | green);
            }
            return argb;
        }
    }

    /**
     * Green holds palette indices; small ones are packed, several pixels into one.
     *
     * @param packBits log2 of the pixels packed into one
     * @param colours of all indices that can occur; 0 beyond the file's palette
     */
    record Palette(int width, int height, int packBits, int[] colours) implements Vp8lTransform {
        @Override
        public int[] undo(int[] packed) {
            int entryBits = 8 >> packBits;
            int last = (1 << packBits) - 1;
            int packedWidth = Vp8l.blocks(width, packBits);
            var argb = packBits == 0 ? packed : new int[width * height];
            for (int y = 0, at = 0; y < height; y++) {
                for (int x = 0; x < width; x++, at++) {
                    int green = packed[y * packedWidth + (x >> packBits)] >> 8 & 0xFF;
                    argb[at] = colours[green >> entryBits * (x & last) & (1 << entryBits) - 1];
                }
            }
            return argb;
        }
    }
}
