package io.github.describeanything.benchmark;

import io.github.describeanything.focal.FocalWindow;
import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.features.View;
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

/** From an encoded PNG to views: decoding, box and window, resizing. */
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

    private DescribeAnything model;
    private Mask mask = Mask.ofAlpha(picture);

    @Setup(Level.Trial)
    public void load() {
        String[] sides = size.split("x");
        picture = Pictures.drawn(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]), 1);
        png = Pictures.png(picture);
        mask = Mask.ofAlpha(picture);
        model = DescribeAnything.open(Path.of(bundle));
    }

    @TearDown(Level.Trial)
    public void close() {
        model.close();
    }

    @Benchmark
    public Picture decode() {
        return reader.read(png);
    }

    @Benchmark
    public FocalWindow window() {
        return FocalWindow.around(Mask.ofAlpha(picture).box().orElseThrow(), picture.width(), picture.height());
    }

    @Benchmark
    public View view() {
        return model.view(picture).region(mask);
    }
}
