package io.github.describeanything.model.segment;

import io.github.describeanything.model.bundle.SegmenterBundle;
import io.github.describeanything.model.onnx.Placement;

/** The graphs behind the encoder: masks, and what videos need. One thread at a time runs, reopens or closes them. */
public final class SegmentGraphs implements AutoCloseable {
    private final MaskDecoder masks;
    private final VideoGraphs video;

    /** Opens the bundle's graphs. */
    public SegmentGraphs(SegmenterBundle bundle, Placement placement) {
        masks = new MaskDecoder(bundle, placement);
        try {
            video = new VideoGraphs(bundle, placement);
        } catch (RuntimeException | Error e) {
            masks.close();
            throw e;
        }
    }

    MaskDecoder masks() {
        return masks;
    }

    VideoGraphs video() {
        return video;
    }

    /** Closes the graphs and opens them again, after a failure. */
    void reopen() {
        masks.reopen();
        video.reopen();
    }

    @Override
    public void close() {
        masks.close();
        video.close();
    }
}
