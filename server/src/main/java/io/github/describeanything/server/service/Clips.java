package io.github.describeanything.server.service;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.server.pictures.ContentDigest;
import io.github.describeanything.server.pictures.PictureLoader;
import io.github.describeanything.server.video.Videos;
import java.util.List;

/** Opens what a command is about. Thread-safe. */
public final class Clips {
    private final DescribeAnything model;
    private final PictureLoader pictures;
    private final Videos videos;
    private final int leastFrames;

    /**
     * @param model whose workers decode pictures
     * @param leastFrames sampled from a video that has them
     */
    public Clips(DescribeAnything model, PictureLoader pictures, Videos videos, int leastFrames) {
        this.model = model;
        this.pictures = pictures;
        this.videos = videos;
        this.leastFrames = leastFrames;
    }

    /** Opens what a command is about. Blocks. @param upright see {@link #ofPictures} */
    Clip of(DescribeCommand.Source source, boolean upright) {
        return switch (source) {
            case DescribeCommand.Pictures it -> ofPictures(it.images(), upright);
            case DescribeCommand.VideoFile it -> ofVideo(it.file());
        };
    }

    /** @param upright whether the orientation tags of pictures are applied; a video's rotation always is */
    private Clip ofPictures(List<ImageReference> images, boolean upright) {
        return new PictureClip(images, it -> picture(it, upright));
    }

    /** Fetches a video file and finds its frames. Blocks. @throws ApiException if it cannot be read */
    private Clip ofVideo(ImageReference file) {
        byte[] encoded = pictures.loadVideo(file.url(), file.param(), videos.maxBytes());
        return new VideoClip(
                videos.open(encoded, file.param(), leastFrames),
                ContentDigest.of(ContentDigest.Kind.VIDEO_FRAME, encoded),
                it -> picture(it, file.param(), false));
    }

    /** One picture. Fetches it. */
    RequestPicture picture(ImageReference image, boolean upright) {
        return picture(pictures.load(image.url(), image.param()), image.param(), upright);
    }

    private RequestPicture picture(byte[] encoded, String param, boolean upright) {
        return new RequestPicture(encoded, param, pictures.reader(), upright, model);
    }
}
