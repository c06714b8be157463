package io.github.describeanything.server.chat;

import io.github.describeanything.model.BusyException;
import io.github.describeanything.model.GenerationEvent;
import io.github.describeanything.model.TokenLogprob;
import io.github.describeanything.model.Usage;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.operations.Exchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects an answer until it is whole. Used by one thread. */
final class WholeAnswer {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final ChatCompletions.Head head;
    private final Exchange exchange;
    private final StringBuilder[] texts;
    private final List<List<TokenLogprob>> logprobs = new ArrayList<>();
    private final GenerationEvent.Finished[] ends;

    WholeAnswer(ChatCompletions.Head head, Exchange exchange) {
        this.head = head;
        this.exchange = exchange;
        texts = new StringBuilder[head.choices()];
        Arrays.setAll(texts, i -> new StringBuilder());
        ends = new GenerationEvent.Finished[texts.length];
        for (int i = 0; i < texts.length; i++) {
            logprobs.add(new ArrayList<>());
        }
    }

    /** Reads all events. @throws RuntimeException if a generation failed or the client left */
    void read(Events events) throws InterruptedException {
        while (events.open()) {
            events.poll(LONG).ifPresent(it -> {
                switch (it.event()) {
                    case GenerationEvent.Delta delta -> {
                        exchange.delta(it.index());
                        texts[it.index()].append(delta.text());
                        logprobs.get(it.index()).addAll(delta.logprobs());
                    }
                    case GenerationEvent.Finished end -> {
                        exchange.finished(end, head.opens(it.index()));
                        ends[it.index()] = end;
                    }
                    case GenerationEvent.Failed failed -> throw failed.cause();
                    case GenerationEvent.Cancelled ignored when events.ended() -> throw BusyException.closing();
                    case GenerationEvent.Cancelled ignored -> throw ApiException.clientLeft();
                }
            });
        }
    }

    ChatCompletion body() {
        var choices = new ArrayList<ChatCompletion.Choice>();
        for (int i = 0; i < texts.length; i++) {
            choices.add(new ChatCompletion.Choice(
                    i,
                    head.region(i),
                    ChatCompletion.Message.of(texts[i].toString()),
                    Answers.logprobs(head.logprobs(), logprobs.get(i)),
                    Answers.finishReason(ends[i].reason())));
        }
        List<Usage> usages =
                Arrays.stream(ends).map(GenerationEvent.Finished::usage).toList();
        return new ChatCompletion(
                head.id(),
                ChatCompletion.OBJECT,
                head.created(),
                head.model(),
                choices,
                Answers.usage(usages, head.n()));
    }
}
