package io.github.describeanything.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.describeanything.model.bundle.Bundle;
import io.github.describeanything.model.decode.Decoder;
import io.github.describeanything.model.decode.Splice;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What the engine asks of the decoder, step by step, and how it counts. */
class StepsTest {
    private final Recorder recorder = new Recorder();

    private DescribeAnything open() {
        return DescribeAnything.open(
                TestBundles.folder("golden-joint-fp32"),
                TestBundles.options(2, 16),
                UnaryOperator.identity(),
                recorder::over);
    }

    private static DescriptionRequest request(int seed, int tokens) {
        return DescriptionRequest.of(TestPictures.noise(seed)).limitedTo(tokens).ignoringEnd();
    }

    /** Starts several that the engine sees all at once. */
    private List<Generation> together(DescribeAnything model, DescriptionRequest... requests) {
        recorder.gate = new CompletableFuture<>();
        List<Generation> started = model.start(List.of(requests));
        recorder.gate.complete(null);
        return started;
    }

    @Test
    void aRowThatMovesIntoAHoleGoesOnAsIfItWereAlone() {
        var brief = request(500, 20);
        var lengthy = request(501, 200);
        try (var model = open()) {
            String lengthyAlone = model.describe(lengthy).text();
            Description briefAlone = model.describe(brief);
            int template = briefAlone.usage().cachedTokens();

            List<Generation> both = together(model, brief, lengthy);
            assertThat(Descriptions.read(both.getFirst()).text()).isEqualTo(briefAlone.text());
            assertThat(Descriptions.read(both.getLast()).text()).isEqualTo(lengthyAlone);
            assertThat(recorder.moves)
                    .as("into the hole that the brief one left")
                    .hasSize(1);

            Description lengthyAgain = model.describe(lengthy);
            assertThat(lengthyAgain.text()).isEqualTo(lengthyAlone);
            assertThat(lengthyAgain.usage().cachedTokens())
                    .as("all but the last position")
                    .isEqualTo(lengthyAgain.usage().promptTokens() - 1);
            Description briefAgain = model.describe(brief);
            assertThat(briefAgain.text()).isEqualTo(briefAlone.text());
            assertThat(briefAgain.usage().cachedTokens())
                    .as("what comes before the picture")
                    .isEqualTo(template);
        }
        assertThat(recorder.wrong).isEmpty();
    }

    @Test
    void cachedTokensAreThoseThatWereNotComputed() {
        var request = request(502, 2);
        try (var model = open()) {
            assertThat(model.describe(request).usage().cachedTokens()).isZero();
            int before = recorder.prefilled;
            Usage usage = model.describe(request).usage();
            assertThat(recorder.prefilled - before).isEqualTo(1);
            assertThat(usage.cachedTokens()).isEqualTo(usage.promptTokens() - 1);
        }
    }

    @Test
    void theTokenThatEndsAnAnswerIsNotCounted() {
        int end = Bundle.open(TestBundles.folder("golden-joint-fp32"))
                .manifest()
                .decoder()
                .eosTokenIds()
                .getFirst();
        try (var model = open()) {
            Description answer = model.describe(
                    DescriptionRequest.of(TestPictures.noise(503)).sampling(biased(Map.of(end, 100.0))));
            assertThat(answer.reason()).isEqualTo(FinishReason.STOP);
            assertThat(answer.usage().completionTokens()).isZero();
        }
    }

    @Test
    void logprobsAreTheModelsOwnWhateverTheBias() {
        var request = request(504, 1);
        try (var model = open()) {
            // From now on all but the last position is known, so that both compute the same.
            model.describe(request);
            TokenLogprob plain = first(model, request.sampling(biased(Map.of())));
            TokenLogprob favoured = first(model, request.sampling(biased(Map.of(plain.id(), 5.0))));
            assertThat(favoured.id()).isEqualTo(plain.id());
            assertThat(favoured.logprob()).isEqualTo(plain.logprob()).isLessThan(0);
        }
    }

    private static TokenLogprob first(DescribeAnything model, DescriptionRequest request) {
        return model.describe(request).logprobs().getFirst();
    }

    private static SamplingOptions biased(Map<Integer, Double> bias) {
        return new SamplingOptions(0, 1, 0, 0, 1, 0, 0, bias, OptionalLong.empty(), 0);
    }

