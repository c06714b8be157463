package io.github.describeanything.server.docs;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/** Runs JShell snippets in this process, on its class path. Used by one thread. */
final class Java implements Language {
    /**
     * Runs snippets on the calling thread. JShell's "local" engine waits for every thread that a snippet started, and a
     * client's timer thread may never end.
     */
    private static final class Here implements ExecutionControlProvider {
        @Override
        public String name() {
            return "here";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
            return new DirectExecutionControl();
        }
    }

    private JShell shell;

    private String prepared = "";

    @Override
    public Optional<String> missing() {
        return Optional.empty();
    }

    @Override
    public String run(String setup, String code) {
        var printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            if (shell == null) {
                shell = JShell.builder()
                        .executionEngine(new Here(), Map.of())
                        .compilerOptions("-classpath", System.getProperty("java.class.path"))
                        .build();
            }
            if (!prepared.equals(setup)) {
                evaluate(setup);
                prepared = setup;
            }
            evaluate(code);
        } finally {
            System.setOut(out);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    private void evaluate(String code) {
        String rest = code.strip();
        while (!rest.isEmpty()) {
            var next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            String source = next.source() == null ? rest : next.source();
            rest = next.remaining().strip();
            shell.eval(source).forEach(it -> check(it, source));
        }
    }

    private void check(SnippetEvent event, String source) {
        if (event.exception() != null) {
            throw new AssertionError(source + " threw", event.exception());
        }
        if (event.status() != Snippet.Status.VALID && event.status() != Snippet.Status.OVERWRITTEN) {
            throw new AssertionError(source + "\ndoes not compile: "
                    + shell.diagnostics(event.snippet())
                            .map(it -> it.getMessage(Locale.ROOT))
                            .collect(Collectors.joining("\n")));
        }
    }

    @Override
    public void close() {
        if (shell != null) {
            shell.close();
        }
    }
}
