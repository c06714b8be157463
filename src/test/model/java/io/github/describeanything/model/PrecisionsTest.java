package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.describeanything.model.api.Description;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.api.TokenLogprob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold for every precision and all dimensions of a model. */
class PrecisionsTest {

    private static DescribeAnything open(String bundle, int slots) {
        return DescribeAnything.open(TestBundles.folder(bundle), TestBundles.options(slots, 64));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "golden-image-fp32",
                "golden-joint-fp32",
                "golden-joint-fp16",
                "golden-joint-int8-per-block",
                "golden-joint-int8-per-token",
                "golden-joint-int4",
                "golden-joint-cuda-fp16",
                "other-odd-fp32",
                "other-even-fp32"
            })
    void bundlesPassTheirSelfCheck(String bundle) {
        try (var model = open(bundle, 1)) {
            SelfCheck.Result result = SelfCheck.run(model, TestBundles.folder(bundle));
            assertThat(result.passed()).as(result.text()).isTrue();
        }
    }

    /**
     * With every choice clear, and with none: an improbable token is wrong even if the reference's choice was close.
     */
    @ParameterizedTest
    @ValueSource(strings = {"0", "1000"})
    void theSelfCheckFailsOnAWrongAnswer(String margin, @TempDir Path folder) throws IOException {
        Path bundle = TestBundles.folder("golden-joint-fp32");
        Files.copy(bundle.resolve("golden.png"), folder.resolve("golden.png"));
        String golden = Files.readString(bundle.resolve("golden.json"));
        Files.writeString(
                folder.resolve("golden.json"),
                golden.replaceFirst("\"greedy_ids\": \\[\\s*\\d+", "\"greedy_ids\": [ 77")
                        .replaceFirst("\"margin\": [0-9.]+", "\"margin\": " + margin));
        try (var model = open("golden-joint-fp32", 1)) {
            SelfCheck.Result result = SelfCheck.run(model, folder);
            assertThat(result.passed()).as(result.text()).isFalse();
            assertThat(result.text()).contains("its checkpoint says [77,");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "golden-joint-fp32",
                "golden-joint-fp16",
                "golden-joint-int8-per-block",
                "golden-joint-int8-per-token",
                "golden-joint-int4",
                "other-odd-fp32"
            })
    void concurrentRequestsGetTheSameAnswersAsAlone(String bundle) {
        try (var model = open(bundle, 8)) {
            List<Description> together =
                    numbers().mapToObj(i -> model.describeAsync(TestPictures.subject(i), request(i))).toList().stream()
                            .map(CompletableFuture::join)
                            .toList();
            int compared = 0;
            try (var other = open(bundle, 1)) {
                for (int i = 0; i < together.size(); i++) {
                    List<TokenLogprob> alone =
                            other.describe(TestPictures.subject(i), request(i)).logprobs();
                    int clear = clear(alone, bundle.endsWith("int4") ? 0.15 : 0.02);
                    assertThat(ids(together.get(i).logprobs()).subList(0, clear))
                            .as("answer %d", i)
                            .isEqualTo(ids(alone).subList(0, clear));
                    compared += clear;
                }
            }
            assertThat(compared).isGreaterThan(together.size() * 4);
        }
    }

    /**
     * Tokens before the first choice whose margin is not above {@code close}. Products of few rows may round differently from
     * those of many, and quantisation makes steps of such differences, so that a close choice may turn out otherwise beside
     * others.
     */
    private static int clear(List<TokenLogprob> tokens, double close) {
        int clear = 0;
        while (clear < tokens.size() && margin(tokens.get(clear)) > close) {
            clear++;
        }
        return clear;
    }

    private static double margin(TokenLogprob token) {
        return token.top().get(0).logprob() - token.top().get(1).logprob();
    }

    private static List<Integer> ids(List<TokenLogprob> tokens) {
        return tokens.stream().map(TokenLogprob::id).toList();
    }

    private static IntStream numbers() {
        return IntStream.range(0, 64);
    }

    private static DescriptionRequest request(int i) {
        return DescriptionRequest.DEFAULT
                .limitedTo(4 + i % 9)
                .sampling(
                        SamplingOptions.builder().temperature(0).topLogprobs(2).build());
    }
}
