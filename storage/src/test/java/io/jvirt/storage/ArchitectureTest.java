// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
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
            .importPackages("io.jvirt.storage");

    @Test
    void storageKnowsNoLibvirtAndNobodyAboveIt() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.jvirt.domain..", "io.jvirt.cli..", "org.libvirt..", "picocli..")
                .check(PRODUCT);
    }

    @Test
    void nativeCallsForFilesAreInOnePackage() {
        noClasses()
                .that(not(resideInAPackage("io.jvirt.storage.file..")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.sun.jna..")
                .check(PRODUCT);
    }

    @Test
    void onDiskStructuresKnowNoOperations() {
        noClasses()
                .that()
                .resideInAPackage("io.jvirt.storage.qcow2.format..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.jvirt.storage.qcow2", "io.jvirt.storage.raw..", "io.jvirt.storage.copy..")
                .check(PRODUCT);
    }

    @Test
    void nothingPrintsExitsOrStartsPrograms() {
        noClasses().should().accessField(System.class, "out").check(PRODUCT);
        noClasses().should().accessField(System.class, "err").check(PRODUCT);
        noClasses().should().callMethod(System.class, "exit", int.class).check(PRODUCT);
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .check(PRODUCT);
    }
}
