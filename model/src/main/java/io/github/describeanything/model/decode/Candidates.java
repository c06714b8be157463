package io.github.describeanything.model.decode;

import java.util.Arrays;

/** Candidates for the next token with their probabilities, most probable first. Used by one thread. */
final class Candidates {
    private final int[] tokens;
    private final double[] probabilities;
    private int size;

    private Candidates(int[] tokens, double[] probabilities) {
        this.tokens = tokens;
        this.probabilities = probabilities;
        this.size = tokens.length;
    }

    /**
     * The softmax of logits / temperature.
     *
     * @param topK keep this many; 0 keeps all
     */
    static Candidates of(float[] logits, double temperature, int topK) {
        long[] order = sorted(logits, topK == 0 ? logits.length : Math.min(topK, logits.length));
        var tokens = new int[order.length];
        var probabilities = new double[order.length];
        double best = logits[index(order[0])];
        double sum = 0;
        for (int i = 0; i < order.length; i++) {
            tokens[i] = index(order[i]);
            probabilities[i] = Math.exp((logits[tokens[i]] - best) / temperature);
            sum += probabilities[i];
        }
        for (int i = 0; i < order.length; i++) {
            probabilities[i] /= sum;
        }
        return new Candidates(tokens, probabilities);
    }

    /** Keeps the smallest number of tokens whose probabilities reach {@code topP}; at least one. */
    void keepTopP(double topP) {
        if (topP >= 1) {
            return;
        }
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += probabilities[i];
            if (sum >= topP) {
                size = i + 1;
            }
        }
    }

    /** Drops tokens less probable than this share of the first. */
    void keepMinP(double minP) {
        while (size > 1 && probabilities[size - 1] < minP * probabilities[0]) {
            size--;
        }
    }

    /** Picks a token by inverse transform sampling. @param point uniform in [0, 1) */
    int pick(double point) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += probabilities[i];
        }
        double left = point * sum;
        for (int i = 0; i < size - 1; i++) {
            left -= probabilities[i];
            if (left < 0) {
                return tokens[i];
            }
        }
        return tokens[size - 1];
    }

    /** The remaining tokens, most probable first. */
    int[] tokens() {
        return Arrays.copyOf(tokens, size);
    }

    /** Keys of the largest logits, in descending order of logits; equal logits in ascending order of tokens. */
    private static long[] sorted(float[] logits, int count) {
        var keys = new long[logits.length];
        for (int i = 0; i < logits.length; i++) {
            keys[i] = key(logits[i], i);
        }
        if (count < keys.length / 8) {
            return largest(keys, count);
        }
        Arrays.sort(keys);
        return Arrays.copyOf(keys, count);
    }

    /** The {@code count} smallest keys in ascending order, by insertion into a sorted window. */
    private static long[] largest(long[] keys, int count) {
        long[] window = Arrays.copyOf(keys, count);
        Arrays.sort(window);
        for (int i = count; i < keys.length; i++) {
            if (keys[i] < window[count - 1]) {
                int at = -Arrays.binarySearch(window, keys[i]) - 1;
                System.arraycopy(window, at, window, at + 1, count - 1 - at);
                window[at] = keys[i];
            }
        }
        return window;
    }

    /** A number that sorts by descending logit, then by ascending token. */
    private static long key(float logit, int token) {
        int bits = Float.floatToIntBits(logit);
        int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        return (long) ~ascending << 32 | token;
    }

    private static int index(long key) {
        return (int) key;
    }
}
