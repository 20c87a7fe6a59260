// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.xml.device.Channel;
import io.jvirt.domain.xml.device.Console;
import io.jvirt.domain.xml.device.Controller;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Filesystem;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Hostdev;
import io.jvirt.domain.xml.device.Input;
import io.jvirt.domain.xml.device.Interface;
import io.jvirt.domain.xml.device.Memballoon;
import io.jvirt.domain.xml.device.Rng;
import io.jvirt.domain.xml.device.Serial;
import io.jvirt.domain.xml.device.Tpm;
import io.jvirt.domain.xml.device.Video;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A domain's definition. */
public final class DomainXml extends XmlView {
    /** {@code kvm}, {@code qemu}, … */
    public static final Property<String> TYPE = Property.text("@type");

    public static final Property<String> NAME = Property.text("name");
    public static final Property<String> UUID = Property.text("uuid");
    public static final Property<String> TITLE = Property.text("title");
    public static final Property<String> DESCRIPTION = Property.text("description");

    /** What the machine has at boot. */
    public static final Property<Long> MEMORY_BYTES = Property.sizeBytes("memory");
    /** What the balloon leaves it; not above {@link #MEMORY_BYTES}. */
    public static final Property<Long> CURRENT_MEMORY_BYTES = Property.sizeBytes("currentMemory");

    public static final Property<Long> VCPUS = Property.number("vcpu");
    public static final Property<Long> CURRENT_VCPUS = Property.number("vcpu/@current");

    public static final Property<String> OS_TYPE = Property.text("os/type");
    public static final Property<String> ARCHITECTURE = Property.text("os/type/@arch");
    public static final Property<String> MACHINE = Property.text("os/type/@machine");
    /** {@code efi} lets libvirt choose the firmware. */
    public static final Property<String> FIRMWARE = Property.text("os/@firmware");

    public static final Property<String> LOADER = Property.text("os/loader");
    public static final Property<Boolean> LOADER_READONLY = Property.yesNo("os/loader/@readonly");
    public static final Property<Boolean> LOADER_SECURE = Property.yesNo("os/loader/@secure");
    public static final Property<String> LOADER_TYPE = Property.text("os/loader/@type");
    public static final Property<String> NVRAM = Property.text("os/nvram");
    public static final Property<String> NVRAM_TEMPLATE = Property.text("os/nvram/@template");
    /** The first boot device class; devices with a boot order of their own exclude it. */
    public static final Property<String> BOOT_DEVICE = Property.text("os/boot/@dev");

    public static final Property<Boolean> BOOT_MENU = Property.yesNo("os/bootmenu/@enable");
    public static final Property<String> KERNEL = Property.text("os/kernel");
    public static final Property<String> INITRD = Property.text("os/initrd");
    public static final Property<String> DTB = Property.text("os/dtb");
    public static final Property<String> KERNEL_ARGUMENTS = Property.text("os/cmdline");

    public static final Property<String> CPU_MODE = Property.text("cpu/@mode");
    public static final Property<String> CPU_CHECK = Property.text("cpu/@check");
    public static final Property<String> CPU_MODEL = Property.text("cpu/model");
    public static final Property<String> CPU_MODEL_FALLBACK = Property.text("cpu/model/@fallback");
    public static final Property<Long> CPU_SOCKETS = Property.number("cpu/topology/@sockets");
    public static final Property<Long> CPU_CORES = Property.number("cpu/topology/@cores");
    public static final Property<Long> CPU_THREADS = Property.number("cpu/topology/@threads");

    public static final Property<Boolean> ACPI = Property.flag("features/acpi");
    public static final Property<Boolean> APIC = Property.flag("features/apic");
    public static final Property<Boolean> PAE = Property.flag("features/pae");
    public static final Property<Boolean> SMM = Property.onOff("features/smm/@state");
    public static final Property<String> CLOCK = Property.text("clock/@offset");
    public static final Property<String> ON_POWEROFF = Property.text("on_poweroff");
    public static final Property<String> ON_REBOOT = Property.text("on_reboot");
    public static final Property<String> ON_CRASH = Property.text("on_crash");
    public static final Property<String> EMULATOR = Property.text("devices/emulator");

