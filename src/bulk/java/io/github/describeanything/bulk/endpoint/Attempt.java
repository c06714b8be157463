package io.github.describeanything.bulk.endpoint;

import java.io.IOException;
import tools.jackson.databind.node.ObjectNode;

/** One try to get a reply. Thread-safe. */
interface Attempt {

    /**
     * Sends a request once.
     *
     * @throws IOException if the connection broke or what came is not JSON; the message says what happened
     */
    Reply send(String path, ObjectNode body) throws IOException, InterruptedException;
}
