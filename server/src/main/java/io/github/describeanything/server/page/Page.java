package io.github.describeanything.server.page;

import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Serves the web page from the class path. Thread-safe. The page loads nothing from other hosts. */
public final class Page {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*\\.(html|js|css|json|png|svg)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "json", "application/json",
            "png", "image/png",
            "svg", "image/svg+xml");
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' blob: data:; media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'none'";

    private record Asset(byte[] bytes, String type, String tag) {}

    private final Map<String, Asset> assets = new ConcurrentHashMap<>();

    /** Serves the HTML page. */
    public void index(Context ctx) {
        serve(ctx, "index.html");
    }

    /** Serves a script, style sheet or image. */
    public void file(Context ctx) {
        serve(ctx, ctx.pathParam("file"));
    }

    private void serve(Context ctx, String name) {
        var asset = NAME.matcher(name).matches() ? assets.computeIfAbsent(name, Page::read) : null;
        if (asset == null) {
            throw new NotFoundResponse();
        }
        ctx.header("Content-Security-Policy", POLICY);
        ctx.header("X-Content-Type-Options", "nosniff");
        ctx.header("Referrer-Policy", "no-referrer");
        // Revalidated on every visit, so that a new server never runs with an old page; the ETag makes that cheap.
        ctx.header("Cache-Control", "no-cache");
        ctx.header("ETag", asset.tag);
        if (asset.tag.equals(ctx.header("If-None-Match"))) {
            ctx.status(304);
        } else {
            ctx.contentType(asset.type).result(asset.bytes);
        }
    }

    /** Null if there is no such file. */
    private static @Nullable Asset read(String name) {
        try (InputStream in = Page.class.getResourceAsStream("/page/" + name)) {
            if (in == null) {
                return null;
            }
            byte[] bytes = in.readAllBytes();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
            return new Asset(bytes, type, '"' + HexFormat.of().formatHex(digest, 0, 12) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("This Java runtime lacks SHA-256", e);
        }
    }
}
