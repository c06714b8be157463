package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.DescribeCommand;
import io.github.describeanything.server.service.ImageReference;
import io.github.describeanything.server.service.InlineRegion;
import io.github.describeanything.server.service.InlineRegions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A user message: pictures or a video, texts, and a region that may be written in them. Used by one thread. Errors are
 * thrown only when the message is used: chat programs send the whole conversation each time, and an old mistake must not
 * break later questions.
 */
public final class UserMessage {
    private static final Pattern ATTACHED_FILES =
            Pattern.compile("\\A\\s*<attached_files>.*?</attached_files>\\s*", Pattern.DOTALL);

    private final List<ImageReference> pictures = new ArrayList<>();
    private Optional<ImageReference> video = Optional.empty();
    private final List<Text> texts = new ArrayList<>();
    private Optional<ApiException> refusal = Optional.empty();
    private boolean showsPicture;

    /** A text part, and its path in the request. */
    private record Text(String text, String param) {}

    /** A region written in a text, and the path of that text in the request. */
    record TextRegion(InlineRegion region, String param) {}

    public void add(ImageReference picture) {
        pictures.add(picture);
        showsPicture = true;
    }

    /** Adds a video file, which is refused beside pictures or another video. */
    public void addVideo(ImageReference file) {
        if (video.isPresent()) {
            refuse(several(file), true);
        }
        video = Optional.of(file);
        showsPicture = true;
    }

    private static ApiException several(ImageReference file) {
        return ApiException.badRequest(
                file.param(),
                "wrong_picture_count",
                file.param() + ": send one video, without other videos or pictures");
    }

    /** Drops the list of attached files that Open WebUI inserts before the user's text. */
    public void add(String text, String param) {
        texts.add(new Text(ATTACHED_FILES.matcher(text).replaceFirst(""), param));
    }

    /** @param ofPicture whether the invalid part is a picture */
    public void refuse(ApiException why, boolean ofPicture) {
        refusal = refusal.or(() -> Optional.of(why));
        showsPicture |= ofPicture;
    }

    /** Whether the message has pictures or a video, valid or not. */
    boolean showsPicture() {
        return showsPicture;
    }

    /** Whether the message is valid, as far as can be told without decoding its pictures. */
    boolean usable() {
        try {
            requireUsable();
            region();
            return true;
        } catch (ApiException e) {
            return false;
        }
    }

    /** What it shows; no pictures if it shows nothing. @throws ApiException if this message is invalid */
    DescribeCommand.Source source() {
        requireUsable();
        return video.<DescribeCommand.Source>map(DescribeCommand.VideoFile::new)
                .orElseGet(() -> new DescribeCommand.Pictures(pictures));
    }

    /**
     * The texts without the regions in them, joined without a separator as by the published server.
     *
     * @throws ApiException if this message is invalid */
    String question() {
        requireUsable();
        var question = new StringBuilder();
        texts.forEach(it -> question.append(read(it).text()));
        return question.toString();
    }

    /** The region in the texts. @throws ApiException if there are several, or a malformed one */
    Optional<TextRegion> region() {
        Optional<TextRegion> found = Optional.empty();
        for (Text text : texts) {
            for (InlineRegion written : read(text).regions()) {
                if (found.isPresent() && !found.get().region().equals(written)) {
                    throw ApiException.badRequest(
                            text.param,
                            "invalid_region",
                            text.param + " contains a second region, " + written
                                    + ": ask about one at a time, or send them in the field regions");
                }
                found = found.or(() -> Optional.of(new TextRegion(written, text.param)));
            }
        }
        return found;
    }

    private static InlineRegions read(Text text) {
        try {
            return InlineRegions.read(text.text);
        } catch (InlineRegions.MalformedException e) {
            throw ApiException.badRequest(text.param, "invalid_region", text.param + ": " + e.getMessage());
        }
    }

    private void requireUsable() {
        if (video.isPresent() && !pictures.isEmpty()) {
            throw several(video.get());
        }
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }
}
