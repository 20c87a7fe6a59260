// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import io.jvirt.domain.SizeText;
import io.jvirt.domain.cloudinit.CloudInit;
import io.jvirt.domain.create.DiskRequest;
import io.jvirt.domain.create.NetworkRequest;
import io.jvirt.domain.create.SystemDevices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What machines of a kind are like: a template with all that it extends, checked. What it does not say is null. */
public final class MachineTemplate {
    private final String name;
    private final List<Path> files;
    private final Node.Keys keys;

    MachineTemplate(String name, List<Path> files, Node.Keys keys) {
        this.name = name;
        this.files = List.copyOf(files);
        this.keys = keys;
    }

    public String name() {
        return name;
    }

    /** The template's file, then those that it extends, the nearest first. */
    public List<Path> files() {
        return files;
    }

    Node.Keys keys() {
        return keys;
    }

    /** A key with a single text or word: {@code os}, {@code cpu}, {@code firmware} and others. */
    public @Nullable String text(String key) {
        return scalar(keys, key);
    }

    public @Nullable Long memoryBytes() {
        String memory = text("memory");
        return memory == null ? null : SizeText.parse(memory, "the memory", 1L << 20);
    }

    public @Nullable Integer vcpus() {
        String vcpus = text("vcpus");
        return vcpus == null ? null : Integer.valueOf(vcpus);
    }

    public boolean hyperv() {
        return isYes(keys, "hyperv");
    }

    public boolean resetsIdentity() {
        return isYes(keys, "reset-identity");
    }

    /** A key with a path: {@code cdrom}, {@code drivers}. */
    public @Nullable Path path(String key) {
        return path(keys, key);
    }

    /** A key with a path or an address: {@code image}, {@code checksums}. An address stays as it is written. */
    public @Nullable String place(String key) {
        return keys.get(key) instanceof Node.Scalar scalar ? placeOf(scalar.place(), scalar.text()) : null;
    }

    static String placeOf(Place place, String text) {
        return text.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*")
                ? text
                : resolve(place, text).toString();
    }

    /** Null where the template says nothing of disks. */
    public @Nullable List<DiskRequest> disks() {
        return items("disks", disk -> {
            String size = scalar(disk, "size");
            String format = scalar(disk, "format");
            String preallocation = scalar(disk, "preallocation");
            return new DiskRequest(
                    size == null ? null : SizeText.parse(size, "the disk's size", 0),
                    format == null ? null : DiskRequest.format(format),
                    scalar(disk, "pool"),
                    null,
                    scalar(disk, "bus"),
                    scalar(disk, "cache"),
                    preallocation == null ? null : DiskRequest.preallocation(preallocation),
                    path(disk, "base"));
        });
    }

    /** Null where the template says nothing of networks; empty for none. */
    public @Nullable List<NetworkRequest> networks() {
        return items("networks", card -> {
            String model = scalar(card, "model");
            String network = scalar(card, "network");
            String bridge = scalar(card, "bridge");
            if (network != null) {
                return new NetworkRequest(NetworkRequest.Kind.NETWORK, network, model, null);
            }
            return bridge == null
                    ? new NetworkRequest(NetworkRequest.Kind.USER, "", model, null)
                    : new NetworkRequest(NetworkRequest.Kind.BRIDGE, bridge, model, null);
        });
    }

    /** What the system can where libosinfo's database does not say. */
    public SystemDevices devices() {
        return keys.get("devices") instanceof Node.Keys devices
                ? new SystemDevices(scalar(devices, "bus"), scalar(devices, "model"), scalar(devices, "video"))
                : SystemDevices.UNKNOWN;
    }

    public @Nullable CloudInit cloudInit() throws IOException {
        if (!(keys.get("cloud-init") instanceof Node.Keys told)) {
            return resetsIdentity() ? CloudInit.IDENTITY : null;
        }
        List<String> sshKeys = new ArrayList<>();
        Node given = told.get("ssh-key");
        List<Node> all = given instanceof Node.Items list ? list.items() : given == null ? List.of() : List.of(given);
        for (Node key : all) {
            String text = ((Node.Scalar) key).text();
            sshKeys.addAll(CloudInit.keys(
                    CloudInit.isKey(text) ? text : resolve(key.place(), text).toString()));
        }
        return new CloudInit(
                path(told, "user-data"),
                path(told, "meta-data"),
                path(told, "network-config"),
                List.copyOf(sshKeys),
                scalar(told, "password"),
                null,
                resetsIdentity());
    }

    private <T> @Nullable List<T> items(String key, Function<Node.Keys, T> reader) {
        if (!(keys.get(key) instanceof Node.Items list)) {
            return null;
        }
        List<T> found = new ArrayList<>();
        for (Node item : list.items()) {
            found.add(reader.apply((Node.Keys) item));
        }
        return found;
    }

    private static @Nullable String scalar(Node.Keys keys, String key) {
        return keys.get(key) instanceof Node.Scalar scalar ? scalar.text() : null;
    }

    private static boolean isYes(Node.Keys keys, String key) {
        String text = scalar(keys, key);
        return text != null && Boolean.TRUE.equals(TemplateSchema.yesNo(text));
    }

    private static @Nullable Path path(Node.Keys keys, String key) {
        return keys.get(key) instanceof Node.Scalar scalar ? resolve(scalar.place(), scalar.text()) : null;
    }

    /** A relative path is meant from the template's directory, so that a directory of templates can be moved. */
    private static Path resolve(Place place, String text) {
        if (text.startsWith("~/")) {
            return Path.of(System.getProperty("user.home", "/"), text.substring(2));
        }
        Path directory = place.file().toAbsolutePath().getParent();
        return (directory == null ? Path.of(text) : directory.resolve(text)).normalize();
    }
}
