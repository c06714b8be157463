package io.github.describeanything.server.operations;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import io.github.describeanything.server.http.Json;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * Log lines as JSON objects whose key-value pairs are fields of their own. Thread-safe.
 *
 * <p>Logback's {@code JsonEncoder} writes them as a list of one-field objects with string values.
 */
public final class JsonLayout extends LayoutBase<ILoggingEvent> {

    /** Switches the console appender to JSON. */
    public static void install() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        for (Iterator<Appender<ILoggingEvent>> all = root.iteratorForAppenders(); all.hasNext(); ) {
            if (all.next() instanceof ConsoleAppender<ILoggingEvent> console) {
                var layout = new JsonLayout();
                layout.setContext(root.getLoggerContext());
                layout.start();
                var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
                encoder.setContext(root.getLoggerContext());
                encoder.setLayout(layout);
                encoder.start();
                console.setEncoder(encoder);
            }
        }
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("time", event.getInstant().toString());
        fields.put("level", event.getLevel().toString());
        fields.put("logger", event.getLoggerName());
        fields.put("message", event.getFormattedMessage());
        for (KeyValuePair pair : Optional.ofNullable(event.getKeyValuePairs()).orElse(List.of())) {
            fields.put(pair.key, pair.value);
        }
        Optional.ofNullable(event.getThrowableProxy())
                .ifPresent(it -> fields.put("thrown", ThrowableProxyUtil.asString(it)));
        return Json.MAPPER.writeValueAsString(fields) + System.lineSeparator();
    }
}
