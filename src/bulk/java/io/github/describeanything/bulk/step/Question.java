package io.github.describeanything.bulk.step;

import io.github.describeanything.bulk.row.Lines;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is asked of a model about each picture, and how. Immutable.
 *
 * @param model its name; empty lets the server choose
 * @param prompt the question; empty asks the model's default question
 * @param temperature empty takes the server's default
 * @param topP empty takes the server's default
 * @param maxTokens empty takes the server's default
 * @param seed mixed with each picture's name into the seed of its request, so that a row's answer does not depend on what
 *     else runs or ran
 */
public record Question(
        Optional<String> model,
        String prompt,
        OptionalDouble temperature,
        OptionalDouble topP,
        OptionalInt maxTokens,
        long seed) {

    /** A request body with pictures, data URLs, and the prompt. */
    ObjectNode body(String picture, List<String> images, String text) {
        ObjectNode body = Lines.object();
        model.ifPresent(it -> body.put("model", it));
        ObjectNode message = body.putArray("messages").addObject();
        message.put("role", "user");
        ArrayNode content = message.putArray("content");
        for (String image : images) {
            ObjectNode part = content.addObject();
            part.put("type", "image_url");
            part.putObject("image_url").put("url", image);
        }
        if (!text.isEmpty()) {
            ObjectNode part = content.addObject();
            part.put("type", "text");
            part.put("text", text);
        }
        temperature.ifPresent(it -> body.put("temperature", it));
        topP.ifPresent(it -> body.put("top_p", it));
        maxTokens.ifPresent(it -> body.put("max_tokens", it));
        body.put("seed", seedOf(picture));
        return body;
    }

    /** A seed of 31 bits. */
    long seedOf(String id) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((seed + "\n" + id).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getInt() & Integer.MAX_VALUE;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime lacks SHA-256", e);
        }
    }

    /** A picture as a data URL of its own type. */
    static String dataUrl(byte[] picture) {
        return "data:" + type(picture) + ";base64," + Base64.getEncoder().encodeToString(picture);
    }

    private static String type(byte[] picture) {
        int first = picture.length < 4 ? 0 : ByteBuffer.wrap(picture).getInt();
        return switch (first >>> 16) {
            case 0xFFD8 -> "image/jpeg";
            case 0x4749 -> "image/gif";
            case 0x424D -> "image/bmp";
            case 0x5249 -> "image/webp";
            case 0x4949, 0x4D4D -> "image/tiff";
            default -> "image/png";
        };
    }
}
