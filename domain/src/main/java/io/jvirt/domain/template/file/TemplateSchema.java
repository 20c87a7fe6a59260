// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.Similar;
import io.jvirt.domain.SizeText;
import io.jvirt.domain.create.DiskRequest;
import io.jvirt.domain.create.GuestHardware;
import io.jvirt.domain.image.Checksum;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which keys a template has, and what may stand behind them. {@code templates/schema.json} says the same to editors. */
final class TemplateSchema {
    static final String DESCRIPTION = "description";
    static final String EXTENDS = "extends";

    private static final TemplateKey BUS =
            TemplateKey.word("bus", DiskRequest.BUSES, "How the guest reaches the disk. Default: as the system can.");
    private static final TemplateKey MODEL = TemplateKey.of(
            "model", TemplateKey.Type.TEXT, "The adapter's model. Default: as the system can, else virtio.");

    private static final List<TemplateKey> DISK = List.of(
            TemplateKey.of("size", TemplateKey.Type.SIZE, "10G. The first disk of an image grows to it."),
            TemplateKey.word("format", List.of("qcow2", "raw"), "Default: qcow2."),
            BUS,
            TemplateKey.word("cache", DiskRequest.CACHES, "QEMU's cache mode."),
            TemplateKey.word(
                    "preallocation",
                    List.of("off", "metadata", "falloc", "full"),
                    "Default: metadata of qcow2 disks up to 128G, else off."),
            TemplateKey.of(
                    "pool", TemplateKey.Type.TEXT, "The pool that the disk is made in. Default: that of --pool."),
            TemplateKey.of("base", TemplateKey.Type.FILE, "An image that the disk lies on top of; it must stay."));

    private static final List<TemplateKey> NETWORK = List.of(
            TemplateKey.of("network", TemplateKey.Type.TEXT, "A network of libvirt."),
            TemplateKey.of("bridge", TemplateKey.Type.TEXT, "A bridge of the host, instead of a network."),
            TemplateKey.of("user", TemplateKey.Type.YES_NO, "QEMU's own network, outgoing only, instead of a network."),
            MODEL);

    private static final List<TemplateKey> CLOUD_INIT = List.of(
            TemplateKey.of("user-data", TemplateKey.Type.FILE, "A file in one of cloud-init's formats."),
            TemplateKey.of("meta-data", TemplateKey.Type.FILE, "A file; the instance-id is added."),
            TemplateKey.of("network-config", TemplateKey.Type.FILE, "A file."),
            TemplateKey.of("ssh-key", TemplateKey.Type.TEXTS, "Public keys, or files that hold them."),
            TemplateKey.of("password", TemplateKey.Type.TEXT, "Of the image's default user."));

    private static final List<TemplateKey> DEVICES = List.of(
            BUS, MODEL, TemplateKey.of("video", TemplateKey.Type.TEXT, "The video adapter where there is a display."));

    /** In the order in which {@code template show} prints them. */
    static final List<TemplateKey> KEYS = List.of(
            TemplateKey.of(DESCRIPTION, TemplateKey.Type.TEXT, "One line for 'jvirt template list'."),
            TemplateKey.of(
                    EXTENDS, TemplateKey.Type.TEXT, "Another template: what is not said here is as it is there."),
            TemplateKey.of(
                    "os", TemplateKey.Type.TEXT, "The guest's system as libosinfo names it: an id or a short id."),
            TemplateKey.of("memory", TemplateKey.Type.MEMORY, "2G; a bare number is in MiB. Default: 2G."),
            TemplateKey.of("vcpus", TemplateKey.Type.COUNT, "Processors. Default: 2."),
            TemplateKey.of("cpu", TemplateKey.Type.TEXT, "As --cpu."),
            TemplateKey.of("machine", TemplateKey.Type.TEXT, "Machine type: q35, pc, virt."),
            TemplateKey.word("firmware", GuestHardware.FIRMWARES, "Default: bios. uefi-secure has Secure Boot on."),
            TemplateKey.of(
                    "nvram",
                    TemplateKey.Type.FILE,
                    "A UEFI firmware's variables, of which each machine gets a copy. Default: the firmware's own."),
            TemplateKey.word("tpm", List.of("none", "emulator"), "A TPM 2.0. Default: none."),
            TemplateKey.word("clock", List.of("utc", "localtime"), "What the hardware clock shows. Default: utc."),
            TemplateKey.of("hyperv", TemplateKey.Type.YES_NO, "The interfaces of Hyper-V that Windows makes use of."),
            TemplateKey.word("graphics", List.of("none", "vnc", "spice"), "A display. Default: none, with cdrom vnc."),
            TemplateKey.of("video", TemplateKey.Type.TEXT, "The video adapter: virtio, qxl, vga, bochs, none."),
            TemplateKey.parts("disks", TemplateKey.Type.LIST, DISK, "The disks, the system's first."),
            TemplateKey.parts(
                    "networks", TemplateKey.Type.LIST, NETWORK, "The network cards. Default: one in 'default'."),
            TemplateKey.of("image", TemplateKey.Type.PLACE, "A file or address that the first disk is made from."),
            TemplateKey.of(
                    "checksums",
                    TemplateKey.Type.PLACE,
                    "The list in which the image's checksum stands: SHA256SUMS, SHA512SUMS."),
            TemplateKey.of(
                    "checksum",
                    TemplateKey.Type.CHECKSUM,
                    "The image's own, sha256:HEX, where nobody publishes a list with it; it wins over one."),
            TemplateKey.of("cdrom", TemplateKey.Type.FILE, "An ISO image to boot from while the disk has no system."),
            TemplateKey.of("drivers", TemplateKey.Type.FILE, "An ISO image in a second drive, where the host has it."),
            TemplateKey.parts(
                    "devices",
                    TemplateKey.Type.BLOCK,
                    DEVICES,
                    "What the system can, where osinfo-db is missing or knows it not."),
            TemplateKey.of(
                    "reset-identity",
                    TemplateKey.Type.YES_NO,
                    "A host name, machine id and SSH host keys of its own at the first boot, by cloud-init in the guest."),
            TemplateKey.parts(
                    "cloud-init", TemplateKey.Type.BLOCK, CLOUD_INIT, "What a cloud image is told at its first boot."));

