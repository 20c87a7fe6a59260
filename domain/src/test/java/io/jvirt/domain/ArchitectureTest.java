// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain;

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
            .importPackages("io.jvirt.domain");

    @Test
    void domainKnowsNobodyAboveIt() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.jvirt.cli..", "picocli..")
                .check(PRODUCT);
    }

    @Test
    void libvirtLivesInOnePackage() {
        noClasses()
                .that(not(resideInAPackage("io.jvirt.domain.libvirt..")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.libvirt..", "com.sun.jna..")
                .check(PRODUCT);
    }

    @Test
    void xmlKnowsNoLibvirt() {
        noClasses()
                .that()
                .resideInAPackage("io.jvirt.domain.xml..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.jvirt.domain.libvirt..")
                .check(PRODUCT);
    }

    @Test
    void nothingPrintsExitsOrStartsPrograms() {
        noClasses().should().accessField(System.class, "out").check(PRODUCT);
        noClasses().should().accessField(System.class, "err").check(PRODUCT);
        noClasses().should().callMethod(System.class, "exit", int.class).check(PRODUCT);
        // ssh to the other host of a migration; virt-sysprep where it is installed, to get at the inside of a guest.
        noClasses()
                .that()
                .haveNameNotMatching(".*\\.(SshCommand|SysprepStep)")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .check(PRODUCT);
    }
}
