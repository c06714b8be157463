package io.github.describeanything.server.operations;

import io.github.describeanything.model.api.Timings;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Logs one line per request: path, outcome and timings, never pictures or prompts. Thread-safe. */
public final class RequestLog {
    private static final Logger LOG = LoggerFactory.getLogger("request");

    private final boolean json;

    /** @param json whether to log key-value pairs for {@link JsonLayout} instead of text */
    public RequestLog(boolean json) {
        this.json = json;
    }

    void write(Context ctx, RequestRecord record, RequestRecord.Outcome outcome) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", record.id());
        fields.put("method", ctx.method().name());
        fields.put("path", printable(ctx.path()));
        fields.put("status", ctx.statusCode());
        fields.put("outcome", outcome.name().toLowerCase(Locale.ROOT));
        record.model().ifPresent(it -> fields.put("model", it));
        fields.put("ms", Duration.ofNanos(record.nanos()).toMillis());
        if (!record.ends().isEmpty()) {
            Timings first = record.ends().getFirst().timings();
            fields.put("prepare_ms", first.prepare().toMillis());
            fields.put("encode_ms", first.encode().toMillis());
            fields.put("queue_ms", first.queued().toMillis());
            fields.put("prefill_ms", first.prefill().toMillis());
            fields.put("first_token_ms", first.firstToken().toMillis());
            fields.put("answers", record.ends().size());
            fields.put("prompt_tokens", record.promptTokens());
            fields.put("cached_tokens", record.cachedTokens());
            fields.put(
                    "completion_tokens",
                    record.ends().stream()
                            .mapToInt(it -> it.usage().completionTokens())
                            .sum());
        }
        if (json) {
            LoggingEventBuilder line = LOG.atInfo().setMessage("request");
            for (var field : fields.entrySet()) {
                line = line.addKeyValue(field.getKey(), field.getValue());
            }
            line.log();
        } else {
            LOG.info(text(fields));
        }
    }

    private static String text(Map<String, Object> fields) {
        return fields.entrySet().stream()
                .map(it -> it.getKey() + "=" + it.getValue())
                .collect(Collectors.joining(" "));
    }

    /** The path without control characters, cut to 200 characters. */
    private static String printable(String path) {
        String clean = path.replaceAll("[^\\x21-\\x7e]", "?");
        return clean.length() > 200 ? clean.substring(0, 200) + "…" : clean;
    }
}
