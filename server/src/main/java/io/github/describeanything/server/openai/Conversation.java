package io.github.describeanything.server.openai;

import io.github.describeanything.server.openai.UserMessage.TextRegion;
import io.github.describeanything.server.service.DescribeCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The turns of a conversation, and the question they end in. Used by one thread.
 *
 * <p>The pictures, or the video, are those of the last user message that has any. The question joins the user's texts after
 * the last answer without a separator, as the published server does. Earlier questions are dropped, because the model was
 * not trained on conversations; if the conversation ends with an answer, the question before it counts. A region written in
 * a text applies until another region or picture follows. System, developer, assistant and tool messages are accepted but
 * not shown to the model, which knows one template.
 */
public final class Conversation {
    private final List<UserMessage> users = new ArrayList<>();
    /** Index of the first message without an answer. */
    private int asked;

    private boolean answered;

    /**
     * The question of a conversation. Immutable.
     *
     * @param source the pictures or the video it is about; no pictures if there are none
     * @param region the region written in the user's text
     */
    public record Asked(DescribeCommand.Source source, String question, Optional<TextRegion> region) {}

    public void add(UserMessage user) {
        asked = answered ? users.size() : asked;
        answered = false;
        users.add(user);
    }

    /** An answer follows the messages so far. */
    public void answered() {
        answered = true;
    }

    /** @throws io.github.describeanything.server.errors.ApiException if a message that is used is invalid */
    public Asked asked() {
        if (users.isEmpty()) {
            return new Asked(new DescribeCommand.Pictures(List.of()), "", Optional.empty());
        }
        int shown = users.size() - 1;
        while (shown > 0 && !users.get(shown).showsPicture()) {
            shown--;
        }
        DescribeCommand.Source source = users.get(shown).source();
        String last = users.getLast().question();
        // Chat programs keep refused messages in the conversation, without the error.
        String question = users.subList(asked, users.size() - 1).stream()
                        .filter(UserMessage::usable)
                        .map(UserMessage::question)
                        .collect(Collectors.joining())
                + last;
        Optional<TextRegion> region = Optional.empty();
        for (int i = users.size() - 1; i >= shown && region.isEmpty(); i--) {
            region = users.get(i).region();
        }
        String clean = Question.clean(question);
        // What is left of "`@box(…)`" or "(@whole)?" asks nothing.
        boolean asks = region.isEmpty() || clean.codePoints().anyMatch(Character::isLetterOrDigit);
        return new Asked(source, asks ? clean : "", region);
    }
}
