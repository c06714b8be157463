package io.github.describeanything.server.operations;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Ids that follow a request through logs. Stateless. */
final class RequestId {
    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private RequestId() {}

    /** The client's, if it is harmless to echo and to log; else a new one. */
    static String of(Optional<String> offered) {
        return offered.filter(it -> HARMLESS.matcher(it).matches())
                .orElseGet(() -> "req-"
                        + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }
}
