// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.create;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An installer's kernel and initrd in a directory tree, where distributions put them.
 *
 * @param kernel the kernel's file
 * @param initrd the initial RAM disk's file
 */
record InstallTree(Path kernel, Path initrd) {
    /** Kernel and initrd below the tree's root; %a is Debian's and %m the kernel's name of the architecture. */
    private static final List<String[]> PLACES = List.of(
            new String[] {"linux", "initrd.gz"},
            new String[] {"vmlinuz", "initrd.gz"},
            new String[] {"vmlinuz", "initrd.img"},
            new String[] {"vmlinuz", "initrd"},
            new String[] {"install.%a/vmlinuz", "install.%a/initrd.gz"},
            new String[] {"debian-installer/%a/linux", "debian-installer/%a/initrd.gz"},
            new String[] {"text/debian-installer/%a/linux", "text/debian-installer/%a/initrd.gz"},
            new String[] {"netboot/debian-installer/%a/linux", "netboot/debian-installer/%a/initrd.gz"},
            new String[] {
                "current/images/netboot/debian-installer/%a/linux",
                "current/images/netboot/debian-installer/%a/initrd.gz"
            },
            new String[] {"images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"},
            new String[] {"isolinux/vmlinuz", "isolinux/initrd.img"},
            new String[] {"casper/vmlinuz", "casper/initrd"},
            new String[] {"casper/hwe-vmlinuz", "casper/hwe-initrd"},
            new String[] {"boot/%m/loader/linux", "boot/%m/loader/initrd"},
            new String[] {"boot/vmlinuz-virt", "boot/initramfs-virt"},
            new String[] {"boot/vmlinuz-lts", "boot/initramfs-lts"});

    static InstallTree find(String location, String arch) throws IOException {
        if (location.matches("[a-z]+://.*")) {
            throw JvirtException.failed(
                    "--location " + location + " is a URL, and only directories can be read yet",
                    "download kernel and initrd into a directory, or use --cdrom ISO");
        }
        Path root = Path.of(location).toAbsolutePath().normalize();
        if (!Files.exists(root)) {
            throw JvirtException.notFound("the tree " + root + " does not exist", "check the path");
        }
        if (!Files.isDirectory(root)) {
            throw JvirtException.usage("the tree " + root + " is no directory", "use --cdrom for an ISO image");
        }
        InstallTree tree = fromTreeInfo(root, arch);
        if (tree == null) {
            tree = fromPlaces(root, arch);
        }
        if (tree == null) {
            throw JvirtException.failed(
                    "no installer's kernel and initrd found in " + root,
                    "name the directory that holds them (linux or vmlinuz, and initrd.gz or initrd.img)");
        }
        return tree;
    }

    private static @Nullable InstallTree fromPlaces(Path root, String arch) {
        String debian = arch.equals("x86_64") ? "amd64" : arch.equals("aarch64") ? "arm64" : arch;
        for (String[] place : PLACES) {
            Path kernel = root.resolve(place[0].replace("%a", debian).replace("%m", arch));
            Path initrd = root.resolve(place[1].replace("%a", debian).replace("%m", arch));
            // Debian CDs call the directory install.amd.
            if (place[0].startsWith("install.") && debian.equals("amd64") && !Files.exists(kernel)) {
                kernel = root.resolve("install.amd/vmlinuz");
                initrd = root.resolve("install.amd/initrd.gz");
            }
            if (Files.isRegularFile(kernel) && Files.isRegularFile(initrd)) {
                return new InstallTree(kernel, initrd);
            }
        }
        return null;
    }

    /** {@code .treeinfo} of Fedora and its kin: an INI file whose section images-ARCH names both files. */
    private static @Nullable InstallTree fromTreeInfo(Path root, String arch) throws IOException {
        for (String name : List.of(".treeinfo", "treeinfo")) {
            Path file = root.resolve(name);
            if (!Files.isRegularFile(file)) {
                continue;
            }
            String section = "";
            Path kernel = null;
            Path initrd = null;
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                String text = line.strip();
                if (text.startsWith("[")) {
                    section = text;
                } else if (section.equals("[images-" + arch + "]")) {
                    int equals = text.indexOf('=');
                    String key = equals < 0 ? "" : text.substring(0, equals).strip();
                    Path value =
                            root.resolve(text.substring(equals + 1).strip()).normalize();
                    // A tree must not make jvirt copy a file from elsewhere.
                    if (!value.startsWith(root)) {
                        continue;
                    }
                    kernel = key.equals("kernel") ? value : kernel;
                    initrd = key.equals("initrd") ? value : initrd;
                }
            }
            if (kernel != null && initrd != null && Files.isRegularFile(kernel) && Files.isRegularFile(initrd)) {
                return new InstallTree(kernel, initrd);
            }
        }
        return null;
    }
}
