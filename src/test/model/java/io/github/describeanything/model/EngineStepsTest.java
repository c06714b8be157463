package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.api.Description;
import io.github.describeanything.model.api.DescriptionRequest;
import io.github.describeanything.model.api.FinishReason;
import io.github.describeanything.model.api.Generation;
import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.model.api.SamplingOptions;
import io.github.describeanything.model.api.Subject;
import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.model.api.Usage;
import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.MultimodalPrompt;
import io.github.describeanything.model.features.Encoder;
import io.github.describeanything.model.lane.Schedule;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's calls to the decoder, step by step, and its token counts. */
class EngineStepsTest {
    private final Recorder recorder = new Recorder();

    private DescribeAnything open() {
        return open(Schedule.Mode.AUTO, Duration.ofSeconds(2));
    }

    private DescribeAnything open(Schedule.Mode schedule, Duration maxGap) {
        return DescribeAnything.open(
                TestBundles.folder("golden-joint-fp32"),
                TestBundles.builder(2, 16).schedule(schedule).maxGap(maxGap).build(),
                recorder::over,
                recorder::over);
    }

    /** A question about one picture. */
    private record Question(Subject subject, DescriptionRequest request) {
        Description ask(DescribeAnything model) {
            return model.describe(subject, request);
        }

        Generation start(DescribeAnything model) {
            return model.start(subject, request);
        }

        Question sampling(SamplingOptions other) {
            return new Question(subject, request.sampling(other));
        }
    }

    private static Question question(int seed, int tokens) {
        return new Question(
                TestPictures.subject(seed),
                DescriptionRequest.DEFAULT.limitedTo(tokens).ignoringEnd());
    }

    /** Starts several requests that the engine sees in the same step. */
    private List<Generation> together(DescribeAnything model, Question... questions) {
        recorder.gate = new CompletableFuture<>();
        List<Generation> started =
                Stream.of(questions).map(it -> it.start(model)).toList();
        recorder.gate.complete(null);
        return started;
    }

    @Test
    void aRowMovedIntoAFreeSlotContinuesUnchanged() {
        var brief = question(500, 20);
        var lengthy = question(501, 200);
        try (var model = open()) {
            String lengthyAlone = lengthy.ask(model).text();
            Description briefAlone = brief.ask(model);
            int template = briefAlone.usage().cachedTokens();

            List<Generation> both = together(model, brief, lengthy);
            assertThat(both.getFirst().await().text()).isEqualTo(briefAlone.text());
            assertThat(both.getLast().await().text()).isEqualTo(lengthyAlone);
            assertThat(recorder.moves).as("into the slot of the short answer").hasSize(1);

            Description lengthyAgain = lengthy.ask(model);
            assertThat(lengthyAgain.text()).isEqualTo(lengthyAlone);
            assertThat(lengthyAgain.usage().cachedTokens())
                    .as("all tokens but the last")
                    .isEqualTo(lengthyAgain.usage().promptTokens() - 1);
            Description briefAgain = brief.ask(model);
            assertThat(briefAgain.text()).isEqualTo(briefAlone.text());
            assertThat(briefAgain.usage().cachedTokens())
                    .as("the tokens before the picture")
                    .isEqualTo(template);
        }
        assertThat(recorder.wrong).isEmpty();
    }

    @Test
    void cachedTokensCountTokensThatWereNotComputed() {
        var question = question(502, 2);
        try (var model = open()) {
            assertThat(question.ask(model).usage().cachedTokens()).isZero();
            int before = recorder.prefilled;
            Usage usage = question.ask(model).usage();
            assertThat(recorder.prefilled - before).isEqualTo(1);
            assertThat(usage.cachedTokens()).isEqualTo(usage.promptTokens() - 1);
        }
    }

    @Test
    void theEndTokenIsNotCounted() {
        int end = Bundle.open(TestBundles.folder("golden-joint-fp32"))
                .manifest()
                .decoder()
                .eosTokenIds()
                .getFirst();
        try (var model = open()) {
            Description answer = model.describe(
                    TestPictures.subject(503), DescriptionRequest.DEFAULT.sampling(biased(Map.of(end, 100.0))));
            assertThat(answer.reason()).isEqualTo(FinishReason.STOP);
            assertThat(answer.usage().completionTokens()).isZero();
        }
    }

