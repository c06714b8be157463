package io.github.describeanything.focal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures and masks are read as stored, or rotated as by Pillow's {@code exif_transpose}. */
class OrientationTest {
    private final PictureReader stored = new PictureReader(PictureLimits.DEFAULT);
    private final PictureReader upright = stored.upright();

    static List<String> turned() {
        var names = new ArrayList<String>();
        for (int value = 1; value <= 8; value++) {
            for (String kind : List.of("jpg", "png", "webp", "tiff")) {
                names.add(value + "," + kind);
            }
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("turned")
    void allEightOrientationsAreApplied(String turned) {
        String value = turned.substring(0, 1);
        String kind = turned.substring(2);
        byte[] file = Fixtures.bytes("turned-" + value + "." + kind);

        Picture shown = upright.read(file);

        assertThat(shown.rgba()).isEqualTo(Fixtures.bytes("turned-" + value + "-" + kind + ".rgba"));
        assertThat(shown.width()).isEqualTo(Integer.parseInt(value) < 5 ? 22 : 14);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpg", "png", "webp", "tiff"})
    void orientationIsIgnoredByDefault(String kind) {
        byte[] asStored = Fixtures.bytes("turned-1-" + kind + ".rgba");
        for (int value = 1; value <= 8; value++) {
            assertThat(stored.read(Fixtures.bytes("turned-" + value + "." + kind))
                            .rgba())
                    .isEqualTo(asStored);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5", "6", "7", "8"})
    void masksAreRotatedLikePictures(int value) {
        byte[] file = Fixtures.bytes("turned-mask-" + value + ".png");

        assertThat(upright.readMask(file))
                .isEqualTo(Fixtures.mask(
                        Fixtures.picture("turned-mask-" + value + ".png"), value < 5 ? 20 : 12, value < 5 ? 12 : 20));
        assertThat(stored.readMask(file)).isEqualTo(Fixtures.mask(Fixtures.picture("turned-mask-1.png"), 20, 12));
    }

    @Test
    void alphaIsRotatedWithThePicture() {
        byte[] file = Fixtures.bytes("jpeg-420-exif.jpg");
        assertThat(upright.read(file).width()).isEqualTo(stored.read(file).height());
        assertThat(upright.read(Fixtures.bytes("png-rgba-8.png")).mask())
                .isEqualTo(stored.read(Fixtures.bytes("png-rgba-8.png")).mask());
    }
}
