package io.github.describeanything.benchmark;

import io.github.describeanything.focal.FocalWindow;
import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.onnx.Graph;
import io.github.describeanything.model.onnx.Placement;
import io.github.describeanything.model.vision.Preprocessor;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** From the bytes of a PNG to the two views: decoding, box and window, resizing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgs = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class PixelPath {
    @Param("target/test-bundles/golden-image-fp32")
    String bundle = "";

    @Param({"640x480", "2048x1365"})
    String size = "";

    private final PictureReader reader = new PictureReader(PictureLimits.DEFAULT);
    private Picture picture = new Picture(1, 1, new byte[4], true);
    private byte[] png = new byte[0];

    private Preprocessor preprocessor;

    @Setup(Level.Trial)
    public void load() {
        String[] sides = size.split("x");
        picture = Pictures.drawn(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]), 1);
        png = Pictures.png(picture);
        preprocessor = new Preprocessor(Graph.load(Path.of(bundle, "preprocess.onnx"), Placement.cpu(1)));
    }

    @TearDown(Level.Trial)
    public void close() {
        preprocessor.close();
    }

    @Benchmark
    public Picture decode() {
        return reader.read(png);
    }

    @Benchmark
    public FocalWindow window() {
        return FocalWindow.around(MaskBox.ofAlpha(picture).orElseThrow(), picture.width(), picture.height());
    }

    @Benchmark
    public float[] windowAndViews() {
        return preprocessor.views(picture);
    }
}
