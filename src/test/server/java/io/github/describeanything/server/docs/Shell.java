package io.github.describeanything.server.docs;

import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs each block in a new bash, as if pasted. Stateless. */
final class Shell implements Language {
    private static final int PATIENCE = 60;

    @Override
    public Optional<String> missing() {
        return Optional.empty();
    }

    @Override
    public String run(String setup, String code) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder("bash", "-euo", "pipefail", "-c", setup + code)
                .directory(TestServer.root().toFile())
                .redirectErrorStream(true)
                .start();
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
