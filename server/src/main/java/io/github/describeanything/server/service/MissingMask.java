package io.github.describeanything.server.service;

/** What happens to a picture without an alpha channel when the request names no region. */
public enum MissingMask {
    /** It is refused. */
    REFUSE,
    /** The whole picture is the region, for chat programs that can only send photographs. */
    WHOLE
}
