package io.github.describeanything.server.http;

import tools.jackson.databind.JsonNode;

/** A parsed request body and its share of the memory for bodies, released when it is closed. Used by one thread. */
public final class RequestBody implements AutoCloseable {
    private final JsonNode json;
    private final BodyBudget.Lease lease;

    RequestBody(JsonNode json, BodyBudget.Lease lease) {
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
