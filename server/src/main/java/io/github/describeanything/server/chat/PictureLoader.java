package io.github.describeanything.server.chat;

import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.PictureSource;
import io.github.describeanything.server.MissingMask;
import io.github.describeanything.server.chat.ContentDigest.Kind;
import io.github.describeanything.server.remote.RemotePictures;
import java.nio.ByteBuffer;

/** Pictures of a request, fetched if need be, into sources that the model decodes when it needs to. Thread-safe. */
final class PictureLoader {
    private final PictureReader stored;
    private final PictureReader upright;
    private final RemotePictures remote;
    private final MissingMask missingMask;

    PictureLoader(PictureReader reader, RemotePictures remote, MissingMask missingMask) {
        this.stored = reader;
        this.upright = reader.upright();
        this.remote = remote;
        this.missingMask = missingMask;
    }

    /**
     * A picture with its mask in alpha.
     *
     * @param index its place in the request, for {@link PictureRefusal}
     * @param turned whether it is turned as viewers do
     */
    PictureSource load(ChatRequest.Picture picture, int index, boolean turned) {
        byte[] bytes = bytes(picture);
        Kind kind = missingMask == MissingMask.WHOLE ? Kind.PICTURE_OR_WHOLE : Kind.PICTURE;
        return PictureSource.of(digest(kind, bytes, turned), () -> masked(read(bytes, index, turned), index));
    }

    /**
     * A picture of any format, to lay regions on.
     *
     * @param index its place in the request, for {@link PictureRefusal}
     * @param turned whether it and mask pictures are turned as viewers do
     */
    SharedPicture share(ChatRequest.Picture picture, int index, boolean turned) {
        byte[] bytes = bytes(picture);
        return new SharedPicture(
                digest(Kind.PICTURE, bytes, turned), () -> read(bytes, index, turned), turned ? upright : stored);
    }

    private static ByteBuffer digest(Kind kind, byte[] bytes, boolean turned) {
        ByteBuffer digest = ContentDigest.of(kind, bytes);
        return turned ? ContentDigest.of(Kind.UPRIGHT, digest) : digest;
    }

    private Picture read(byte[] bytes, int index, boolean turned) {
        try {
            return (turned ? upright : stored).read(bytes);
        } catch (PictureException e) {
            boolean large = e.reason() == PictureException.Reason.TOO_LARGE;
            throw new PictureRefusal(
                    index, large ? "image_too_large" : "invalid_image", String.valueOf(e.getMessage()));
        }
    }

    private Picture masked(Picture picture, int index) {
        if (!picture.hasAlpha()) {
            if (missingMask == MissingMask.WHOLE) {
                return new Picture(picture.width(), picture.height(), picture.rgba(), true);
            }
            throw new PictureRefusal(
                    index,
                    "missing_mask",
                    "The picture has no alpha channel, so no region is marked. Send an RGBA picture whose alpha is above 0"
                            + " inside the region, or send regions beside it, or write @box(x0, y0, x1, y1) or @whole in"
                            + " the question. A server started with --missing-mask whole takes the whole picture");
        }
        if (!marksAnything(picture)) {
            throw new PictureRefusal(
                    index, "empty_mask", "The mask is empty: alpha is 0 everywhere; make it above 0 inside the region");
        }
        return picture;
    }

    private static boolean marksAnything(Picture picture) {
        byte[] rgba = picture.rgba();
        for (int alpha = 3; alpha < rgba.length; alpha += 4) {
            if (rgba[alpha] != 0) {
                return true;
            }
        }
        return false;
    }

    private byte[] bytes(ChatRequest.Picture picture) {
        return DataUrl.is(picture.url())
                ? DataUrl.decode(picture.url(), picture.param())
                : remote.fetch(picture.url(), picture.param());
    }
}