    @Test
    void logitBiasDoesNotChangeLogprobs() {
        var question = question(504, 1);
        try (var model = open()) {
            // Cache all prompt tokens but the last, so that both requests compute the same.
            question.ask(model);
            TokenLogprob plain = first(model, question.sampling(biased(Map.of())));
            TokenLogprob favoured = first(model, question.sampling(biased(Map.of(plain.id(), 5.0))));
            assertThat(favoured.id()).isEqualTo(plain.id());
            assertThat(favoured.logprob()).isEqualTo(plain.logprob()).isLessThan(0);
        }
    }

    private static TokenLogprob first(DescribeAnything model, Question question) {
        return question.ask(model).logprobs().getFirst();
    }

    private static SamplingOptions biased(Map<Integer, Double> bias) {
        return SamplingOptions.builder().logitBias(bias).topLogprobs(0).build();
    }

    @Test
    void latencyComputesAPromptBesideARunningSequenceInSmallChunks() {
        recorder.movable = false;
        // From the start, because the engine uses its measurements.
        recorder.nanosPerToken = 2_000_000;
        var late = question(507, 4);
        try (var model = open(Schedule.Mode.LATENCY, Duration.ofSeconds(2))) {
            String alone = late.ask(model).text();
            question(505, 1).ask(model);
            question(506, 1).ask(model);
            recorder.besideOthers.clear();
            List<Generation> all = together(model, question(505, 2), question(506, 200), late);
            all.get(0).await();
            assertThat(all.get(2).await().text()).isEqualTo(alone);
            all.get(1).close();
        }
        assertThat(recorder.besideOthers).hasSizeGreaterThan(3);
        // A whole prompt has more than 200 tokens; chunks that large would need decode runs of 128 ms.
        assertThat(recorder.besideOthers).allMatch(it -> it <= 64);
        assertThat(recorder.scratches).as("idle rows in decode runs").isPositive();
        assertThat(recorder.wrong).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 200})
    void throughputChunksKeepTheMaximumGap(int maxGapMillis) throws InterruptedException {
        recorder.nanosPerToken = 2_000_000;
        recorder.nanosPerDecodeRun = 2_000_000;
        var newcomer = question(507, 4);
        try (var model = open(Schedule.Mode.THROUGHPUT, Duration.ofMillis(maxGapMillis))) {
            String alone = newcomer.ask(model).text();
            Generation running = question(506, 400).start(model);
            running.next();
            recorder.runs.clear();
            assertThat(newcomer.ask(model).text()).isEqualTo(alone);
            running.close();
        }
        assertThat(recorder.runs).filteredOn(it -> it.startsWith("prefill")).hasSizeGreaterThan(2);
        for (int i = 1; i < recorder.runs.size(); i++) {
            String run = recorder.runs.get(i);
            int tokens = run.startsWith("prefill") ? Integer.parseInt(run.split(" ")[1]) : 0;
            assertThat(tokens).isLessThanOrEqualTo(maxGapMillis == 0 ? 15 : 103);
        }
        assertThat(recorder.wrong).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {50, 60_000})
    void throughputDecodesBesideVisionOnlyAtTheMaximumGap(int maxGapMillis) throws InterruptedException {
        recorder.nanosPerVisionRun = 1_000_000_000;
        recorder.nanosPerDecodeRun = 3_000_000;
        try (var model = open(Schedule.Mode.THROUGHPUT, Duration.ofMillis(maxGapMillis))) {
            Generation running = question(506, 400).start(model);
            running.next();
            recorder.runs.clear();
            question(516, 1).ask(model);
            running.close();
        }
        List<String> runs = List.copyOf(recorder.runs);
        assertThat(runs).contains("vision", "vision ends");
        List<String> beside = runs.subList(runs.indexOf("vision") + 1, runs.indexOf("vision ends"));
        assertThat(beside).allMatch("decode 1"::equals);
        if (maxGapMillis == 50) {
            assertThat(beside).hasSizeBetween(5, 25);
        } else {
            assertThat(beside).as("at most one that had begun").hasSizeLessThan(2);
        }
    }

    @Test
    void latencyDecodesBesideVisionInAThirdOfTheTime() throws InterruptedException {
        recorder.nanosPerVisionRun = 1_000_000_000;
        recorder.nanosPerDecodeRun = 5_000_000;
        try (var model = open(Schedule.Mode.LATENCY, Duration.ofSeconds(2))) {
            question(505, 20).ask(model);
            Generation running = question(506, 400).start(model);
            for (int i = 0; i < 10; i++) {
                running.next();
            }
            recorder.runs.clear();
            question(516, 1).ask(model);
            running.close();
        }
        List<String> runs = List.copyOf(recorder.runs);
        List<String> beside = runs.subList(runs.indexOf("vision") + 1, runs.indexOf("vision ends"));
        assertThat(beside).as("a run every 15 ms or more, 200 without rests").hasSizeBetween(10, 75);
    }

    @Test
    void throughputComputesAPromptBeforeTheVisionOfLaterRequests() {
        recorder.nanosPerVisionRun = 300_000_000;
        try (var model = open(Schedule.Mode.THROUGHPUT, Duration.ofMinutes(1))) {
            List<Generation> both = Stream.of(question(517, 2), question(518, 2))
                    .map(it -> it.start(model))
                    .toList();
            both.forEach(Generation::await);
        }
        assertThat(recorder.runs.stream().map(it -> it.replaceAll(" \\d+", "")).limit(6))
                .containsExactly("vision", "vision ends", "prefill", "vision", "vision ends", "prefill");
    }

    @Test
    void throughputComputesWholePromptsBeforeItDecodes() {
        recorder.nanosPerVisionRun = 100_000_000;
        var first = question(513, 200);
        var second = question(514, 200);
        try (var model = open(Schedule.Mode.THROUGHPUT, Duration.ofMinutes(1))) {
            String alone = second.ask(model).text();
            recorder.runs.clear();
            List<Generation> both = together(model, question(515, 1), first, second);
            assertThat(both.getLast().await().text()).isEqualTo(alone);
            both.forEach(Generation::close);
        }
        assertThat(recorder.runs.stream().filter(it -> !it.startsWith("vision")).limit(4))
                .satisfiesExactly(
                        it -> assertThat(it).startsWith("prefill"),
                        it -> assertThat(it).startsWith("prefill"),
                        it -> assertThat(it).startsWith("prefill"),
                        it -> assertThat(it).isEqualTo("decode 2"));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void aSequenceCancelledBeforeItsPrefillIsSkipped() throws InterruptedException {
        var first = question(508, 2);
        var leaving = question(509, 2);
        var other = question(512, 1);
        var last = question(510, 2);
        try (var model = open()) {
            String firstAlone = first.ask(model).text();
            String lastAlone = last.ask(model).text();
            // Cache all features, so that the sequences arrive in order.
            leaving.ask(model);
            // All three arrive during the prefill of another one, so that one step admits the first two.
            other.ask(model);
            var before = new CompletableFuture<Void>();
            recorder.gate = before;
            Generation others = other.start(model);
            await(() -> before.getNumberOfDependents() > 0);
            List<Generation> started =
                    Stream.of(first, leaving, last).map(it -> it.start(model)).toList();
            recorder.gate = new CompletableFuture<>();
            before.complete(null);
            others.await();
            await(() -> model.stats().running() == 2);
            started.get(1).cancel();
            recorder.gate.complete(null);
            assertThat(started.get(0).await().text()).isEqualTo(firstAlone);
            assertThat(started.get(1).next()).isInstanceOf(GenerationEvent.Cancelled.class);
            assertThat(started.get(2).await().text()).isEqualTo(lastAlone);
            assertThat(first.ask(model).text()).isEqualTo(firstAlone);
        }
        assertThat(recorder.wrong).isEmpty();
    }

    @Test
    void nanKeysAndValuesAreNotReused() {
        var question = question(511, 2);
        try (var model = open()) {
            String good = question.ask(model).text();
            recorder.spoilt = true;
            assertThatThrownBy(() -> question.ask(model)).hasMessage("The decoder computed NaN");
            Description again = question.ask(model);
            assertThat(again.text()).isEqualTo(good);
            assertThat(again.usage().cachedTokens()).isZero();
        }
    }

    /** A decoder that records which tokens of each slot are intact. Used by the engine's thread. */
    private static final class Recorder {
        private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        private volatile boolean movable = true;
        private volatile long nanosPerToken;
        private volatile long nanosPerDecodeRun;
        private volatile long nanosPerVisionRun;
        private volatile boolean spoilt;
        private volatile int prefilled;
        private volatile int scratches;
        private final List<String> wrong = new CopyOnWriteArrayList<>();
        private final List<Integer> moves = new CopyOnWriteArrayList<>();
        private final List<Integer> besideOthers = new CopyOnWriteArrayList<>();
        private final List<String> runs = new CopyOnWriteArrayList<>();
        private final int[] intact = new int[2];
        private final List<Integer> fed = new ArrayList<>();
        private boolean writing;

        Decoder over(Decoder real) {
            return (Decoder) Proxy.newProxyInstance(
                    Decoder.class.getClassLoader(), new Class<?>[] {Decoder.class}, (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "prefill" ->
                                prefill((int) arguments[0], (MultimodalPrompt) arguments[1], (int) arguments[2], (int)
                                        arguments[3]);
                            case "feed" -> fed.add((int) arguments[0]);
                            case "decode" -> decode((int) arguments[0], (int[]) arguments[1], real.context());
                            case "move" -> move((int) arguments[0], (int) arguments[1], (int) arguments[2]);
                            case "movable" -> {
                                return movable && real.movable();
                            }
                            default -> {}
                        }
                        try {
                            Object result = method.invoke(real, arguments);
                            if (method.getName().equals("logits") && spoilt) {
                                spoilt = false;
                                Arrays.fill((float[]) arguments[1], Float.NaN);
                            }
                            return result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        Encoder over(Encoder real) {
            return (Encoder) Proxy.newProxyInstance(
                    Encoder.class.getClassLoader(), new Class<?>[] {Encoder.class}, (proxy, method, arguments) -> {
                        boolean encodes = method.getName().equals("encode");
                        if (encodes) {
                            runs.add("vision");
                            Thread.sleep(Duration.ofNanos(nanosPerVisionRun));
                        }
                        try {
                            return method.invoke(real, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        } finally {
                            if (encodes) {
                                runs.add("vision ends");
                            }
                        }
                    });
        }

        private void prefill(int slot, MultimodalPrompt prompt, int from, int count) {
            gate.join();
            LockSupport.parkNanos(count * nanosPerToken);
            prefilled += count;
            runs.add("prefill " + count);
            if (writing) {
                besideOthers.add(count);
            }
            // A step without running sequences has no decode run.
            writing = false;
            require(from <= intact[slot], "prefill continues after overwritten tokens");
            intact[slot] = from + count;
            require(intact[slot] <= prompt.tokens(), "prefill beyond the prompt's end");
        }

        private void decode(int rows, int[] computed, int context) {
            LockSupport.parkNanos(nanosPerDecodeRun);
            writing = true;
            runs.add("decode " + rows);
            for (int i = 0; i < rows; i++) {
                require(computed[i] < context, "decode beyond the context");
                if (fed.contains(i)) {
                    require(computed[i] == intact[i], "decode does not continue at the row's end");
                    intact[i] = computed[i] + 1;
                } else {
                    scratches++;
                    intact[i] = Math.min(intact[i], computed[i]);
                }
            }
            fed.clear();
        }

        private void move(int from, int to, int tokens) {
            require(tokens == intact[from], "only a part of the row is moved");
            intact[to] = tokens;
            moves.add(tokens);
        }

        private void require(boolean holds, String what) {
            if (!holds) {
                wrong.add(what);
            }
        }
    }
}
