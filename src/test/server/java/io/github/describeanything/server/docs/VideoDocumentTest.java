package io.github.describeanything.server.docs;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Every example of docs/video.md does what the document says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VideoDocumentTest {
    private TestServer server;
    private Document document;

    @BeforeAll
    void start() {
        server = TestServer.startSegmenting("golden-joint-fp32", "sam-golden", 64);
        document = new Document("docs/video.md", name -> server.url(""));
    }

    @AfterAll
    void stop() {
        document.close();
        server.close();
    }

    @TestFactory
    Stream<DynamicTest> theExamples() throws IOException {
        return document.examples();
    }
}
