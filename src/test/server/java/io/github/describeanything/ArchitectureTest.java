package io.github.describeanything;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the modules alone cannot say of who may see whom. */
@AnalyzeClasses(packages = "io.github.describeanything", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.github.describeanything.";

    @ArchTest
    static final ArchRule onlyOnePackageSeesOnnxRuntime = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "model.onnx")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.onnxruntime..");

    @ArchTest
    static final ArchRule nativeMemoryIsOnnxRuntimesAndLibwebps = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "model.onnx")
            .and()
            .haveNameNotMatching(".*\\.focal\\.codec\\.Libwebp.*")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.lang.foreign..");

    @ArchTest
    static final ArchRule focalKnowsPicturesOnly = classes()
            .that()
            .resideInAPackage(ROOT + "focal..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "focal..",
                    "java.lang..",
                    "java.util..",
                    "java.io..",
                    "java.nio..",
                    "java.awt..",
                    "javax.imageio..",
                    "com.twelvemonkeys..",
                    "org.jspecify..");

    /** Codecs and regions know the values of their parent, which knows neither. */
    @ArchTest
    static final ArchRule valuesOfFocalKnowNoFilesAndNoGeometry = noClasses()
            .that()
            .resideInAPackage(ROOT + "focal")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + "focal.*..");

    @ArchTest
    static final ArchRule modelKnowsNothingOfHttp = noClasses()
            .that()
            .resideInAPackage(ROOT + "model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "org.eclipse.jetty..", "java.net.http..");

    @ArchTest
    static final ArchRule whatCrossesTheWireDependsOnNothing = noClasses()
            .that()
            .resideInAPackage(ROOT + "server.chat..")
            .and()
            .areRecords()
            // What a generation tells, with its index: never written, only handed from thread to thread.
            .and()
            .doNotHaveSimpleName("Indexed")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "org.eclipse.jetty..", ROOT + "model..");

    @ArchTest
    static final ArchRule packagesOfTheModelFormNoCycles =
            slices().matching(ROOT + "model.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesOfTheServerFormNoCycles =
            slices().matching(ROOT + "server.(*)..").should().beFreeOfCycles();
}
