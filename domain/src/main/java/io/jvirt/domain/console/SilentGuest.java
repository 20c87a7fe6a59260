// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.console;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.xml.DomainXml;
import io.jvirt.domain.xml.device.Console;
import java.util.List;

/** Why a guest says nothing on its console, and what to change in it. */
public final class SilentGuest {
    private SilentGuest() {}

    /** Lines for people; the first says what is likely, the others what to do. */
    public static List<String> advice(Domain domain) {
        DomainState state = domain.status().state();
        if (state == DomainState.PAUSED || state == DomainState.PM_SUSPENDED) {
            return List.of("nothing from the guest: it is " + state.text() + "; jvirt resume "
                    + ShellWord.quoted(domain.name()));
        }
        DomainXml xml = DomainXml.parse(domain.xml());
        String terminal = terminalOf(xml);
        String parameter = terminal.startsWith("ttyS") ? terminal + ",115200" : terminal;
        if (xml.get(DomainXml.KERNEL_ARGUMENTS, "").contains("console=" + terminal)) {
            return List.of("nothing from the guest yet: press Enter. Its kernel is told of the console");
        }
        if (xml.get(DomainXml.KERNEL) != null) {
            return List.of(
                    "nothing from the guest yet: press Enter. Its kernel is given by libvirt, and must be told of the console:",
                    "  jvirt edit " + ShellWord.quoted(domain.name()) + ": console=" + parameter + " in <os><cmdline>");
        }
        return List.of(
                "nothing from the guest yet: press Enter. If it stays silent, its kernel does not use the serial port."
                        + " In the guest:",
                "  GRUB, in /etc/default/grub:  GRUB_CMDLINE_LINUX=\"console=tty0 console=" + parameter + "\"",
                "    and for its menu:          GRUB_TERMINAL=\"console serial\"",
                "    then: update-grub (Debian, Ubuntu) or grub2-mkconfig -o /boot/grub2/grub.cfg (Fedora, RHEL, SUSE)",
                "  a login prompt now:          systemctl enable --now serial-getty@" + terminal + ".service");
    }

    /** What the guest's kernel calls its first console. */
    static String terminalOf(DomainXml xml) {
        boolean isVirtio = xml.serials().isEmpty()
                && xml.consoles().stream().anyMatch(c -> "virtio".equals(c.get(Console.TARGET_TYPE)));
        if (isVirtio) {
            return "hvc0";
        }
        return switch (xml.get(DomainXml.ARCHITECTURE, "x86_64")) {
            case "aarch64", "armv7l" -> "ttyAMA0";
            case "ppc64", "ppc64le" -> "hvc0";
            case "s390x" -> "ttysclp0";
            default -> "ttyS0";
        };
    }
}
