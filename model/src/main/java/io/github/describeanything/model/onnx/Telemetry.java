package io.github.describeanything.model.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;

/**
 * Turns off ONNX Runtime's telemetry. Official builds write events into the home folder and send them, on Linux too
 * (seen with 1.29), unless an environment variable is set when the library is loaded. Java cannot set its own
 * environment, so the C library does. Stateless.
 */
final class Telemetry {
    private static final String VARIABLE = "ORT_DISABLE_TELEMETRY";

    private Telemetry() {}

    /** Call before the library is loaded. A variable that is already set is not changed. */
    static void disable() {
        Linker linker = Linker.nativeLinker();
        // Windows has no setenv.
        linker.defaultLookup().find("setenv").ifPresent(address -> {
            var setenv = linker.downcallHandle(address, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
            try (Arena scratch = Arena.ofConfined()) {
                int failed = (int) setenv.invokeExact(scratch.allocateFrom(VARIABLE), scratch.allocateFrom("1"), 0);
                if (failed != 0) {
                    throw new OnnxException("The environment variable " + VARIABLE + " cannot be set");
                }
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
