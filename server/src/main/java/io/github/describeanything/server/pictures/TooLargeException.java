package io.github.describeanything.server.pictures;

import java.io.IOException;

/** The remote picture is larger than allowed. Immutable. */
final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;
}
