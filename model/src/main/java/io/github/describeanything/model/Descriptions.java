package io.github.describeanything.model;

import java.util.ArrayList;

/** Reads a generation to its end. Stateless. */
final class Descriptions {
    private Descriptions() {}

    static Description read(Generation generation) {
        var text = new StringBuilder();
        var logprobs = new ArrayList<TokenLogprob>();
        try {
            while (true) {
                switch (generation.next()) {
                    case GenerationEvent.Delta delta -> {
                        text.append(delta.text());
                        logprobs.addAll(delta.logprobs());
                    }
                    case GenerationEvent.Finished end -> {
                        return new Description(text.toString(), end.reason(), end.usage(), end.timings(), logprobs);
                    }
                    case GenerationEvent.Failed failed -> throw failed.cause();
                    case GenerationEvent.Cancelled ignored -> throw BusyException.closing();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("Interrupted while waiting for the answer", e);
        }
    }
}
