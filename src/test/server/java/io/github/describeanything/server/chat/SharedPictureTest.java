package io.github.describeanything.server.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.focal.region.Region;
import io.github.describeanything.model.PictureSource;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedPictureTest {
    private static final Picture PICTURE =
            RegionPictures.READER.read(RegionPictures.jpeg(RegionPictures.golden("blob.png")));

    private final AtomicInteger decoded = new AtomicInteger();

    @Test
    void aPictureIsDecodedOnceForAllItsRegions() {
        try (SharedPicture shared = shared("one")) {
            List<PictureSource> sources =
                    IntStream.range(0, 16).mapToObj(i -> shared.under(box(i))).toList();
            sources.forEach(PictureSource::check);
            for (int i = 0; i < 16; i++) {
                assertThat(sources.get(i).mask(sources.get(i).read()))
                        .contains(region(i).rasterise(PICTURE.width(), PICTURE.height()));
            }
        }
        assertThat(decoded).hasValue(1);
    }

    @Test
    void onceClosedItIsDecodedAnewForThoseWhoStillWait() {
        SharedPicture shared = shared("one");
        PictureSource source = shared.under(box(3));
        Picture before = source.read();
        shared.close();
        assertThat(source.read().rgba()).isEqualTo(before.rgba());
        assertThat(decoded).hasValue(2);
    }

    @Test
    void keysAreEqualWherePictureAndRegionAre() {
        assertThat(shared("one").under(box(3)).key())
                .isEqualTo(shared("one").under(box(3)).key())
                .isNotEqualTo(shared("one").under(box(4)).key())
                .isNotEqualTo(shared("two").under(box(3)).key());
    }

    private SharedPicture shared(String name) {
        return new SharedPicture(
                ContentDigest.of(ContentDigest.Kind.PICTURE, name),
                () -> {
                    decoded.incrementAndGet();
                    return PICTURE;
                },
                RegionPictures.READER);
    }

    private static Region region(int i) {
        return new Box(i, 10, 200 + i, 90);
    }

    private static RegionEntry box(int i) {
        ByteBuffer digest = ContentDigest.of(ContentDigest.Kind.OUTLINE, "box " + i);
        return new RegionEntry(
                "regions[0]",
                false,
                Optional.empty(),
                OptionalInt.empty(),
                new RegionEntry.Outline(region(i), false),
                digest);
    }
}
