package io.github.describeanything.server.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Examples with other output than documented fail. */
class DocumentTest {
    @TempDir
    Path folder;

    private final List<Document> documents = new ArrayList<>();

    @AfterEach
    void close() {
        documents.forEach(Document::close);
    }

    private List<DynamicTest> examples(String text) throws IOException {
        Path file = folder.resolve("doc.md");
        Files.writeString(file, text.replace("'''", "```"));
        var document = new Document(file.toString(), name -> "server-" + name);
        documents.add(document);
        return document.examples().toList();
    }

    private static void run(DynamicTest test) throws Throwable {
        test.getExecutable().execute();
    }

    @Test
    void outputMustMatchTheDocument() throws Throwable {
        run(examples("'''bash\necho a b c\n'''\n\n'''text\na … c\n'''\n").getFirst());
        DynamicTest wrong =
                examples("'''bash\necho a b d\n'''\n'''text\na … c\n'''\n").getFirst();
        assertThatThrownBy(() -> run(wrong)).isInstanceOf(AssertionError.class);
    }

    @Test
    void failingCodeFailsTheTest() throws Throwable {
        for (String code : List.of(
                "bash\nfalse",
                "java\nint i = \"text\";",
                "java\nthrow new IllegalStateException();",
                "python\nraise ValueError()",
                "javascript\nnull.x")) {
            DynamicTest wrong = examples("'''" + code + "\n'''\n").getFirst();
            assertThatThrownBy(() -> run(wrong))
                    .as(code)
                    .isInstanceOfAny(AssertionError.class, TestAbortedException.class);
        }
    }

    @Test
    void severalBlocksShareOneOutputAndASetupRunsFirst() throws Throwable {
        String text = "'''bash setup\nX=1\n'''\n'''java setup\nint x = 1;\n'''\n"
                + "'''bash\necho $X\n'''\n'''java\nSystem.out.println(x);\n'''\n'''text\n1\n'''\n"
                + "'''bash\necho unchecked\n'''\nprose\n'''text\n2\n'''\n";
        List<DynamicTest> examples = examples(text);
        assertThat(examples).hasSize(3);
        for (DynamicTest example : examples) {
            run(example);
        }
        DynamicTest wrong = examples(text.replace("\n1\n'''\n'''bash\necho u", "\n2\n'''\n'''bash\necho u"))
                .get(1);
        assertThatThrownBy(() -> run(wrong)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aSectionNamesItsServer() throws Throwable {
        for (DynamicTest example : examples(
                "# A\n<!-- server: keys -->\n'''bash\necho http://127.0.0.1:8000\n'''\n'''text\nserver-keys\n'''\n"
                        + "# B\n'''bash\necho http://127.0.0.1:8000\n'''\n'''text\nserver-\n'''\n")) {
            run(example);
        }
    }
}
