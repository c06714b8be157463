package io.github.describeanything.server.openai;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.service.ImageReference;
import io.github.describeanything.server.service.WrittenRegion;
import io.github.describeanything.server.service.WrittenRegions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A message of the user: pictures, texts, and a region that may be written in them. Used by one thread. What is wrong
 * with it is thrown when it is asked for: chat programs send the whole conversation each time, and an old mistake must
 * not spoil all that follows.
 */
public final class UserMessage {
    private static final Pattern ATTACHED_FILES =
            Pattern.compile("\\A\\s*<attached_files>.*?</attached_files>\\s*", Pattern.DOTALL);

    private final List<ImageReference> pictures = new ArrayList<>();
    private final List<Text> texts = new ArrayList<>();
    private Optional<ApiException> refusal = Optional.empty();
    private boolean showsPicture;

    /** A piece of text, and where in the request it stands. */
    private record Text(String text, String param) {}

    /** A region that stands in a text, and where in the request that is. */
    record TextRegion(WrittenRegion region, String param) {}

    public void add(ImageReference picture) {
        pictures.add(picture);
        showsPicture = true;
    }

    /** A list of attached files, as Open WebUI puts it in front of what the user wrote, is not part of it. */
    public void add(String text, String param) {
        texts.add(new Text(ATTACHED_FILES.matcher(text).replaceFirst(""), param));
    }

    /** @param ofPicture whether what cannot be used was to be a picture */
    public void refuse(ApiException why, boolean ofPicture) {
        refusal = refusal.or(() -> Optional.of(why));
        showsPicture |= ofPicture;
    }

    /** Whether there are pictures, be they usable or not. */
    boolean showsPicture() {
        return showsPicture;
    }

    /** Whether nothing is wrong with it, as far as that shows without its pictures. */
    boolean usable() {
        try {
            requireUsable();
            region();
            return true;
        } catch (ApiException e) {
            return false;
        }
    }

    /** @throws ApiException if something in this message cannot be used */
    List<ImageReference> pictures() {
        requireUsable();
        return List.copyOf(pictures);
    }

    /**
     * Its texts without a separator, as the published server joins them, and without the regions in them.
     *
     * @throws ApiException if something in this message cannot be used
     */
    String question() {
        requireUsable();
        var question = new StringBuilder();
        texts.forEach(it -> question.append(read(it).text()));
        return question.toString();
    }

    /** The region in its texts. @throws ApiException if there are several, or one that cannot be understood */
    Optional<TextRegion> region() {
        Optional<TextRegion> found = Optional.empty();
        for (Text text : texts) {
            for (WrittenRegion written : read(text).regions()) {
                if (found.isPresent() && !found.get().region().equals(written)) {
                    throw ApiException.badRequest(
                            text.param,
                            "invalid_region",
                            text.param + " holds a second region, " + written
                                    + ": ask about one at a time, or send several in the field regions");
                }
                found = found.or(() -> Optional.of(new TextRegion(written, text.param)));
            }
        }
        return found;
    }

    private static WrittenRegions read(Text text) {
        try {
            return WrittenRegions.read(text.text);
        } catch (WrittenRegions.MalformedException e) {
            throw ApiException.badRequest(text.param, "invalid_region", text.param + ": " + e.getMessage());
        }
    }

    private void requireUsable() {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
    }
}