    /** libosinfo's id of the guest's system, as virt-manager and virt-install write it. */
    public static final Property<String> OS_ID = Property.text("metadata/libosinfo:libosinfo/libosinfo:os/@id");
    /** The version of jvirt that created the domain; absent for domains of other tools. */
    public static final Property<String> CREATED_BY = Property.text("metadata/jvirt:vm/@createdBy");

    private final XmlDocument document;

    private DomainXml(XmlDocument document) {
        super(document.root());
        this.document = document;
    }

    public static DomainXml parse(String source) {
        XmlDocument document = XmlDocument.parse(source);
        if (!document.root().name().equals("domain")) {
            throw JvirtException.failed(
                    "<" + document.root().name() + "> is not a domain's definition", "give the XML of a <domain>");
        }
        return new DomainXml(document);
    }

    /** A definition that says no more than its type and name. */
    public static DomainXml of(String type, String name) {
        DomainXml domain = new DomainXml(XmlDocument.of("domain"));
        domain.set(TYPE, type).set(NAME, name);
        return domain;
    }

    public XmlDocument document() {
        return document;
    }

    /** The whole document, as it was read but for the changes. */
    public String text() {
        return document.toString();
    }

    public List<Disk> disks() {
        return devices(Disk.ELEMENT, Disk::new);
    }

    public List<Interface> interfaces() {
        return devices(Interface.ELEMENT, Interface::new);
    }

    public List<Graphics> graphics() {
        return devices(Graphics.ELEMENT, Graphics::new);
    }

    public List<Video> videos() {
        return devices(Video.ELEMENT, Video::new);
    }

    public List<Serial> serials() {
        return devices(Serial.ELEMENT, Serial::new);
    }

    public List<Console> consoles() {
        return devices(Console.ELEMENT, Console::new);
    }

    public List<Channel> channels() {
        return devices(Channel.ELEMENT, Channel::new);
    }

    public List<Rng> rngs() {
        return devices(Rng.ELEMENT, Rng::new);
    }

    public List<Tpm> tpms() {
        return devices(Tpm.ELEMENT, Tpm::new);
    }

    public List<Hostdev> hostdevs() {
        return devices(Hostdev.ELEMENT, Hostdev::new);
    }

    public List<Filesystem> filesystems() {
        return devices(Filesystem.ELEMENT, Filesystem::new);
    }

    public List<Controller> controllers() {
        return devices(Controller.ELEMENT, Controller::new);
    }

    public List<Input> inputs() {
        return devices(Input.ELEMENT, Input::new);
    }

    public @Nullable Memballoon memballoon() {
        List<Memballoon> found = devices(Memballoon.ELEMENT, Memballoon::new);
        return found.isEmpty() ? null : found.get(0);
    }

    /** Devices of any element, through any view. */
    public <V> List<V> devices(String elementName, Function<XmlElement, V> view) {
        return views("devices/" + elementName, view);
    }

    /** All elements at a path. */
    public List<XmlElement> elementsAt(String path) {
        return new ElementPath(path).findAll(element());
    }

    /** Adds an empty element at a path's end, beside those that are there. */
    public XmlElement addAt(String path) {
        return new ElementPath(path).add(element());
    }

    /** Removes all elements at a path, and the parents on it that nothing is left in. */
    public void removeAt(String path) {
        ElementPath elements = new ElementPath(path);
        for (XmlElement found : elements.findAll(element())) {
            XmlElement parent = found.parent();
            found.remove();
            if (parent != null) {
                elements.prune(element(), parent);
            }
        }
    }

    /** Adds an empty device, to be filled through its view. */
    public <V> V addDevice(String elementName, Function<XmlElement, V> view) {
        return view.apply(new ElementPath("devices/" + elementName).add(element()));
    }
}
