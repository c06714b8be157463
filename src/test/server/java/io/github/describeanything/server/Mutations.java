package io.github.describeanything.server;

import io.github.describeanything.server.http.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Mutates valid input, reproducibly by seed. */
final class Mutations {
    private static final List<String> TOKENS = List.of(
            "null",
            "true",
            "-1",
            "1e999",
            "0.5",
            "99999999999999999999",
            "NaN",
            "{",
            "}",
            "[",
            "]",
            "\"",
            ",",
            ":",
            "\\",
            "\\u0000",
            "\\ud800",
            "\r\n",
            "\r\n\r\n",
            "\0",
            " ",
            "%00",
            "%2e%2e/",
            "../",
            "data:",
            ";base64,",
            "chunked",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Expect: 100-continue\r\n",
            "Upgrade: h2c\r\n",
            "PRI * HTTP/2.0",
            "HTTP/1.0",
            "gzip",
            "\u00ff\u00fe",
            "\u0089PNG",
            "RIFF",
            "IDAT",
            "IHDR");
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "-1",
            "0",
            "1e400",
            "2147483648",
            "1.5",
            "\"\"",
            "\"x\"",
            "\"\\u0000\"",
            "\"\\ud83d\"",
            "[]",
            "{}",
            "[null]",
            "[[[[]]]]",
            "{\"type\":\"image_url\"}",
            "{\"url\":\"http://localhost/\"}",
            "\"data:,\"",
            "\"data:image/png;base64,iVBORw0KGgo=\"",
            "[\"a\",\"b\"]");

    private final Random random;

    Mutations(long seed) {
        random = new Random(seed);
    }

    /** One to five random changes: bits, bytes, ranges dropped, doubled or moved, and tokens that parsers know. */
    byte[] bytes(byte[] good) {
        byte[] bad = good.clone();
        for (int i = 1 + random.nextInt(5); i > 0 && bad.length > 0; i--) {
            bad = once(bad);
        }
        return bad;
    }

    private byte[] once(byte[] in) {
        int at = random.nextInt(in.length);
        int length = Math.min(in.length - at, 1 + random.nextInt(random.nextBoolean() ? 4 : 200));
        switch (random.nextInt(7)) {
            case 0 -> {
                in[at] ^= (byte) (1 << random.nextInt(8));
                return in;
            }
            case 1 -> {
                in[at] = (byte) random.nextInt(256);
                return in;
            }
            case 2 -> {
                return spliced(in, at, length, new byte[0]);
            }
            case 3 -> {
                return spliced(in, at, 0, java.util.Arrays.copyOfRange(in, at, at + length));
            }
            case 4 -> {
                return java.util.Arrays.copyOf(in, at);
            }
            default -> {
                byte[] token = TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.ISO_8859_1);
                return spliced(in, at, random.nextBoolean() ? 0 : token.length, token);
            }
        }
    }

    private static byte[] spliced(byte[] in, int at, int removed, byte[] added) {
        var out = new ByteArrayOutputStream();
        out.write(in, 0, at);
        out.writeBytes(added);
        int rest = Math.min(in.length, at + removed);
        out.write(in, rest, in.length - rest);
        return out.toByteArray();
    }

    /** Replaces, removes or doubles a random value of the tree; the result is still JSON. */
    JsonNode json(JsonNode good) {
        JsonNode bad = good.deepCopy();
        var places = new ArrayList<Runnable>();
        collect(bad, places);
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            places.get(random.nextInt(places.size())).run();
        }
        return bad;
    }

    private void collect(JsonNode node, List<Runnable> places) {
        switch (node) {
            case ObjectNode object -> {
                for (String name : List.copyOf(object.propertyNames())) {
                    places.add(() -> object.set(name, value()));
                    places.add(() -> object.remove(name));
                    collect(object.path(name), places);
                }
            }
            case ArrayNode array -> {
                places.add(() -> array.add(value()));
                for (int i = 0; i < array.size(); i++) {
                    int index = i;
                    places.add(() -> {
                        if (index < array.size()) {
                            array.set(index, value());
                        }
                    });
                    places.add(() -> {
                        if (index < array.size()) {
                            array.add(array.get(index).deepCopy());
                        }
                    });
                    collect(array.get(i), places);
                }
            }
            default -> {}
        }
    }

    private JsonNode value() {
        return Json.MAPPER.readTree(VALUES.get(random.nextInt(VALUES.size())));
    }
}
