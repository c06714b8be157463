package io.github.describeanything.server;

import tools.jackson.databind.JsonNode;

/**
 * A request's body, and its share of the memory for bodies, which is given back when it is closed. Used by one thread.
 */
public final class Body implements AutoCloseable {
    private final JsonNode json;
    private final BodyBudget.Lease lease;

    Body(JsonNode json, BodyBudget.Lease lease) {
        this.json = json;
        this.lease = lease;
    }

    public JsonNode json() {
        return json;
    }

    @Override
    public void close() {
        lease.close();
    }
}
