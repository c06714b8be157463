package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.SegmenterBundle.Shape;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Answers prompts on embedded pictures. Thread-safe. */
public final class MaskMaker {
    private final Shape shape;
    private final GraphQueue prompts;

    public MaskMaker(Shape shape, GraphQueue prompts) {
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
        float[] features = GraphQueue.await(picture.features().features()).embeddings();
        DecodedMasks masks = prompts.run(graphs -> graphs.masks().decode(features, forModel));
        return new Decoded(
                new PictureSize(picture.width(), picture.height()),
                prompt.points(),
                shape.maxSprinkleArea(),
                masks.ranked().stream()
                        .map(it -> new Candidate(masks.logits(it), masks.iou()[it]))
                        .toList());
    }

    private record Candidate(MaskLogits logits, float score) {}

    /** Candidates that are not enlarged yet. Immutable. */
    public static final class Decoded {
        private final PictureSize size;
        private final List<SegmentPrompt.Point> points;
        private final int maxSprinkleArea;
        private final List<Candidate> candidates;

        private Decoded(
                PictureSize size, List<SegmentPrompt.Point> points, int maxSprinkleArea, List<Candidate> candidates) {
            this.size = size;
            this.points = points;
            this.maxSprinkleArea = maxSprinkleArea;
            this.candidates = candidates;
        }

        /** Enlarges the best candidates to the picture's size. Their logits stay as the model made them. CPU-bound. */
        public Segmentation best(int count) {
            return new Segmentation(
                    candidates.stream().limit(count).map(this::enlarged).toList());
        }

        private MaskCandidate enlarged(Candidate candidate) {
            MaskLogits shown = SprinkleRemover.remove(candidate.logits, maxSprinkleArea, points, size);
            return new MaskCandidate(shown.enlarged(size.width(), size.height()), candidate.score, candidate.logits);
        }
    }
}
