package io.github.describeanything.server.docs;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Runs every example of docs/regions.md. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegionsDocumentTest {
    private TestServer server;
    private Document document;

    @BeforeAll
    void start() {
        server = TestServer.start("golden-joint-fp32");
        document = new Document("docs/regions.md", name -> server.url(""));
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
