package io.github.describeanything.server.service;

import io.github.describeanything.model.DescribeAnything;
import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.pictures.PictureLoader;
import io.github.describeanything.server.video.Video;
import io.github.describeanything.server.video.Videos;
import java.util.IdentityHashMap;
import java.util.List;

/** Fetches what a command describes, and decodes it if it is a video file. Thread-safe; blocks. */
final class ClipLoader {
    private final DescribeAnything model;
    private final PictureLoader pictures;
    private final Videos videos;

    ClipLoader(DescribeAnything model, PictureLoader pictures, Videos videos) {
        this.model = model;
        this.pictures = pictures;
        this.videos = videos;
    }

    /** @throws ApiException naming the field that cannot be used */
    Clip load(DescribeCommand command) {
        return switch (command.source()) {
            case DescribeCommand.Pictures it -> ofPictures(it, command);
            case DescribeCommand.VideoFile it -> ofVideo(it.file(), command.regions());
        };
    }

    private Clip ofPictures(DescribeCommand.Pictures source, DescribeCommand command) {
        return new Clip(
                source.images().stream()
                        .map(it -> picture(pictures.load(it.url(), it.param()), it.param(), command.upright()))
                        .toList(),
                command.regions().stream()
                        .map(region -> region.stream().map(Mark::source).toList())
                        .toList());
    }

    /** The marks are checked before a frame is decoded. */
    private Clip ofVideo(ImageReference file, List<List<Mark>> regions) {
        byte[] encoded = pictures.loadVideo(file.url(), file.param(), videos.maxBytes());
        try (Video video = videos.open(encoded, file.param())) {
            int[] described = video.even(model.manifest().maxFrames());
            List<List<MaskSource>> sources = regions.stream()
                    .map(it -> new VideoMarks(video, it).on(described))
                    .toList();
            // Its rotation is applied already, as players do.
            var known = new IdentityHashMap<byte[], RequestPicture>();
            List<RequestPicture> frames = video.decode(described).stream()
                    .map(it -> known.computeIfAbsent(it, frame -> picture(frame, file.param(), false)))
                    .toList();
            return new Clip(frames, sources);
        }
    }

    private RequestPicture picture(byte[] encoded, String param, boolean upright) {
        return new RequestPicture(encoded, param, pictures.reader(), upright, model);
    }
}
