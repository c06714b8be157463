package io.github.describeanything.server.chat;

import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.codec.PictureReader;
import io.github.describeanything.model.PictureSource;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A picture that several regions lie on, decoded once for all of them. Thread-safe.
 *
 * <p>The pixels are held softly: many requests with large pictures may wait at once, and where memory is short they are
 * decoded anew instead. Once closed it holds none, since sources live as long as their answers do; whoever still reads
 * then, because another request waits for the same region, decodes anew too.
 */
final class SharedPicture implements AutoCloseable {
    private final ByteBuffer digest;
    private final Supplier<Picture> decoder;
    private final PictureReader masks;
    private SoftReference<@Nullable Picture> decoded = new SoftReference<>(null);
    private boolean closed;

    /**
     * @param digest of the encoded picture
     * @param decoder decodes it
     * @param masks reads mask pictures
     */
    SharedPicture(ByteBuffer digest, Supplier<Picture> decoder, PictureReader masks) {
        this.digest = digest;
        this.decoder = decoder;
        this.masks = masks;
    }

    /** The picture with a region as its mask, where {@link PictureSource#check} refuses by the entry's name. */
    PictureSource under(RegionEntry entry) {
        ByteBuffer key = ContentDigest.of(ContentDigest.Kind.PICTURE_AND_REGION, digest, entry.digest());
        return new PictureSource() {
            @Override
            public ByteBuffer key() {
                return key.duplicate();
            }

            @Override
            public void check() {
                mask(picture(entry));
            }

            @Override
            public Picture read() {
                return picture(entry);
            }

            @Override
            public Optional<Mask> mask(Picture picture) {
                return Optional.of(entry.mask(picture.width(), picture.height(), masks));
            }
        };
    }

    /** Others wait meanwhile, as they would have nothing else to do. */
    private synchronized Picture picture(RegionEntry entry) {
        Picture known = decoded.get();
        if (known != null) {
            return known;
        }
        Picture picture = decoder.get();
        if (hasMask(picture)) {
            throw entry.besideMask();
        }
        if (!closed) {
            decoded = new SoftReference<>(picture);
        }
        return picture;
    }

    /** Alpha that is 0 nowhere marks nothing off: screenshots and canvases have such a channel. */
    private static boolean hasMask(Picture picture) {
        byte[] rgba = picture.rgba();
        for (int alpha = 3; picture.hasAlpha() && alpha < rgba.length; alpha += 4) {
            if (rgba[alpha] == 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public synchronized void close() {
        closed = true;
        decoded = new SoftReference<>(null);
    }
}
