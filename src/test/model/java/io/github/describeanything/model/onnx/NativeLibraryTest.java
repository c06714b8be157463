package io.github.describeanything.model.onnx;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

    @Test
    void aChosenFolderThatIsNotCompleteIsRefusedWithAllThatItLacks(@TempDir Path folder) throws IOException {
        Path core = folder.resolve(System.mapLibraryName("onnxruntime"));
        Path java = folder.resolve(System.mapLibraryName("onnxruntime4j_jni"));
        assertThatThrownBy(() -> NativeLibrary.requireLibraries(folder))
                .isInstanceOf(OnnxException.class)
                .hasMessageContaining("lacks %s and %s", core.getFileName(), java.getFileName());
        Files.createFile(core);
        assertThatThrownBy(() -> NativeLibrary.requireLibraries(folder))
                .hasMessageContaining("lacks " + java.getFileName() + ":");
        Files.createFile(java);
        assertThatCode(() -> NativeLibrary.requireLibraries(folder)).doesNotThrowAnyException();
    }
}
