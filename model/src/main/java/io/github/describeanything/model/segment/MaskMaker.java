package io.github.describeanything.model.segment;

import io.github.describeanything.model.api.ModelException;
import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Answers prompts on embedded pictures. Thread-safe. */
public final class MaskMaker {
    private final Shape shape;
    private final PromptQueue prompts;

    public MaskMaker(Shape shape, PromptQueue prompts) {
        this.shape = shape;
        this.prompts = prompts;
    }

    /**
     * The logits and scores of a prompt's candidates, the best first; waits for the picture's embedding and for the graph.
     *
     * @throws CancellationException if the calling thread is interrupted; the prompt is taken back
     */
    public Decoded decode(EmbeddedPicture picture, SegmentPrompt prompt) {
        var forModel = ModelPrompt.of(prompt, picture.width(), picture.height(), shape);
        float[] features = await(picture.features().features(), false).embeddings();
        DecodedMasks masks = await(prompts.decode(features, forModel), true);
        return new Decoded(
                new PictureSize(picture.width(), picture.height()),
                masks.ranked().stream()
                        .map(it -> new Candidate(masks.logits(it), masks.iou()[it]))
                        .toList());
    }

    private record Candidate(MaskLogits logits, float score) {}

    /** Candidates that are not enlarged yet. Immutable. */
    public static final class Decoded {
        private final PictureSize size;
        private final List<Candidate> candidates;

        private Decoded(PictureSize size, List<Candidate> candidates) {
            this.size = size;
            this.candidates = candidates;
        }

        /** Enlarges the best candidates to the picture's size. CPU-bound. */
        public Segmentation best(int count) {
            return new Segmentation(candidates.stream()
                    .limit(count)
                    .map(it -> new MaskCandidate(
                            MaskEnlarger.enlarge(it.logits, size.width(), size.height()), it.score, it.logits))
                    .toList());
        }
    }

    /** @param own whether to cancel the future if this thread is interrupted */
    private static <T> T await(CompletableFuture<T> future, boolean own) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            if (own) {
                future.cancel(false);
            }
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new ModelException("The segmenter failed", e);
        }
    }
}
