package io.github.describeanything.server.openai.chat;

import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.model.api.TokenLogprob;
import io.github.describeanything.server.openai.LogprobsBody;
import io.github.describeanything.server.openai.UsageBody;
import io.github.describeanything.server.openai.WireId;
import io.github.describeanything.server.openai.WireWriter;
import io.github.describeanything.server.service.Ticket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects a complete chat completion. Used by one thread. */
final class WholeChat implements WireWriter.Whole {
    private final ChatWriter writer;
    private final Ticket ticket;
    private final String id = WireId.random("chatcmpl-");
    private final long created = System.currentTimeMillis() / 1000;
    private final List<StringBuilder> texts = new ArrayList<>();
    private final List<List<TokenLogprob>> logprobs = new ArrayList<>();
    private final GenerationEvent.Finished[] ends;

    WholeChat(ChatWriter writer, Ticket ticket) {
        this.writer = writer;
        this.ticket = ticket;
        this.ends = new GenerationEvent.Finished[ticket.choices()];
        for (int i = 0; i < ends.length; i++) {
            texts.add(new StringBuilder());
            logprobs.add(new ArrayList<>());
        }
    }

    @Override
    public void delta(int choice, GenerationEvent.Delta delta) {
        texts.get(choice).append(delta.text());
        logprobs.get(choice).addAll(delta.logprobs());
    }

    @Override
    public void finished(int choice, GenerationEvent.Finished end) {
        ends[choice] = end;
    }

    @Override
    public ChatCompletion body() {
        var choices = new ArrayList<ChatCompletion.Choice>();
        for (int i = 0; i < ends.length; i++) {
            choices.add(new ChatCompletion.Choice(
                    i,
                    writer.region(i, ticket),
                    ticket.task(i),
                    ChatCompletion.Message.of(texts.get(i).toString()),
                    LogprobsBody.of(writer.logprobs(), logprobs.get(i)),
                    ChatWriter.finishReason(ends[i].reason())));
        }
        var usages = Arrays.stream(ends).map(GenerationEvent.Finished::usage).toList();
        return new ChatCompletion(
                id, ChatCompletion.OBJECT, created, ticket.model(), choices, UsageBody.of(usages, ticket.n()));
    }
}
