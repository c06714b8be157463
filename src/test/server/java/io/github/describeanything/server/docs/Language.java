package io.github.describeanything.server.docs;

import java.io.IOException;
import java.util.Optional;

/** Runs a document's code of one language. Used by one thread; closing it ends its processes. */
public interface Language extends AutoCloseable {

    /** What to install first, as a message; empty if it can run. */
    Optional<String> missing();

    /** Runs code in the repository's root; fails if the code fails. @return its output */
    String run(String setup, String code) throws IOException, InterruptedException;

    @Override
    void close();
}
