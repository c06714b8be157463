package io.github.describeanything.server.openai;

import io.github.describeanything.server.openai.UserMessage.TextRegion;
import io.github.describeanything.server.service.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a conversation asks, collected turn by turn. Used by one thread.
 *
 * <p>The pictures are those of the user's last message that has any. The question is what the user wrote after the last
 * answer: the published server joins all of the user's texts without a separator, and so does this one up to there. Each
 * question after an answer stands alone, since the model was not trained on conversations; an answer that ends the
 * conversation, as of clients that want it continued, leaves the question before it in force. A region that is written in
 * a text holds until another one, or another picture, comes. Texts of the system, the developer, the assistant and of
 * tools are accepted and not shown to the model, which knows one template.
 */
public final class Conversation {
    private final List<UserMessage> users = new ArrayList<>();
    /** The first message that was not answered yet. */
    private int asked;

    private boolean answered;

    /**
     * What is asked.
     *
     * @param region the region that is written in the user's text
     */
    public record Asked(List<ImageReference> pictures, String question, Optional<TextRegion> region) {}

    public void add(UserMessage user) {
        asked = answered ? users.size() : asked;
        answered = false;
        users.add(user);
    }

    /** The messages so far were answered. */
    public void answered() {
        answered = true;
    }

    /** @throws io.github.describeanything.server.errors.ApiException if a message that counts cannot be used */
    public Asked asked() {
        if (users.isEmpty()) {
            return new Asked(List.of(), "", Optional.empty());
        }
        int shown = users.size() - 1;
        while (shown > 0 && !users.get(shown).showsPicture()) {
            shown--;
        }
        List<ImageReference> pictures = users.get(shown).pictures();
        String last = users.getLast().question();
        // Programs leave refused messages in the conversation, without the error that answered them.
        String question = users.subList(asked, users.size() - 1).stream()
                        .filter(UserMessage::usable)
                        .map(UserMessage::question)
                        .collect(Collectors.joining())
                + last;
        Optional<TextRegion> region = Optional.empty();
        for (int i = users.size() - 1; i >= shown && region.isEmpty(); i--) {
            region = users.get(i).region();
        }
        return new Asked(pictures, Question.clean(question), region);
    }
}
