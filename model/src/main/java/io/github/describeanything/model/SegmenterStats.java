package io.github.describeanything.model;

/**
 * What a segmenter has done. Immutable.
 *
 * @param embeddings pictures through the encoder
 * @param embeddingSeconds time in it
 * @param prompts prompts through the mask graph
 * @param promptSeconds time in it
 * @param tracked things on frames of videos that were tracked or marked
 * @param trackingSeconds time in their graphs
 * @param hits pictures whose embedding was cached or under way
 * @param misses pictures that had to be embedded
 * @param underWay embedded pictures that are in use
 */
public record SegmenterStats(
        long embeddings,
        double embeddingSeconds,
        long prompts,
        double promptSeconds,
        long tracked,
        double trackingSeconds,
        long hits,
        long misses,
        int underWay) {}
