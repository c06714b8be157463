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
import io.github.describeanything.model.segment.MaskLogits;
import io.github.describeanything.model.segment.PictureEncoder;
import io.github.describeanything.model.segment.RegionGraphs;
import io.github.describeanything.model.segment.SegmentPrompt;
import io.github.describeanything.model.segment.SubjectMask;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * PAM's vision: SAM 2.1 encodes a picture once for all its regions, its mask decoder attends to each region, and the
 * perceiver turns what it saw into embeddings. Views are thread-safe; one thread at a time may encode, reopen or close.
 *
 * <p>The embeddings of a region are followed by its mask's logits and its object score, for each frame of a clip.
 */
public final class PamVision implements RegionVision {
    /** Eight pictures of the published size. */
    private static final long PICTURES_BYTES = 128L << 20;

    private static final String PICTURE = "picture_embeds";
    private static final String FRAME = "frame_embeds";

    private final Manifest manifest;
    private final SegmenterBundle.Shape shape;
    private final PictureEncoder encoder;
    private final RegionGraphs regions;
    private final Supplier<Graph> perceivers;
    private final FeatureCache pictures = new FeatureCache(PICTURES_BYTES);
    private Graph perceiver;

    /** Opens the bundle's graphs for pictures, masks, videos and the perceiver. */
    PamVision(Bundle bundle, Placement placement) {
        manifest = bundle.manifest();
        var segmenter = SegmenterBundle.inside(bundle);
        shape = segmenter.manifest().sam2();
        perceivers = () -> Graph.load(bundle.graph("perceiver"), placement);
        encoder = new PictureEncoder(segmenter, placement);
        regions = new RegionGraphs(segmenter, placement);
        perceiver = perceivers.get();
    }

    @Override
    public PictureView view(Picture picture) {
        return new PamPicture(encoder, picture);
    }

    @Override
    public View blank() {
        var picture = new Picture(2, 2, new byte[16], false);
        return new PamView(
                encoder.blank().values(), picture, ByteBuffer.allocate(0), Optional.of(SegmentPrompt.box(0, 0, 1, 1)));
    }

    @Override
    public boolean segments() {
        return true;
    }

    @Override
    public boolean batches() {
        return false;
    }

    /** [rows, hidden_size] of one region, then for each frame its mask's logits and its score. */
    @Override
    public float[] encode(List<View> views) {
        return views.size() == 1 ? encodePicture((PamView) views.getFirst()) : encodeClip(views);
    }

    private float[] encodePicture(PamView view) {
        int rows = manifest.image().tokens() * width();
        var found = new float[rows + maskSize()];
        AttendedRegion region = attend(view);
        System.arraycopy(embeds(region, PICTURE), 0, found, 0, rows);
        put(region.mask(), found, rows);
        return found;
    }

    /** The first frame in full, {@link ClipFrames the others} coarser; the region is marked on the first. */
    private float[] encodeClip(List<View> views) {
        List<Integer> described = ClipFrames.of(views.size());
        int rows = manifest.mostPictureTokens() * width();
        var found = new float[rows + views.size() * maskSize()];
        RegionGraphs.Clip clip = regions.clip(views.size());
        int at = 0;
        for (int frame = 0; frame < views.size(); frame++) {
            var view = (PamView) views.get(frame);
            float[] features = features(view);
            AttendedRegion region = frame == 0
                    ? clip.first(
                            features,
                            view.prompt(),
                            view.picture().width(),
                            view.picture().height())
                    : clip.next(features);
            if (described.contains(frame)) {
                float[] embeds = embeds(region, frame == 0 ? PICTURE : FRAME);
                System.arraycopy(embeds, 0, found, at, embeds.length);
                at += embeds.length;
            }
            put(region.mask(), found, rows + frame * maskSize());
        }
        return found;
    }

    private void put(SubjectMask mask, float[] into, int at) {
        float[] logits = mask.logits().values();
        System.arraycopy(logits, 0, into, at, logits.length);
        into[at + logits.length] = mask.score();
    }

    private int width() {
        return manifest.decoder().hiddenSize();
    }

    private int maskSize() {
        return shape.maskSide() * shape.maskSide() + 1;
    }

    /** What the mask decoder sees of a region of a picture. */
    AttendedRegion attend(PamView view) {
        return regions.attend(
                features(view),
                view.prompt(),
                view.picture().width(),
                view.picture().height());
    }

    /** SAM's features of a picture, which is encoded unless it was seen lately. */
    private float[] features(PamView view) {
        return pictures.get(view.key()).map(RegionFeatures::embeddings).orElseGet(() -> encoded(view));
    }

    private float[] encoded(PamView view) {
        long start = System.nanoTime();
        View resized = view.resized() ? view : encoder.frameView(view.picture());
        float[] features = encoder.encode(List.of(resized));
        pictures.put(new RegionFeatures(view.key(), features, Duration.ofNanos(System.nanoTime() - start)));
        return features;
    }

    /** A region's embeddings, with the row after a frame of a clip. */
    private float[] embeds(AttendedRegion region, String output) {
        return Objects.requireNonNull(perceive(region.seen(), region.tokens()).get(output))
                .data();
    }

    /** The embeddings of a picture and of a later frame, and the semantic tokens before they are projected. */
    Map<String, Value.Floats> perceive(float[] seen, float[] tokens) {
        int channels = shape.channels();
        var inputs = Map.<String, Value>of(
                "seen", new Value.Floats(seen, 1, seen.length / channels, channels),
                "tokens", new Value.Floats(tokens, 1, tokens.length / channels, channels));
        return perceiver.run(inputs, Set.of(PICTURE, FRAME, "sem_tokens"));
    }

    @Override
    public List<SubjectMask> masks(RegionFeatures features) {
        float[] values = features.embeddings();
        int picture = manifest.image().tokens() * width();
        int rows = values.length == picture + maskSize() ? picture : manifest.mostPictureTokens() * width();
        return IntStream.range(0, (values.length - rows) / maskSize())
                .mapToObj(frame -> mask(values, rows + frame * maskSize()))
                .toList();
    }

    private SubjectMask mask(float[] values, int from) {
        int end = from + maskSize() - 1;
        return new SubjectMask(new MaskLogits(shape.maskSide(), Arrays.copyOfRange(values, from, end)), values[end]);
    }

    @Override
    public void reopen() {
        encoder.reopen();
        regions.reopen();
        perceiver.close();
        perceiver = perceivers.get();
    }

    @Override
    public void close() {
        encoder.close();
        regions.close();
        perceiver.close();
    }
}
