package io.github.describeanything.server.http;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Request ids for logs. Stateless. */
public final class RequestId {
    /** The header of requests and responses that carries the id. */
    public static final String HEADER = "X-Request-Id";

    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private RequestId() {}

    /** The client's id if it is safe to echo and log; otherwise a new one. */
    public static String of(Optional<String> offered) {
        return offered.filter(it -> HARMLESS.matcher(it).matches())
                .orElseGet(() -> "req-"
                        + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }
}
