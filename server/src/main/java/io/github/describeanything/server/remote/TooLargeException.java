package io.github.describeanything.server.remote;

import java.io.IOException;

/** What was fetched has more bytes than may be. Immutable. */
final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;
}
