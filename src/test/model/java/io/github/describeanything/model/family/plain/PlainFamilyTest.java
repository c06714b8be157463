package io.github.describeanything.model.family.plain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.region.Box;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.TestBundles;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Subject;
import io.github.describeanything.model.bundle.BundleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second family needs only a package and a line in META-INF/services. */
class PlainFamilyTest {
    private static final Picture PICTURE = new Picture(10, 10, new byte[400], false);

    @TempDir
    Path folder;

    private Path bundle(String family) throws IOException {
        try (var files = Files.list(TestBundles.folder("golden-joint-fp32"))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Path manifest = folder.resolve("manifest.json");
        String text = Files.readString(manifest).replaceFirst("\"family\": \"\\w+\",", "");
        Files.writeString(manifest, text.replaceFirst("\\{", "{\"family\": \"" + family + "\","));
        return folder;
    }

    private static Subject box(int width) {
        return new Subject(PICTURE, new Box(0, 0, width, 10).rasterise(10, 10));
    }

    @Test
    void theManifestChoosesTheFamily() throws IOException {
        var request = DescriptionRequest.DEFAULT.asking("What is it?").limitedTo(24);
        try (var model = DescribeAnything.open(bundle("plain"))) {
            assertThat(model.prompt(1, "What is it?").entries()).startsWith(~0).hasSizeLessThan(20);
            String small = model.describe(box(1), request).text();
            assertThat(small)
                    .isNotEmpty()
                    .isEqualTo(model.describe(box(1), request).text());
            assertThat(model.describe(box(10), request).text()).isNotEqualTo(small);
        }
    }

    @Test
    void unknownFamiliesAreRefusedByName() throws IOException {
        Path other = bundle("other");
        assertThatThrownBy(() -> DescribeAnything.open(other))
                .isInstanceOf(BundleException.class)
                .hasMessage("golden is a model of family other; this program knows dam, pam, plain");
    }
}
