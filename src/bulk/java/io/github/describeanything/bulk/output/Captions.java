package io.github.describeanything.bulk.output;

import io.github.describeanything.bulk.input.JsonFile;
import io.github.describeanything.bulk.row.IdIndex;
import io.github.describeanything.bulk.row.Lines;
import io.github.describeanything.bulk.row.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/** The captions of finished rows, found by id. They stay in the file. Used by one thread. */
public final class Captions implements AutoCloseable {
    private static final int LENGTH_BITS = 24;

    private final JsonFile file;
    /** Where each row lies: its offset, shifted, and its length. */
    private final IdIndex rows = new IdIndex();

    public Captions(Path finished) throws IOException {
        file = new JsonFile(finished);
        file.lines((offset, length, line) -> {
            if (length >= 1 << LENGTH_BITS) {
                throw new IOException("A row of " + finished + " has more than 16 MB");
            }
            rows.add(Row.key(Lines.JSON.readTree(line).path("id")), offset << LENGTH_BITS | length);
        });
    }

    /** The caption of a row, if it was finished. */
    public Optional<String> of(String key) throws IOException {
        OptionalLong place = rows.number(key);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        long offset = place.getAsLong() >>> LENGTH_BITS;
        JsonNode row = file.read(offset, (int) place.getAsLong() & (1 << LENGTH_BITS) - 1);
        return Optional.of(row.path("caption").asString(""));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
