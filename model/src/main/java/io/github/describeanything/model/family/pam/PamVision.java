package io.github.describeanything.model.family.pam;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.bundle.Manifest;
import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.family.RegionVision;
import io.github.describeanything.model.features.FeatureCache;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.model.features.RegionFeatures;
import io.github.describeanything.model.features.View;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Graph.Value;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.segment.AttendedRegion;
import io.github.describeanything.model.segment.MaskDecoder;
import io.github.describeanything.model.segment.MaskLogits;
import io.github.describeanything.model.segment.PictureEncoder;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.SubjectMask;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * PAM's vision: SAM 2.1 encodes a picture once for all its regions, its mask decoder attends to each region, and the
 * perceiver turns what it saw into embeddings. Views are thread-safe; one thread at a time may encode, reopen or close.
 *
 * <p>The embeddings of a region are followed by its mask's logits and its object score.
 */
public final class PamVision implements RegionVision {
    /** Eight pictures of the published size. */
    private static final long PICTURES_BYTES = 128L << 20;

    private static final String PICTURE = "picture_embeds";

    private final Manifest manifest;
    private final SegmenterBundle.Shape shape;
    private final PictureEncoder encoder;
    private final MaskDecoder masks;
    private final Supplier<Graph> perceivers;
    private final FeatureCache pictures = new FeatureCache(PICTURES_BYTES);
    private Graph perceiver;

    /** Opens the bundle's graphs for pictures, masks and the perceiver. */
    PamVision(Bundle bundle, Placement placement) {
        manifest = bundle.manifest();
        var segmenter = SegmenterBundle.inside(bundle);
        shape = segmenter.manifest().sam2();
        perceivers = () -> Graph.load(bundle.graph("perceiver"), placement);
        encoder = new PictureEncoder(segmenter, placement);
        masks = new MaskDecoder(segmenter, placement);
        perceiver = perceivers.get();
    }

    @Override
    public PictureView view(Picture picture) {
        return new PamPicture(encoder, picture);
    }

    @Override
    public View blank() {
        var corner = SegmentPrompt.box(0, 0, 1, 1);
        return new PamView(encoder.blank().values(), ByteBuffer.allocate(0), corner, 2, 2);
    }

    @Override
    public boolean segments() {
        return true;
    }

    @Override
    public boolean batches() {
        return false;
    }

    /** [rows, hidden_size] of one region, its mask's logits, and its score. */
    @Override
    public float[] encode(List<View> views) {
        AttendedRegion region = attend((PamView) views.getFirst());
        float[] embeds = Objects.requireNonNull(perceive(region.seen(), region.tokens()).get(PICTURE))
                .data();
        int rows = manifest.image().tokens() * manifest.decoder().hiddenSize();
        float[] logits = region.mask().logits().values();
        float[] found = Arrays.copyOf(embeds, rows + logits.length + 1);
        System.arraycopy(logits, 0, found, rows, logits.length);
        found[rows + logits.length] = region.mask().score();
        return found;
    }

    /** What the mask decoder sees of a region; its picture is encoded unless it was seen lately. */
    AttendedRegion attend(PamView view) {
        float[] features = pictures.get(view.picture())
                .map(RegionFeatures::embeddings)
                .orElseGet(() -> encoded(view));
        return masks.attend(features, view.prompt(), view.width(), view.height());
    }

    private float[] encoded(PamView view) {
        long start = System.nanoTime();
        float[] features = encoder.encode(List.of(view));
        pictures.put(new RegionFeatures(view.picture(), features, Duration.ofNanos(System.nanoTime() - start)));
        return features;
    }

    /** The picture's embeddings and one row more, and the semantic tokens before they are projected. */
    Map<String, Value.Floats> perceive(float[] seen, float[] tokens) {
        int channels = shape.channels();
        var inputs = Map.<String, Value>of(
                "seen", new Value.Floats(seen, 1, seen.length / channels, channels),
                "tokens", new Value.Floats(tokens, 1, tokens.length / channels, channels));
        return perceiver.run(inputs, Set.of(PICTURE, "sem_tokens"));
    }

    @Override
    public List<SubjectMask> masks(RegionFeatures features) {
        int rows = manifest.image().tokens() * manifest.decoder().hiddenSize();
        int end = rows + shape.maskSide() * shape.maskSide();
        float[] values = features.embeddings();
        var logits = new MaskLogits(shape.maskSide(), Arrays.copyOfRange(values, rows, end));
        return List.of(new SubjectMask(logits, values[end]));
    }

    @Override
    public void reopen() {
        encoder.reopen();
        masks.reopen();
        perceiver.close();
        perceiver = perceivers.get();
    }

    @Override
    public void close() {
        encoder.close();
        masks.close();
        perceiver.close();
    }
}
