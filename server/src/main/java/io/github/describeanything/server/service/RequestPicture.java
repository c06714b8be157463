package io.github.describeanything.server.service;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.model.features.PictureView;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.ContentDigest.Kind;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An encoded picture of a request, decoded once for all its regions. Thread-safe.
 *
 * <p>The pixels are softly referenced, because many requests with large pictures may wait for workers; if memory runs
 * low, they are decoded again.
 */
final class RequestPicture {
    private final byte[] encoded;
    private final String param;
    private final PictureReader reader;
    private final DescribeAnything model;
    private final ByteBuffer digest;
    private SoftReference<@Nullable Picture> decoded = new SoftReference<>(null);
    private SoftReference<@Nullable PictureView> resized = new SoftReference<>(null);

    /**
     * @param param the picture's field, for errors
     * @param upright whether to apply its orientation tag
     */
    RequestPicture(byte[] encoded, String param, PictureReader reader, boolean upright, DescribeAnything model) {
        this.encoded = encoded;
        this.param = param;
        this.reader = upright ? reader.upright() : reader;
        this.model = model;
        this.digest = ContentDigest.of(upright ? Kind.UPRIGHT_PICTURE : Kind.PICTURE, encoded);
    }

    /** The picture's field. */
    String param() {
        return param;
    }

    ByteBuffer digest() {
        return digest;
    }

    /** @throws ApiException if it cannot be decoded */
    synchronized Picture picture() {
        Picture known = decoded.get();
        if (known != null) {
            return known;
        }
        try {
            Picture fresh = reader.read(encoded);
            decoded = new SoftReference<>(fresh);
            return fresh;
        } catch (PictureException e) {
            throw unreadable(param, e);
        }
    }

    /** The view that all its regions share. */
    synchronized PictureView view() {
        PictureView known = resized.get();
        if (known != null) {
            return known;
        }
        PictureView fresh = model.view(picture());
        resized = new SoftReference<>(fresh);
        return fresh;
    }

    /** 400 for a frame that is not as large as another of its video. */
    ApiException otherSize(int width, int height, int othersWidth, int othersHeight) {
        return ApiException.badValue(
                param,
                "%s is %d x %d pixels and another frame %d x %d: the frames of a video have one size"
                        .formatted(param, width, height, othersWidth, othersHeight));
    }

    /** 400 for a picture that cannot be decoded. */
    static ApiException unreadable(String param, PictureException e) {
        boolean large = e.reason() == PictureException.Reason.TOO_LARGE;
        return ApiException.badRequest(
                param, large ? "image_too_large" : "invalid_image", String.valueOf(e.getMessage()));
    }
}
