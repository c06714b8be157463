package io.github.describeanything;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Rules on dependencies between packages, beyond those between modules. */
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
    static final ArchRule nativeCodeIsOnnxRuntimesLibwebpsAndTheSchedulers = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "model.onnx")
            .and()
            .haveNameNotMatching(".*\\.(focal\\.codec\\.Libwebp|model\\.lane\\.Background).*")
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

    /** Codecs and regions depend on the values of focal, not the other way round. */
    @ArchTest
    static final ArchRule focalDoesNotDependOnItsSubpackages = noClasses()
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
    static final ArchRule bodiesOnTheWireKnowNoServer = noClasses()
            .that()
            .resideInAPackage(ROOT + "server.openai..")
            .and()
            .areRecords()
            .and()
            .haveSimpleNameEndingWith("Body")
            .or()
            .haveSimpleNameStartingWith("ChatC")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.javalin..", "jakarta.servlet..", "org.eclipse.jetty..");

    @ArchTest
    static final ArchRule theServiceKnowsNoHttpAndNoJson = noClasses()
            .that()
            .resideInAPackage(ROOT + "server.service..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.javalin..",
                    "jakarta.servlet..",
                    "org.eclipse.jetty..",
                    "tools.jackson..",
                    "com.fasterxml..",
                    ROOT + "server.http..",
                    ROOT + "server.openai..",
                    ROOT + "server.operations..");

    @ArchTest
    static final ArchRule theModelsApiKnowsPicturesOnly = noClasses()
            .that()
            .resideInAPackage(ROOT + "model.api..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.github.describeanything..")
                    .and(not(resideInAnyPackage(ROOT + "model.api..", ROOT + "focal.."))));

    /** A family is found by its name in the manifest; adding one changes nothing outside its package. */
    @ArchTest
    static final ArchRule nothingDependsOnOneFamily = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "model.family.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "model.family.*..");

    /** Families share what is outside of their packages, and nothing else. */
    @ArchTest
    static final ArchRule familiesKnowNothingOfEachOther = slices().matching(
                    "io.github.describeanything.model.family.(*)..")
            .should()
            .notDependOnEachOther();

    /** Every package is a slice, root packages too, so there is no cycle between a package and its parent. */
    @ArchTest
    static final ArchRule packagesFormNoCycles =
            slices().matching("io.github.(**)").should().beFreeOfCycles();
}
