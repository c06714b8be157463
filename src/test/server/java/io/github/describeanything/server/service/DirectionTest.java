package io.github.describeanything.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.describeanything.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks the recorded method calls of one request through server and model. */
class DirectionTest {
    private static final String ROOT = "io.github.describeanything.";
    private static final String SERVER = ROOT + "server.";
    private static final String MODEL = ROOT + "model.";

    private static List<RecordedEvent> calls = List.of();

    @Test
    void controlNeverReentersTheServerFromTheModel() {
        assertThat(calls).extracting(DirectionTest::method).anyMatch(it -> it.startsWith(MODEL + "engine."));
        List<List<String>> reentrant = calls.stream()
                .map(DirectionTest::stack)
                .filter(DirectionTest::returnsToServer)
                .toList();
        assertThat(reentrant).isEmpty();
    }

    @Test
    void theStepsOfARequestAreInOrder() {
        List<String> methods = calls.stream().map(DirectionTest::method).toList();
        List<String> steps = List.of(
                SERVER + "openai.chat.ChatReader.read",
                SERVER + "service.Describe.start",
                MODEL + "DescribeAnything.reserve",
                MODEL + "DescribeAnything.prompt",
                SERVER + "pictures.PictureLoader.load",
                SERVER + "service.RequestPicture.picture",
                MODEL + "DescribeAnything.encode",
                MODEL + "Reservation.start",
                SERVER + "openai.chat.StreamedChat.delta",
                SERVER + "openai.chat.StreamedChat.end");
        assertThat(steps.stream().map(methods::indexOf).toList())
                .as("first call of each step")
                .doesNotContain(-1)
                .isSorted();
    }

    /** Records the calls of one streamed request, ordered by start time. */
    @BeforeAll
    static void recordOneRequest(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("calls.jfr");
        try (var server = TestServer.start("golden-joint-fp32");
                var recording = new Recording()) {
            recording
                    .enable("jdk.MethodTrace")
                    .with("filter", classes())
                    .withThreshold(Duration.ZERO)
                    .withStackTrace();
            recording.start();
            String request = TestServer.request(TestServer.dataUrl("blob.png"), "What is it?", ", \"stream\": true");
            assertThat(server.post(request).body()).endsWith("data: [DONE]\n\n");
            recording.stop();
            recording.dump(file);
        }
        calls = RecordingFile.readAllEvents(file).stream()
                .filter(it -> it.getEventType().getName().equals("jdk.MethodTrace"))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
    }

    private static String classes() {
        return new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(
                                SERVER + "openai",
                                SERVER + "service",
                                SERVER + "pictures",
                                MODEL + "engine",
                                MODEL + "features",
                                MODEL + "family")
                        .stream()
                        .filter(it -> !it.isInterface())
                        .map(JavaClass::getName)
                        .collect(Collectors.joining(";", MODEL + "DescribeAnything;" + MODEL + "Reservation;", ""));
    }

    private static String method(RecordedEvent event) {
        RecordedMethod method = event.getValue("method");
        return method.getType().getName() + "." + method.getName();
    }

    /** From the outermost frame to the traced method. */
    private static List<String> stack(RecordedEvent event) {
        var stack = new ArrayList<String>();
        stack.add(method(event));
        for (RecordedFrame frame : event.getStackTrace().getFrames()) {
            stack.add(frame.getMethod().getType().getName() + "."
                    + frame.getMethod().getName());
        }
        Collections.reverse(stack);
        return stack;
    }

    private static boolean returnsToServer(List<String> stack) {
        int model = 0;
        while (model < stack.size() && !stack.get(model).startsWith(MODEL)) {
            model++;
        }
        return stack.stream().skip(model).anyMatch(it -> it.startsWith(SERVER));
    }
}
