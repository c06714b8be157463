package io.github.describeanything.server.operations;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;

/**
 * Drops Javalin's stack traces for connections aborted during a request; the request log has a line for each.
 * Thread-safe.
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
