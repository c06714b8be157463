package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.focal.PictureLimits;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.Subject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the README's Java example, with another bundle. */
class ReadmeTest {
    private static final Pattern JAVA = Pattern.compile("(?s)```java\\n(.*?)```");

    private static final String PROGRAM = """
            import io.github.describeanything.focal.*;
            import io.github.describeanything.focal.codec.PictureReader;
            import io.github.describeanything.model.*;
            import io.github.describeanything.model.api.*;
            import java.nio.file.*;

            public class Program {
                public static void run(Path file) throws Exception {
                    %s
                }
            }
            """;

    @Test
    void theExampleCompilesAndPrintsItsAnswers(@TempDir Path folder) throws Exception {
        Path root = TestBundles.root();
        Path bundle = TestBundles.folder("golden-joint-fp32");
        Path file = root.resolve("src/test/resources/golden/cases/blob.png");
        String text;
        String asked;
        try (var model = DescribeAnything.open(bundle)) {
            var picture = new PictureReader(PictureLimits.DEFAULT).read(Files.readAllBytes(file));
            var subject = Subject.of(picture);
            text = model.describe(subject);
            asked = model.describe(subject, DescriptionRequest.DEFAULT.asking("What colour is it?"))
                    .text();
        }

        var shown = JAVA.matcher(Files.readString(root.resolve("README.md")));
        assertThat(shown.find()).isTrue();
        assertThat(shown.group(1)).contains("Path.of(\"bundles/dam-3b\")");
        String printed = run(folder, shown.group(1).replace("bundles/dam-3b", bundle.toString()), file);
        assertThat(printed).isEqualTo("%s%n%s%s%n".formatted(text, text, asked));
    }

    private static String run(Path folder, String shown, Path file) throws Exception {
        Path source = Files.writeString(folder.resolve("Program.java"), PROGRAM.formatted(shown));
        var complaints = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        complaints,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        folder.toString(),
                        source.toString());
        assertThat(status).as(complaints.toString(StandardCharsets.UTF_8)).isZero();

        PrintStream before = System.out;
        var printed = new ByteArrayOutputStream();
        try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            loader.loadClass("Program").getMethod("run", Path.class).invoke(null, file);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
