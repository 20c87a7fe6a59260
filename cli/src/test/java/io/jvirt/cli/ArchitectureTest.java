// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rules of the house that hold in this module. */
@Tag("one-jdk")
class ArchitectureTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.jvirt.cli");

    @Test
    void libvirtIsReachedThroughTheDomainModule() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.libvirt..")
                .check(PRODUCT);
    }

    @Test
    void nativeCallsAreInTheModulesBelow() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.sun.jna..")
                .check(PRODUCT);
    }

    @Test
    void onlyMainOwnsTheProcessStreamsAndItsEnd() {
        var others = noClasses().that().areNotAssignableTo(Main.class);
        others.should().accessField(System.class, "out").check(PRODUCT);
        others.should().accessField(System.class, "err").check(PRODUCT);
        noClasses()
                .that()
                .areNotAssignableTo(Training.class)
                .should()
                .callMethod(System.class, "exit", int.class)
                .check(PRODUCT);
    }

    /** Save stty, for a terminal in raw mode. */
    @Test
    void nothingStartsPrograms() {
        noClasses()
                .that()
                .doNotHaveSimpleName("RawTerminal")
                .and()
                .doNotHaveSimpleName("Editor")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .check(PRODUCT);
    }

    @Test
    void diskNeedsNoLibvirt() {
        noClasses()
                .that()
                .resideInAPackage("io.jvirt.cli.disk..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.jvirt.domain.libvirt.."))
                .check(PRODUCT);
    }

    @Test
    void jacksonIsLoadedByOneClassOfTheFrame() {
        noClasses()
                .that(not(resideInAPackage("io.jvirt.cli.disk..")))
                .and()
                .areNotAssignableTo(StructuredText.class)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson..")
                .check(PRODUCT);
    }

    @Test
    void commandsArePublicAndInAPackageOfTheirGroup() {
        classes()
                .that()
                .implement(CliCommand.class)
                .should()
                .bePublic()
                .andShould()
                .resideInAnyPackage("io.jvirt.cli.vm", "io.jvirt.cli.host", "io.jvirt.cli.general")
                .check(PRODUCT);
    }
}
