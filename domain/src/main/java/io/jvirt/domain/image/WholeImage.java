// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.ShellWord;
import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageDescription;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.OpenRequest;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.qcow2.Qcow2Description;
import io.jvirt.storage.qcow2.check.CheckResult;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import io.jvirt.storage.qcow2.format.Header;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The image that a machine's disk starts from. It may come from anywhere, so it must be whole by itself: one that names
 * another file of this host could hand that file to the guest.
 */
public final class WholeImage {
    private WholeImage() {}

    /** What the image says of itself, when that can be believed. */
    public static ImageDescription describe(Path file) throws IOException {
        ImageDescription found = read(file);
        if (found.virtualSizeBytes() == 0) {
            throw JvirtException.refused("the image " + file + " is empty", "was its download cut off?");
        }
        refuseWrongName(file, found.format());
        Qcow2Description qcow2 = found.qcow2();
        if (qcow2 == null) {
            return found;
        }
        String backing = qcow2.header().backingFile();
        if (backing != null) {
            throw namesAnother(file, "a backing file '" + backing + "'");
        }
        if (qcow2.header().features().hasDataFile()) {
            throw namesAnother(file, "an external data file '" + qcow2.header().dataFile() + "'");
        }
        refuseDamage(file);
        if (qcow2.header().cryptMethod() != Header.CRYPT_NONE) {
            throw JvirtException.refused(
                    "the image " + file + " is encrypted, and its content cannot be read without its passphrase",
                    "copy it without encryption first: jvirt disk convert --object secret,id=s,file=PASSPHRASE -O qcow2"
                            + " --image-opts driver=qcow2,encrypt.key-secret=s,file.filename=" + file + " plain.qcow2");
        }
        return found;
    }

    /** What calls itself one format and is another was damaged, cut off, or made to be taken for something else. */
    private static void refuseWrongName(Path file, ImageFormat format) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        for (ImageFormat each : ImageFormat.values()) {
            if (name.endsWith("." + each.id()) && each != format) {
                throw JvirtException.refused(
                        "the image " + file + " is named " + each.id() + ", and its content is "
                                + (format == ImageFormat.RAW ? "not" : format.id()),
                        "is it the right file, and whole? jvirt disk info " + ShellWord.quoted(file));
            }
        }
    }

    private static void refuseDamage(Path file) throws IOException {
        List<String> findings = new ArrayList<>();
        CheckResult result;
        try (HostFile store = HostFile.open(file, true)) {
            result = Qcow2Check.run(store, Repair.NONE, findings::add);
        }
        if (result.failure() != null || result.corruptions() > 0 || result.checkErrors() > 0) {
            // The last cluster of a whole image may be short too.
            boolean cut = result.imageEndOffset() > Files.size(file)
                    && findings.stream().anyMatch(finding -> finding.contains("exceeding the end of the file"));
            throw JvirtException.refused(
                    "the image " + file + (cut ? " is cut off: it has " : " is damaged, in its ") + Files.size(file)
                            + " bytes" + (cut ? " and uses " + result.imageEndOffset() : "")
                            + (findings.isEmpty() ? "" : " (" + findings.get(0).strip() + ")"),
                    "look at it: jvirt disk check " + ShellWord.quoted(file));
        }
    }

    private static ImageDescription read(Path file) throws IOException {
        try {
            return DiskImages.describe(OpenRequest.of(file));
        } catch (StorageException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "the image " + file + " cannot be used: " + e.getMessage(),
                    e.hint() == null ? "look at it: jvirt disk check " + ShellWord.quoted(file) : e.hint(),
                    e);
        }
    }

    private static JvirtException namesAnother(Path file, String other) {
        return JvirtException.refused(
                "the image " + file + " names " + other + ", and only an image that is whole by itself is taken",
                "if you trust it, make it whole first: jvirt disk convert -O qcow2 " + file + " whole.qcow2");
    }
}
