package io.github.describeanything.server.openai.responses;

import io.github.describeanything.server.errors.ApiException;
import io.github.describeanything.server.openai.Conversation;
import io.github.describeanything.server.openai.Fields;
import io.github.describeanything.server.openai.MessageReader;
import io.github.describeanything.server.openai.UserMessage;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads the {@code input} of a request. Stateless. */
final class InputItems {
    private static final MessageReader MESSAGES =
            new MessageReader(List.of("input_text", "output_text", "text"), "input_image", Optional.empty());

    /** Items of other models and tools, which are not shown to this model. */
    private static final Set<String> HISTORY = Set.of(
            "additional_tools",
            "apply_patch_call",
            "apply_patch_call_output",
            "code_interpreter_call",
            "compaction",
            "computer_call",
            "computer_call_output",
            "configuration_update",
            "custom_tool_call",
            "custom_tool_call_output",
            "file_search_call",
            "function_call",
            "function_call_output",
            "image_generation_call",
            "local_shell_call",
            "local_shell_call_output",
            "mcp_approval_request",
            "mcp_approval_response",
            "mcp_call",
            "mcp_list_tools",
            "program",
            "program_output",
            "reasoning",
            "shell_call",
            "shell_call_output",
            "tool_search_call",
            "tool_search_output",
            "web_search_call");

    private static final Set<String> PARTS =
            Set.of("input_text", "input_image", "input_file", "input_audio", "output_text", "refusal");

    private static final Pattern ANSWER = Pattern.compile(OutputItem.PREFIX + "[0-9a-f]{24}");

    private InputItems() {}

    static Conversation.Asked read(Fields request) {
        JsonNode input = request.node("input");
        var conversation = new Conversation();
        if (input.isString()) {
            var user = new UserMessage();
            user.add(input.asString(), "input");
            conversation.add(user);
            return conversation.asked();
        }
        if (!input.isArray() || input.isEmpty()) {
            throw ApiException.badRequest(
                    "input", "missing_input", "input must be a list with a user's message, or a string");
        }
        int index = 0;
        for (JsonNode item : input) {
            String path = "input[" + index++ + "]";
            if (!item.isObject()) {
                throw ApiException.badValue(path, path + " must be an object, such as a message with role and content");
            }
            add(new Fields(item, path + "."), conversation);
        }
        return conversation.asked();
    }

    private static void add(Fields item, Conversation conversation) {
        String byDefault = item.has("role") || !item.has("id") ? "message" : "item_reference";
        String type = item.string("type").orElse(byDefault);
        if (type.equals("message")) {
            message(item, conversation);
        } else if (type.equals("item_reference")) {
            requireAnswer(item);
            conversation.answered();
        } else if (HISTORY.contains(type)) {
            conversation.answered();
        } else {
            String param = item.path() + "type";
            throw ApiException.badRequest(
                    param,
                    "unsupported_content",
                    PARTS.contains(type)
                            ? param + ": " + type + " is a part of a message; send it in a message's content"
                            : param + " is not supported; send messages");
        }
    }

    private static void message(Fields item, Conversation conversation) {
        switch (item.string("role").orElse("")) {
            case "user" -> conversation.add(MESSAGES.user(item));
            case "assistant" -> {
                MESSAGES.requireText(item);
                conversation.answered();
            }
            case "system", "developer" -> MESSAGES.requireText(item);
            default ->
                throw ApiException.badValue(
                        item.path() + "role", item.path() + "role must be user, assistant, system or developer");
        }
    }

    /**
     * Clients that expect stored answers send them back as references. Answers are not shown to the model, so a reference
     * to one of this server's answers is enough.
     */
    private static void requireAnswer(Fields item) {
        if (!ANSWER.matcher(item.string("id").orElse("")).matches()) {
            String param = item.path() + "id";
            throw ApiException.badRequest(
                    param, "unsupported_parameter", param + ": nothing is stored here; send the item itself");
        }
    }
}
