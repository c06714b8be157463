package io.github.describeanything.server.operations;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;

/**
 * Leaves out of the log what only says that a connection was given up while its request was read or answered, which the
 * request's own line says already. Thread-safe.
 */
public final class LogFilter extends Filter<ILoggingEvent> {
    private static final String STATE = IllegalStateException.class.getName();

    @Override
    public FilterReply decide(ILoggingEvent event) {
        boolean ofJavalin = event.getLoggerName().startsWith("io.javalin");
        var thrown = event.getThrowableProxy();
        return ofJavalin && thrown != null && thrown.getClassName().equals(STATE)
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }
}
