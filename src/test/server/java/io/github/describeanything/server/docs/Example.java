package io.github.describeanything.server.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fenced block of code in a document. Immutable.
 *
 * <p>A block whose fence says {@code setup} runs before each later block of its language. A block of {@code text} or
 * {@code json} right after one or more code blocks is the expected output of each, where {@code …} matches anything. A
 * comment {@code <!-- server: NAME -->} selects the server for the blocks up to the next heading.
 *
 * @param setup code to run first
 * @param expected expected output; empty if the document shows none
 */
record Example(
        Path file, int line, String language, String setup, String code, String server, Optional<String> expected) {
    private static final Pattern FENCE = Pattern.compile("```(\\w+)( setup)?");
    private static final Pattern SERVER = Pattern.compile("<!-- server: (\\S+) -->");
    private static final List<String> OUTPUT = List.of("text", "json");

    static List<Example> read(Path file, List<String> lines, List<String> languages) {
        var examples = new ArrayList<Example>();
        var setups = new java.util.HashMap<String, String>();
        var unanswered = new ArrayList<Example>();
        String server = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher fence = FENCE.matcher(line);
            Matcher mark = SERVER.matcher(line);
            if (mark.matches()) {
                server = mark.group(1);
            } else if (fence.matches()) {
                int start = i + 1;
                i = end(lines, start);
                String code = String.join("\n", lines.subList(start, i)) + "\n";
                String language = fence.group(1);
                if (fence.group(2) != null) {
                    setups.merge(language, code, String::concat);
                } else if (languages.contains(language)) {
                    unanswered.add(new Example(
                            file, start, language, setups.getOrDefault(language, ""), code, server, Optional.empty()));
                } else if (OUTPUT.contains(language)) {
                    unanswered.forEach(it -> examples.add(it.printing(code)));
                    unanswered.clear();
                }
            } else if (!line.isBlank()) {
                examples.addAll(unanswered);
                unanswered.clear();
                server = line.startsWith("#") ? "" : server;
            }
        }
        examples.addAll(unanswered);
        return examples;
    }

    private static int end(List<String> lines, int start) {
        int end = start;
        while (!lines.get(end).equals("```")) {
            end++;
        }
        return end;
    }

    private Example printing(String output) {
        return new Example(file, line, language, setup, code, server, Optional.of(output));
    }

    /** The expected output as a pattern: {@code …} matches anything, the rest is literal. */
    Optional<Pattern> pattern() {
        return expected.map(it -> Pattern.compile(Pattern.quote(it.strip()).replace("…", "\\E.*?\\Q"), Pattern.DOTALL));
    }

    @Override
    public String toString() {
        return file.getFileName() + ":" + line + " " + language;
    }
}
