package io.github.describeanything.server.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The server's NOTICE names the authors of all designs that the built-in model was trained on. */
class NoticeTest {
    @Test
    void theNoticeNamesEveryDesignAndItsLicence() throws IOException {
        List<String> designs = Files.readAllLines(TestServer.root().resolve("onnx-export/mini/ART.md")).stream()
                .filter(line -> line.contains("`@iconify-json/") && line.contains("| training |"))
                .toList();
        assertThat(designs).hasSize(7);
        String notice = ownNotice();
        assertThat(designs).allSatisfy(line -> {
            String[] cells = line.split("\\|");
            assertThat(notice).contains(cells[1].strip().split(",")[0]).contains(cells[4].strip());
        });
    }

    private static String ownNotice() throws IOException {
        for (URL url : Collections.list(NoticeTest.class.getClassLoader().getResources("META-INF/NOTICE"))) {
            try (InputStream in = url.openStream()) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                if (text.startsWith("Describe Anything, served")) {
                    return text;
                }
            }
        }
        throw new AssertionError("the server's resources hold no NOTICE");
    }
}