    @Test
    void aPromptBesideAWriterComesInSmallChunksAndNothingOfItIsOverwritten() {
        recorder.movable = false;
        // From the first, since the engine goes by what it measured.
        recorder.nanosPerPosition = 2_000_000;
        var newcomer = request(507, 4);
        try (var model = open()) {
            String alone = model.describe(newcomer).text();
            model.describe(request(505, 1));
            model.describe(request(506, 1));
            recorder.besideWriters.clear();
            List<Generation> all = together(model, request(505, 2), request(506, 200), newcomer);
            Descriptions.read(all.get(0));
            assertThat(Descriptions.read(all.get(2)).text()).isEqualTo(alone);
            all.get(1).close();
        }
        assertThat(recorder.besideWriters).hasSizeGreaterThan(3);
        // A whole prompt would be more than 200. A run of the decoder would have to take 128 ms for so many.
        assertThat(recorder.besideWriters).allMatch(it -> it <= 64);
        assertThat(recorder.scratches).as("rows that took no part").isPositive();
        assertThat(recorder.wrong).isEmpty();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void whoeverLeavesWhileOthersPromptsAreComputedIsPassedOver() throws InterruptedException {
        var first = request(508, 2);
        var leaving = request(509, 2);
        var other = request(512, 1);
        var last = request(510, 2);
        try (var model = open()) {
            String firstAlone = model.describe(first).text();
            String lastAlone = model.describe(last).text();
            // Nobody's picture has to be encoded any more, so that they come in order.
            model.describe(leaving);
            // While another's prompt is computed all three come, so that one step seats the first two at once.
            model.describe(other);
            var before = new CompletableFuture<Void>();
            recorder.gate = before;
            Generation others = model.start(other);
            await(() -> before.getNumberOfDependents() > 0);
            List<Generation> started = model.start(List.of(first, leaving, last));
            recorder.gate = new CompletableFuture<>();
            before.complete(null);
            Descriptions.read(others);
            await(() -> model.load().running() == 2);
            started.get(1).cancel();
            recorder.gate.complete(null);
            assertThat(Descriptions.read(started.get(0)).text()).isEqualTo(firstAlone);
            assertThat(started.get(1).next()).isInstanceOf(GenerationEvent.Cancelled.class);
            assertThat(Descriptions.read(started.get(2)).text()).isEqualTo(lastAlone);
            assertThat(model.describe(first).text()).isEqualTo(firstAlone);
        }
        assertThat(recorder.wrong).isEmpty();
    }

    @Test
    void nobodyGoesOnFromWhatIsNoNumber() {
        var request = request(511, 2);
        try (var model = open()) {
            String good = model.describe(request).text();
            recorder.spoilt = true;
            assertThatThrownBy(() -> model.describe(request)).hasMessage("The decoder computed no numbers");
            Description again = model.describe(request);
            assertThat(again.text()).isEqualTo(good);
            assertThat(again.usage().cachedTokens()).isZero();
        }
    }

    /** A decoder that knows which positions of a slot still are what was written there. Of the engine's thread. */
    private static final class Recorder {
        private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        private volatile boolean movable = true;
        private volatile long nanosPerPosition;
        private volatile boolean spoilt;
        private volatile int prefilled;
        private volatile int scratches;
        private final List<String> wrong = new CopyOnWriteArrayList<>();
        private final List<Integer> moves = new CopyOnWriteArrayList<>();
        private final List<Integer> besideWriters = new CopyOnWriteArrayList<>();
        private final int[] intact = new int[2];
        private final List<Integer> fed = new ArrayList<>();
        private boolean writing;

        Decoder over(Decoder real) {
            return (Decoder) Proxy.newProxyInstance(
                    Decoder.class.getClassLoader(), new Class<?>[] {Decoder.class}, (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "prefill" ->
                                prefill((int) arguments[0], (Splice) arguments[1], (int) arguments[2], (int)
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

        private void prefill(int slot, Splice prompt, int from, int count) {
            gate.join();
            LockSupport.parkNanos(count * nanosPerPosition);
            prefilled += count;
            if (writing) {
                besideWriters.add(count);
            }
            // A step that decodes nothing says nothing to the decoder.
            writing = false;
            require(from <= intact[slot], "a prompt goes on after what was overwritten");
            intact[slot] = from + count;
            require(intact[slot] <= prompt.positions(), "a prompt beyond its end");
        }

        private void decode(int rows, int[] held, int context) {
            writing = true;
            for (int i = 0; i < rows; i++) {
                require(held[i] < context, "a row beyond the context");
                if (fed.contains(i)) {
                    require(held[i] == intact[i], "a row does not go on where it ended");
                    intact[i] = held[i] + 1;
                } else {
                    scratches++;
                    intact[i] = Math.min(intact[i], held[i]);
                }
            }
            fed.clear();
        }

        private void move(int from, int to, int positions) {
            require(positions == intact[from], "not all of a row is moved");
            intact[to] = positions;
            moves.add(positions);
        }

        private void require(boolean holds, String what) {
            if (!holds) {
                wrong.add(what);
            }
        }
    }
}
