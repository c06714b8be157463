package io.github.describeanything.server.docs;

import java.io.IOException;
import java.util.Optional;

/** Runs a document's code of one language. Used by one thread; what it started ends when it is closed. */
public interface Language extends AutoCloseable {

    /** What to install first, in one line; empty if it can run. */
    Optional<String> missing();

    /** Runs a piece of code from the repository's root. @return what it printed. Fails if the code fails */
    String run(String setup, String code) throws IOException, InterruptedException;

    @Override
    void close();
}
