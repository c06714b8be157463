package io.github.describeanything.server;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.EngineOptions;
import io.github.describeanything.server.service.NamedModel;
import java.nio.file.Path;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import org.junit.jupiter.api.Test;

class CoresMeasure {
    static String request(String model, int i, int tokens) {
        byte[] file = Pictures.encoded(
                Pictures.noise(200, 150, i, (x, y) -> x > 20 && x < 120 && y > 20 && y < 100 ? 255 : 0), "png");
        return TestServer.request(Pictures.url(file), "", ", \"ignore_eos\": true")
                .replace("\"max_tokens\": 16", "\"max_tokens\": " + tokens)
                .replace("\"golden\"", "\"" + model + "\"");
    }

    static AtomicInteger seed = new AtomicInteger(1000);

    static double[] load(TestServer server, List<String> names, int clients, int each, int tokens) throws Exception {
        long start = System.nanoTime();
        var latencies = new ConcurrentLinkedQueue<Double>();
        var threads = new ArrayList<Thread>();
        for (int c = 0; c < clients; c++) {
            String name = names.get(c % names.size());
            threads.add(Thread.startVirtualThread(() -> {
                for (int k = 0; k < each; k++) {
                    long t = System.nanoTime();
                    var r = server.post("/v1/chat/completions", request(name, seed.incrementAndGet(), tokens));
                    if (r.statusCode() != 200) throw new AssertionError(r.body());
                    latencies.add((System.nanoTime() - t) / 1e9);
                }
            }));
        }
        for (Thread t : threads) t.join();
        double secs = (System.nanoTime() - start) / 1e9;
        double[] sorted = latencies.stream().mapToDouble(it -> it).sorted().toArray();
        return new double[] {clients * each * 60.0 / secs, sorted[sorted.length / 2], sorted[sorted.length - 1]};
    }

    @Test
    void measure() throws Exception {
        String which = System.getProperty("cores.bundle", "built-in");
        int each = Integer.getInteger("cores.each", 4),
                tokens = Integer.getInteger("cores.tokens", 48),
                rounds = Integer.getInteger("cores.rounds", 3);
        Path folder = which.equals("built-in") ? EmbeddedBundle.unpack().folder() : Path.of(which);
        EngineOptions options = EngineOptions.builder()
                .threads(2)
                .workers(1)
                .slots(8)
                .queue(64)
                .featureCache(0)
                .models(2)
                .build();
        var a = new NamedModel("a", DescribeAnything.open(folder, options));
        var b = new NamedModel("b", DescribeAnything.open(folder, options));
        try (var server = TestServer.over(List.of(a, b), Optional.empty())) {
            load(server, List.of("a", "b"), 4, 1, 8);
            for (int r = 0; r < rounds; r++) {
                System.out.println("own locks " + System.getProperty("cores.own"));
                double[] one = load(server, List.of("a"), 8, each, tokens);
                double[] two = load(server, List.of("a", "b"), 8, each, tokens);
                System.out.printf(
                        "ROUND one %.0f/min p50 %.2f max %.2f   two %.0f/min p50 %.2f max %.2f   ratio %.2f%n",
                        one[0], one[1], one[2], two[0], two[1], two[2], two[0] / one[0]);
            }
        }
    }
}
