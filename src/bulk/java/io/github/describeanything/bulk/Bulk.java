package io.github.describeanything.bulk;

import io.github.describeanything.bulk.input.InputException;
import io.github.describeanything.model.api.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program: a command a step. Its status is 0 if every row is written, 1 if the job stopped, 2 if it cannot begin. */
@Command(
        name = "bulk",
        mixinStandardHelpOptions = true,
        subcommands = {DescribeCommand.class, ExpandCommand.class, CondenseCommand.class, KeepCommand.class})
public final class Bulk {
    private static final int CANNOT_BEGIN = 2;

    private Bulk() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs a command. @return the program's status */
    public static int run(String... arguments) {
        return new CommandLine(new Bulk())
                .setOverwrittenOptionsAllowed(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrong, given) -> {
                    System.err.println(wrong.getMessage());
                    System.err.println("--help lists the options");
                    return CANNOT_BEGIN;
                })
                .setExecutionExceptionHandler((thrown, command, result) -> {
                    boolean expected = thrown instanceof InputException
                            || thrown instanceof ModelException
                            || thrown instanceof IOException
                            || thrown instanceof UncheckedIOException
                            || thrown instanceof IllegalArgumentException;
                    if (!expected) {
                        throw thrown;
                    }
                    System.err.println(message(thrown));
                    return CANNOT_BEGIN;
                })
                .execute(arguments);
    }

    /** The message of a failed file operation is often the file's name alone. */
    private static String message(Exception thrown) {
        return switch (thrown) {
            case UncheckedIOException it when it.getCause() != null -> message(it.getCause());
            case NoSuchFileException it -> "There is no " + it.getFile();
            case AccessDeniedException it -> "There is no permission to open " + it.getFile();
            case NotDirectoryException it -> it.getFile() + " is no folder";
            case FileAlreadyExistsException it -> it.getFile() + " is there already, and is no folder";
            default -> String.valueOf(thrown.getMessage());
        };
    }
}
