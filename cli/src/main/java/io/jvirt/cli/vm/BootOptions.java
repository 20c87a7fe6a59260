// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.create.BootSource;
import io.jvirt.domain.image.ImageRequest;
import io.jvirt.domain.image.ImageSource;
import io.jvirt.domain.template.file.MachineTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code create} that say where the guest's system comes from. */
public final class BootOptions {
    @Option(names = "--cdrom", paramLabel = "ISO", description = "Boot from an ISO image while the disk has no system.")
    private @Nullable Path cdrom;

    @Option(
            names = {"-l", "--location"},
            paramLabel = "TREE",
            description = "Start the installer of a directory tree, on the serial console.")
    private @Nullable String location;

    @Option(
            names = {"-x", "--extra-args"},
            paramLabel = "TEXT",
            description = "Arguments for the kernel of --location.")
    private @Nullable String extraArguments;

    @Option(
            names = "--image",
            paramLabel = "FILE|URL",
            description = "Make the first disk from an image: a copy of it. What is fetched from http or https is kept"
                    + " in a cache; .xz and .gz are unpacked.")
    private @Nullable String image;

    @Option(
            names = "--checksum",
            paramLabel = "sha256:HEX|none",
            description = "With --image: what its checksum must be (sha256, sha384, sha512), or none for no comparison."
                    + " Default for a URL: that of SHA256SUMS, SHA512SUMS or CHECKSUM beside it, where there is one.")
    private @Nullable String checksum;

    @Option(
            names = "--checksum-file",
            paramLabel = "FILE|URL",
            description = "With --image: the list that has its checksum: SHA256SUMS, or IMAGE.CHECKSUM of Fedora.")
    private @Nullable String checksumFile;

    @Option(names = "--backed", description = "With --image: lie on top of it instead of copying; it must stay.")
    private boolean isBacked;

    @Option(
            names = "--import",
            paramLabel = "DISK",
            description = "Use a disk as it is. It is never removed by a failure.")
    private @Nullable Path importedDisk;

    @Option(names = "--pxe", description = "Boot from the network while the disk has no system.")
    private boolean isPxe;

    @Nullable
    String extraArguments() {
        return extraArguments;
    }

    boolean importsDisk() {
        return importedDisk != null;
    }

    /** What was said, else the template's. */
    BootSource source(@Nullable MachineTemplate from) throws IOException {
        String fromImage = from == null ? null : from.place("image");
        List<BootSource> given = new ArrayList<>();
        if (cdrom != null) {
            given.add(new BootSource.Cdrom(cdrom));
        }
        if (location != null) {
            given.add(new BootSource.Location(location));
        }
        if (isPxe) {
            given.add(new BootSource.Pxe());
        }
        if (importedDisk != null) {
            given.add(new BootSource.Import(importedDisk));
        }
        if (image != null) {
            given.add(imageSource(new ImageRequest(image, checksum, checksumFile)));
        } else if (given.isEmpty() && from != null && fromImage != null) {
            given.add(imageSource(fromTemplate(from, fromImage)));
        } else if (isBacked) {
            throw JvirtException.usage("--backed needs an image", "add --image FILE");
        } else if (checksum != null || checksumFile != null) {
            throw JvirtException.usage("--checksum and --checksum-file are for an image", "add --image FILE|URL");
        }
        if (extraArguments != null && location == null) {
            throw JvirtException.usage("--extra-args needs --location", "add --location TREE");
        }
        if (given.size() > 1) {
            throw JvirtException.usage(
                    "--cdrom, --location, --pxe, --import and --image exclude each other", "give one of them");
        }
        Path fromCdrom = from == null ? null : from.path("cdrom");
        if (given.isEmpty() && fromCdrom != null) {
            return new BootSource.Cdrom(fromCdrom);
        }
        return given.isEmpty() ? new BootSource.Nothing() : given.get(0);
    }

    private BootSource imageSource(ImageRequest request) throws IOException {
        if (ImageSource.isPlainFile(request)) {
            return new BootSource.Image(Path.of(request.location()), isBacked);
        }
        if (isBacked) {
            throw JvirtException.usage(
                    "--backed needs an image that stays as it is, and what jvirt fetches, compares or unpacks does not",
                    "leave --backed out, or make a file of it first: jvirt image pull");
        }
        return new BootSource.Fetched(request);
    }

    private ImageRequest fromTemplate(MachineTemplate from, String fromImage) {
        if (checksum != null || checksumFile != null) {
            return new ImageRequest(fromImage, checksum, checksumFile);
        }
        String own = from.text("checksum");
        return new ImageRequest(fromImage, own, own == null ? from.place("checksums") : null);
    }
}
