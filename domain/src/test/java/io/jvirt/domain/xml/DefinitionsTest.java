// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.JvirtException.Kind;
import io.jvirt.domain.change.BootChange;
import io.jvirt.domain.change.Change;
import io.jvirt.domain.change.CpuChange;
import io.jvirt.domain.change.DeviceChanges;
import io.jvirt.domain.change.DiskChanges;
import io.jvirt.domain.change.MemoryChange;
import io.jvirt.domain.change.TextChange;
import io.jvirt.domain.change.VcpuChange;
import io.jvirt.domain.xml.device.Disk;
import io.jvirt.domain.xml.device.Graphics;
import io.jvirt.domain.xml.device.Interface;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

/**
 * Definitions with everything that libvirt's format knows, and some that it does not: read, one property changed, written.
 * Another parser then sees the change and nothing else.
 */
class DefinitionsTest {
    static Stream<Path> definitions() throws IOException {
        List<Path> found;
        try (Stream<Path> files = Files.walk(Path.of("src/test/resources"))) {
            found = files.filter(f -> f.toString().endsWith(".xml"))
                    .filter(DefinitionsTest::isDomain)
                    .sorted()
                    .toList();
        }
        assertThat(found).hasSizeGreaterThan(3);
        return found.stream();
    }

    private static boolean isDomain(Path file) {
        try {
            return Files.readString(file).contains("<domain ");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void unchangedItIsTheSameText(Path file) throws IOException {
        String text = Files.readString(file);
        assertThat(DomainXml.parse(text).text()).isEqualTo(text);
    }

    /** Each declared property of the domain and of its devices, set to what it has: not a byte changes. */
    @ParameterizedTest
    @MethodSource("definitions")
    void everyPropertyKeepsItsValue(Path file) throws Exception {
        String text = Files.readString(file);
        DomainXml domain = DomainXml.parse(text);
        List<XmlView> views = new ArrayList<>(List.of(domain));
        for (var method : DomainXml.class.getMethods()) {
            if (method.getParameterCount() == 0 && method.getReturnType() == List.class) {
                for (Object view : (List<?>) method.invoke(domain)) {
                    views.add((XmlView) view);
                }
            }
        }
        for (XmlView view : views) {
            for (Property<?> property : properties(view)) {
                rewrite(view, property);
            }
        }
        assertThat(domain.text()).isEqualTo(text);
    }

    private static <T> void rewrite(XmlView view, Property<T> property) {
        T value = view.get(property);
        view.set(property, value);
    }

    private static List<Property<?>> properties(XmlView view) throws IllegalAccessException {
        List<Property<?>> properties = new ArrayList<>();
        for (Field field : view.getClass().getFields()) {
            if (Property.class.isAssignableFrom(field.getType())) {
                properties.add((Property<?>) field.get(null));
            }
        }
        return properties;
    }

    @ParameterizedTest
    @MethodSource("definitions")
    void oneChangeIsOneChange(Path file) throws Exception {
        String text = Files.readString(file);
        List<String> before = canonical(text);
        assertThat(changedLines(before, text, new TextChange("Another", true)))
                .allMatch(line -> line.contains("/title"));
        assertThat(changedLines(before, text, new BootChange(List.of("network", "hd"))))
                .allMatch(line -> line.contains("/boot "));
        assertThat(changedLines(before, text, new CpuChange("host-passthrough")))
                .allMatch(line -> line.contains("/cpu"));
        DomainXml domain = DomainXml.parse(text);
        domain.disks().forEach(disk -> disk.set(Disk.CACHE, "unsafe"));
        domain.interfaces().forEach(card -> card.set(Interface.LINK, "up"));
        domain.graphics().forEach(one -> one.set(Graphics.PASSWORD, "new"));
        assertThat(difference(before, canonical(domain.text())))
                .allMatch(line -> line.contains("/driver ") || line.contains("/link ") || line.contains("/graphics "));
    }

    /** What {@code set} does, and where in the definition it may show. */
    private record Wish(String place, Supplier<Change> change) {}

    private static List<Wish> wishes(DomainXml domain) {
        List<Wish> wishes = new ArrayList<>(List.of(
                new Wish("/domain/description ", () -> new TextChange("What it is for", false)),
                new Wish("/domain/(memory|currentMemory) ", () -> new MemoryChange(64L << 20, false)),
                new Wish("/domain/(memory|currentMemory) ", () -> new MemoryChange(8L << 40, true)),
                new Wish("/domain/(vcpu|cpu/topology) ", () -> new VcpuChange(4, false)),
                new Wish("/domain/(vcpu|cpu/topology) ", () -> new VcpuChange(64, true)),
                // A display has a video card, and SPICE's devices go with SPICE.
                new Wish(
                        "/domain/devices/(graphics|video|channel|redirdev|audio)[/ ]",
                        () -> DeviceChanges.graphics("vnc,listen=0.0.0.0")),
                new Wish("/domain/devices/interface[/ ]", () -> DeviceChanges.addNetwork("default")),
                new Wish("/domain/devices/filesystem[/ ]", () -> DeviceChanges.addFilesystem("/srv/x,new-share")),
                new Wish("/domain/devices/hostdev[/ ]", () -> DeviceChanges.addHostDevice("pci:0000:0a:00.0"))));
        if (!domain.interfaces().isEmpty()) {
            wishes.add(new Wish("/domain/devices/interface/link ", () -> DeviceChanges.network("1,link=down", domain)));
            wishes.add(new Wish("/domain/devices/interface[/ ]", () -> DeviceChanges.removeNetwork("1", domain)));
        }
        for (Disk disk : domain.disks()) {
            String target = disk.get(Disk.TARGET, "");
            wishes.add(new Wish("/domain/devices/disk/driver ", () -> DiskChanges.settings(target + ",cache=none")));
            wishes.add(new Wish("/domain/devices/disk[/ ]", () -> DiskChanges.remove(target)));
            if (!disk.isDisk()) {
                wishes.add(new Wish("/domain/devices/disk[/ ]", () -> DiskChanges.medium(target, "/iso/new.iso")));
                wishes.add(new Wish("/domain/devices/disk[/ ]", () -> DiskChanges.medium(target, null)));
            }
        }
        return wishes;
    }

    /** Each change of {@code set}: it is refused, or nothing changes elsewhere. */
    @ParameterizedTest
    @MethodSource("definitions")
    void eachWishChangesItsPlaceAlone(Path file) throws Exception {
        String text = Files.readString(file);
        List<String> before = canonical(text);
        int made = 0;
        for (Wish wish : wishes(DomainXml.parse(text))) {
            Change change = wish.change().get();
            try {
                assertThat(changedLines(before, text, change))
                        .as("%s in %s", change.summary(), file)
                        .allMatch(line -> line.matches("(?s)" + wish.place() + ".*"));
                made++;
            } catch (JvirtException e) {
                assertThat(e.kind()).as(e.getMessage()).isIn(Kind.REFUSED, Kind.FAILED);
            }
        }
        assertThat(made).as("of the changes").isGreaterThan(5);
    }

    private static List<String> changedLines(List<String> before, String text, Change change) throws Exception {
        DomainXml domain = DomainXml.parse(text);
        change.define(domain);
        return difference(before, canonical(domain.text()));
    }

    private static List<String> difference(List<String> before, List<String> after) {
        List<String> all = new ArrayList<>(before);
        after.forEach(line -> {
            if (!all.remove(line)) {
                all.add(line);
            }
        });
        return all;
    }

    /** A line for each element: its path, attributes in order of their names, and its own text. */
    private static List<String> canonical(String text) throws Exception {
        List<String> lines = new ArrayList<>();
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setCoalescing(true);
        add(
                factory.newDocumentBuilder()
                        .parse(new InputSource(new StringReader(text)))
                        .getDocumentElement(),
                "",
                lines);
        return lines;
    }

    private static void add(Element element, String path, List<String> lines) {
        TreeMap<String, String> attributes = new TreeMap<>();
        NamedNodeMap named = element.getAttributes();
        for (int i = 0; i < named.getLength(); i++) {
            attributes.put(named.item(i).getNodeName(), named.item(i).getNodeValue());
        }
        String own = path + "/" + element.getNodeName();
        StringBuilder text = new StringBuilder();
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child.getNodeType() == Node.TEXT_NODE) {
                text.append(child.getNodeValue());
            }
        }
        lines.add(own + " " + attributes + " " + text.toString().strip());
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element inside) {
                add(inside, own, lines);
            }
        }
    }
}
