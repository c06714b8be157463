package io.github.describeanything.server.openai.responses;

import io.github.describeanything.model.api.GenerationEvent;
import io.github.describeanything.server.openai.WireWriter;

/** Collects a response until it is complete. Used by one thread. */
final class WholeResponse implements WireWriter.Whole {
    private final PendingResponse response;

    WholeResponse(PendingResponse response) {
        this.response = response;
    }

    @Override
    public void delta(int choice, GenerationEvent.Delta delta) {
        response.item(choice).add(delta);
    }

    @Override
    public void finished(int choice, GenerationEvent.Finished end) {
        response.item(choice).finish(end);
    }

    @Override
    public ResponseBody body() {
        return response.ended();
    }
}
