package io.github.describeanything.server;

import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Environment variables as defaults of options: DAM_KV_MEMORY for --kv-memory. Stateless. */
final class EnvironmentDefaults implements IDefaultValueProvider {
    /** Only on the command line: container images set variables such as DAM_VERSION for their own purposes. */
    private static final Set<String> ACTIONS = Set.of("--check", "--help", "--version");

    @Override
    @SuppressWarnings("NullAway") // picocli takes null for "no other default"
    public String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option && !ACTIONS.contains(option.longestName())
                ? System.getenv(variable(option.longestName()))
                : null;
    }

    static String variable(String option) {
        return "DAM_" + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
