package io.github.describeanything.server.docs;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs each block in a new bash, as if pasted. Immutable. */
final class Shell implements Language {
    private static final int PATIENCE = 600;

    private final List<Path> programs;

    /** @param programs folders of programs beside those on the PATH */
    Shell(List<Path> programs) {
        this.programs = List.copyOf(programs);
    }

    @Override
    public Optional<String> missing() {
        return Optional.empty();
    }

    @Override
    public String run(String setup, String code) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", setup + code)
                .directory(TestServer.root().toFile())
                .redirectErrorStream(true);
        programs.forEach(it -> builder.environment().merge("PATH", it.toString(), (path, more) -> path + ":" + more));
        Process bash = builder.start();
        bash.getOutputStream().close();
        Thread.startVirtualThread(() -> {
            try {
                if (!bash.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                    bash.destroyForcibly();
                }
            } catch (InterruptedException e) {
                bash.destroyForcibly();
            }
        });
        String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (bash.waitFor() != 0) {
            throw new AssertionError("bash ended with " + bash.exitValue() + " and printed\n" + printed);
        }
        return printed;
    }

    @Override
    public void close() {}
}
