package io.github.describeanything.bulk.endpoint;

import tools.jackson.databind.node.ObjectNode;

/** Something that answers chat completion requests. Thread-safe. */
public interface Endpoint extends AutoCloseable {
    /** Where requests go unless they say otherwise. */
    String CHAT = "/v1/chat/completions";

    /**
     * Asks once. A request that is refused is a reply as well.
     *
     * @param path such as {@link #CHAT}
     * @throws EndpointException if the request went wrong and asking again may help, or nothing does
     */
    Reply ask(String path, ObjectNode body) throws EndpointException, InterruptedException;

    /** Rows to keep in flight so that it always has work. */
    int inFlight();

    /** The model's name; empty if only its answers say so. */
    String model();

    @Override
    void close();
}
