package io.github.describeanything.server.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dashboards, alerts and documents use only metrics that exist. */
class DashboardTest {
    private static final Pattern NAME =
            Pattern.compile("\\b(?:dam|process|jvm)_[a-z_]*[a-z](?:_bucket|_sum|_count)?\\b(?![-:])");

    private static Set<String> known = Set.of();

    @BeforeAll
    static void scrape() {
        try (var server = TestServer.startSegmenting("golden-image-fp32", "sam-golden", 1)) {
            server.post(TestServer.request("data:image/png;base64,x", "What is it?", ""));
            known = server.get("/metrics")
                    .body()
                    .lines()
                    .filter(it -> !it.startsWith("#"))
                    .map(it -> it.replaceAll("[ {].*", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @AfterAll
    static void forget() {
        known = Set.of();
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker/grafana/describe-anything.json", "docker/prometheus/alerts.yml"})
    void usesOnlyExistingMetrics(String file) throws IOException {
        assertThat(named(file)).isNotEmpty().isSubsetOf(known);
    }

    @Test
    void theDocumentListsExactlyOurMetrics() throws IOException {
        Set<String> documented = named("docs/operations.md");
        Set<String> ours = known.stream()
                .filter(it -> it.startsWith("dam_"))
                .map(it -> it.replaceAll("_(bucket|sum|count|max)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).containsAll(ours);
        ours.addAll(known);
        assertThat(documented).isSubsetOf(ours);
    }

    private static Set<String> named(String file) throws IOException {
        return NAME.matcher(Files.readString(TestServer.root().resolve(file)))
                .results()
                .map(it -> it.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
