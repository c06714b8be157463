package io.github.describeanything.server.docs;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.server.HttpServer;
import io.github.describeanything.server.Limits;
import io.github.describeanything.server.ServerConfig;
import io.github.describeanything.server.TestServer;
import io.github.describeanything.server.With;
import io.github.describeanything.server.service.NamedModel;
import io.github.describeanything.server.video.TestVideos;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Every example of docs/pam.md does what the document says, with a small model under the name of the published one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PamDocumentTest {
    private DescribeAnything model;
    private HttpServer server;
    private Document document;

    @BeforeAll
    void start() {
        model = DescribeAnything.open(TestServer.bundle("pam-other"), TestServer.options(6, 64));
        var limits = new Limits(64L << 20, 64, 64, 20, Limits.DEFAULT.idle(), Limits.DEFAULT.keepAlive());
        server = HttpServer.start(
                With.limits(limits).apply(ServerConfig.builder()).build(),
                List.of(new NamedModel("PAM-1.5B", model)),
                Optional.empty());
        document = new Document(
                "docs/pam.md",
                name -> "http://127.0.0.1:" + server.port(),
                TestVideos.program().stream().toList());
    }

    @AfterAll
    void stop() {
        document.close();
        server.close();
        model.close();
    }

    @TestFactory
    Stream<DynamicTest> theExamples() throws IOException {
        return document.examples();
    }
}
