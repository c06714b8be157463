package io.github.describeanything.server.operations;

import io.github.describeanything.server.errors.ApiException;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Checks API keys. Thread-safe. Holds SHA-256 digests and compares all of them in constant time. */
public final class ApiKeys {
    private final List<byte[]> digests;

    /** @param keys if empty, no key is required */
    public ApiKeys(Collection<String> keys) {
        this.digests = keys.stream().map(ApiKeys::digest).toList();
    }

    /** @throws ApiException 401 without a valid key */
    void require(Context ctx) {
        if (digests.isEmpty()) {
            return;
        }
        byte[] offered = digest(Optional.ofNullable(ctx.header("Authorization"))
                .filter(it -> it.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(it -> it.substring(7).strip())
                .orElse(""));
        boolean known = false;
        for (byte[] digest : digests) {
            known |= MessageDigest.isEqual(digest, offered);
        }
        if (!known) {
            throw ApiException.of(401, "invalid_api_key", "Send a valid API key: Authorization: Bearer <key>");
        }
    }

    private static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }
}
