package io.github.describeanything.server;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Ids that follow a request through logs. Stateless. */
public final class RequestId {
    /** The header that carries it, both ways. */
    public static final String HEADER = "X-Request-Id";

    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private RequestId() {}

    /** The client's, if it is harmless to echo and to log; else a new one. */
    public static String of(Optional<String> offered) {
        return offered.filter(it -> HARMLESS.matcher(it).matches())
                .orElseGet(() -> "req-"
                        + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }
}