    private TemplateSchema() {}

    /** Refuses a file with anything that a template cannot have, naming the line. */
    static void check(Node.Keys template) {
        checkKeys("", template, KEYS);
    }

    /** @param inside the key that they stand below, with a blank behind it, or empty */
    private static void checkKeys(String inside, Node.Keys keys, List<TemplateKey> known) {
        for (Map.Entry<String, Node.Entry> e : keys.entries().entrySet()) {
            TemplateKey key = null;
            for (TemplateKey k : known) {
                key = k.name().equals(e.getKey()) ? k : key;
            }
            if (key == null) {
                throw unknown(inside, e.getKey(), e.getValue().place(), known);
            }
            checkValue(inside, key, e.getValue().place(), e.getValue().value());
        }
    }

    private static JvirtException unknown(String inside, String name, Place at, List<TemplateKey> known) {
        List<String> names = known.stream().map(TemplateKey::name).toList();
        String similar = Similar.to(name, names);
        String where = inside.isEmpty() ? "a template has no key" : inside.strip() + " has no key";
        return at.error(
                where + " '" + name + "'",
                similar == null ? "the keys are " + String.join(", ", names) : "did you mean '" + similar + "'?");
    }

    private static void checkValue(String inside, TemplateKey key, Place at, Node value) {
        String name = "'" + inside + key.name() + "'";
        switch (key.type()) {
            case BLOCK -> {
                if (!(value instanceof Node.Keys parts)) {
                    throw at.error(
                            name + " must be a block of keys, and it is " + value.kind(),
                            "its keys are " + names(key) + ", each in a line of its own below it");
                }
                checkKeys(key.name() + " ", parts, key.parts());
            }
            case LIST -> checkList(name, key, at, value);
            case TEXTS -> {
                if (value instanceof Node.Items items) {
                    for (Node item : items.items()) {
                        checkScalar(name, key, item.place(), item);
                    }
                } else {
                    checkScalar(name, key, at, value);
                }
            }
            default -> checkScalar(name, key, at, value);
        }
    }

    private static void checkList(String name, TemplateKey key, Place at, Node value) {
        if (!(value instanceof Node.Items items)) {
            throw at.error(
                    name + " must be a list, and it is " + value.kind(),
                    "start each of its items with '- ', or write " + key.name() + ": [] for none");
        }
        for (Node item : items.items()) {
            if (!(item instanceof Node.Keys parts)) {
                throw item.place()
                        .error(
                                "an item of " + name + " must be a block of keys, and it is " + item.kind(),
                                "its keys are " + names(key));
            }
            checkKeys(key.name() + " ", parts, key.parts());
            if (key.name().equals("networks")) {
                checkNetwork(parts);
            }
        }
    }

    private static void checkNetwork(Node.Keys card) {
        long ways = card.entries().keySet().stream()
                .filter(k -> List.of("network", "bridge", "user").contains(k))
                .count();
        if (ways != 1) {
            throw card.place()
                    .error(
                            "a network card must connect to one thing, and this one names " + ways,
                            "write network: default, or bridge: br0, or user: yes");
        }
    }

    private static void checkScalar(String name, TemplateKey key, Place at, Node value) {
        if (!(value instanceof Node.Scalar scalar)) {
            throw at.error(name + " must be a single value, and it is " + value.kind(), null);
        }
        String text = scalar.text();
        if (scalar.isEmpty() || text.isBlank()) {
            throw at.error(name + " has no value", "write one behind the colon, or remove the line");
        }
        switch (key.type()) {
            case MEMORY -> at.checked(() -> SizeText.parse(text, name, 1L << 20));
            case SIZE -> at.checked(() -> SizeText.parse(text, name, 0));
            case CHECKSUM -> {
                if (!Layers.isNone(value)) {
                    at.checked(() -> Checksum.parse(text));
                }
            }
            case COUNT -> {
                if (!text.matches("[1-9][0-9]{0,4}")) {
                    throw at.error(name + " must be a whole number from 1 on, and it is '" + text + "'", null);
                }
            }
            case YES_NO -> {
                if (yesNo(text) == null) {
                    throw at.error(name + " must be yes or no, and it is '" + text + "'", null);
                }
            }
            case WORD -> {
                if (!key.words().contains(text)) {
                    String similar = Similar.to(text, key.words());
                    throw at.error(
                            name + " cannot be '" + text + "'",
                            (similar == null ? "" : "did you mean '" + similar + "'? ") + "it is one of "
                                    + String.join(", ", key.words()));
                }
            }
            default -> {
                if (text.chars().anyMatch(c -> c < ' ')) {
                    throw at.error(name + " must be one line", "put it between quotes, in one line");
                }
            }
        }
    }

    /** YAML 1.1's words; null for others. */
    static @Nullable Boolean yesNo(String text) {
        return switch (text) {
            case "yes", "true", "on" -> Boolean.TRUE;
            case "no", "false", "off" -> Boolean.FALSE;
            default -> null;
        };
    }

    private static String names(TemplateKey key) {
        return key.parts().stream().map(TemplateKey::name).collect(Collectors.joining(", "));
    }
}
