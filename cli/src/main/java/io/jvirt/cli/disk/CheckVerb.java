// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImages;
import io.jvirt.storage.ImageFormat;
import io.jvirt.storage.file.ByteStore;
import io.jvirt.storage.file.HostFile;
import io.jvirt.storage.file.LockRequest;
import io.jvirt.storage.qcow2.check.CheckResult;
import io.jvirt.storage.qcow2.check.JournaledStore;
import io.jvirt.storage.qcow2.check.Qcow2Check;
import io.jvirt.storage.qcow2.check.Repair;
import io.jvirt.storage.qcow2.check.UndoJournal;
import io.jvirt.storage.qcow2.format.Features;
import io.jvirt.storage.qcow2.format.Header;
import io.jvirt.storage.qcow2.format.HeaderReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code check}: finds and mends inconsistencies. A repair is saved beside the image first, so that it can be undone. */
final class CheckVerb extends Verb {
    private static final int UNDO = LONG + 10;
    private static final int CORRUPT = 2;
    private static final int LEAKS = 3;
    private static final int NO_CHECK = 63;
    private static final int AUTOCLEAR_OFFSET = 88;
    private static final String JOURNAL_SUFFIX = ".undo";

    private Repair repair = Repair.NONE;
    private boolean quiet;
    private boolean json;
    private boolean undo;

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        String output = null;
        String cache = "writeback";
        boolean imageOpts = false;
        boolean shared = false;
        GetOpt options = new GetOpt(
                args,
                "hf:r:T:qU",
                HELP_OPTION,
                GetOpt.valued("format", 'f'),
                GetOpt.valued("repair", 'r'),
                OUTPUT_OPTION,
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                SHARE_OPTION,
                GetOpt.flag("undo", UNDO),
                NICE_OPTION);
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'f' -> format = options.argument();
                case 'r' -> repair = repair(options.argument());
                case OUTPUT -> output = options.argument();
                case 'T' -> cache = options.argument();
                case 'q' -> quiet = true;
                case 'U' -> shared = true;
                case UNDO -> undo = true;
                default -> imageOpts = true;
            }
        }
        String file = fileOperand(options);
        json = wantsJson(output);
        CacheMode.check(console(), cache, "source cache");
        Images images = new Images(console(), secrets());
        images.allowBeside(file);
        ImageName name = images.name(file, format, imageOpts);
        images.checkSharing(name, shared);
        return check(name, shared);
    }

    private Repair repair(String what) {
        return switch (what) {
            case "leaks" -> Repair.LEAKS;
            case "all" -> Repair.ALL;
            default -> throw console().usage("Unknown option value for -r (expecting 'leaks' or 'all'): " + what);
        };
    }

    private int check(ImageName name, boolean shared) throws IOException {
        boolean writes = repair != Repair.NONE || undo;
        ByteStore opened;
        try {
            if (writes) {
                NodeOptions.checkWritable(name.options(), shared);
            }
            opened = name.nbd()
                    ? NbdImages.store(name, secrets(), !writes)
                    : HostFile.open(Path.of(name.file()), !writes);
        } catch (IOException e) {
            throw console().failed("Could not open '" + name.typed() + "': ", e);
        }
        try (ByteStore store = opened) {
            ImageFormat format;
            try {
                if (store instanceof HostFile file && (writes || !shared)) {
                    file.lock(writes ? LockRequest.WRITE_FORMAT : LockRequest.READ_FORMAT);
                }
                format = name.driver() == null ? DiskImages.probe(store) : Images.format(name.driver());
                if (format == ImageFormat.QCOW2) {
                    HeaderReader.readForRepair(store);
                }
            } catch (IOException e) {
                throw console().failed("Could not open '" + name.typed() + "': ", e);
            }
            if (format != ImageFormat.QCOW2) {
                console().error("This image format does not support checks");
                return NO_CHECK;
            }
            return undo ? undo(store, name) : check(store, name);
        }
    }

    /** Beside the image; of one behind a server in the current directory, by the server's name. */
    private static Path journalFile(ByteStore store, ImageName name) {
        if (store instanceof HostFile file) {
            return file.path().resolveSibling(file.path().getFileName() + JOURNAL_SUFFIX);
        }
        return Path.of(name.file().replaceAll("[^A-Za-z0-9.]+", "-") + JOURNAL_SUFFIX);
    }

    private int undo(ByteStore store, ImageName name) {
        Path journal = journalFile(store, name);
        if (!Files.exists(journal)) {
            throw console().fail("There is no repair of '" + name.shown() + "' to undo: '" + journal + "' is missing");
        }
        try {
            UndoJournal.undo(journal, store);
            Files.delete(journal);
        } catch (IOException e) {
            throw console().failed("Could not undo the repair of '" + name.shown() + "': ", e);
        }
        say(quiet, "The repair was undone.\n");
        return 0;
    }

    private int check(ByteStore store, ImageName name) throws IOException {
        CheckResult result;
        if (repair == Repair.NONE) {
            result = run(store, Repair.NONE);
        } else {
            result = repair(store, name);
        }
        if (result.failure() == null && result.corruptionsFixed() + result.leaksFixed() > 0) {
            if (!json) {
                say(
                        quiet,
                        "The following inconsistencies were found and repaired:\n\n    " + result.leaksFixed()
                                + " leaked clusters\n    " + result.corruptionsFixed()
                                + " corruptions\n\nDouble checking the fixed image now...\n");
            }
            CheckResult again = run(store, Repair.NONE);
            result = new CheckResult(
                    again.checkErrors(),
                    again.corruptions(),
                    again.leaks(),
                    result.corruptionsFixed(),
                    result.leaksFixed(),
                    again.imageEndOffset(),
                    again.totalClusters(),
                    again.allocatedClusters(),
                    again.fragmentedClusters(),
                    again.compressedClusters(),
                    again.failure());
        }
        return answer(result, name);
    }

    private CheckResult repair(ByteStore store, ImageName name) throws IOException {
        Path file = journalFile(store, name);
        Files.deleteIfExists(file);
        CheckResult result;
        boolean unused;
        try (UndoJournal journal = UndoJournal.create(file, store)) {
            JournaledStore journaled = new JournaledStore(store, journal);
            clearUnknownFeatures(journaled);
            result = run(journaled, repair);
            unused = journal.isEmpty();
            journal.finish();
        }
        if (unused) {
            Files.deleteIfExists(file);
        } else if (!console().isDropIn()) {
            console().raw("What was there before is kept in '" + file + "'; 'check --undo' puts it back.\n");
        }
        return result;
    }

    /** A writer clears the autoclear bits that it does not know ("autoclear_features" in the specification). */
    private static void clearUnknownFeatures(ByteStore store) throws IOException {
        Header header = HeaderReader.readForRepair(store);
        long known = header.features().autoclear() & Features.KNOWN_AUTOCLEAR;
        if (known != header.features().autoclear()) {
            store.write(
                    AUTOCLEAR_OFFSET,
                    ByteBuffer.allocate(Long.BYTES).putLong(known).flip());
        }
    }

    private CheckResult run(ByteStore store, Repair what) throws IOException {
        return Qcow2Check.run(store, what, line -> {
            if (line.startsWith("ERROR failed to read the snapshot table")
                    || line.equals("ERROR snapshot table too large")) {
                console().error(line);
            } else {
                console().raw(console().ownHint(line) + "\n");
            }
        });
    }

    private int answer(CheckResult result, ImageName name) {
        if (result.failure() == null) {
            say(quiet, json ? QemuJson.pretty(tree(result, name)) + "\n" : text(result));
        }
        if (result.failure() != null) {
            throw console().fail("Check failed: " + result.failure());
        }
        if (result.checkErrors() > 0) {
            throw console().fail("Check failed");
        }
        if (result.corruptions() > 0) {
            return CORRUPT;
        }
        return result.leaks() > 0 ? LEAKS : 0;
    }

    private static Map<String, Object> tree(CheckResult result, ImageName name) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("filename", name.typed());
        tree.put("format", "qcow2");
        tree.put("check-errors", result.checkErrors());
        putUnlessZero(tree, "image-end-offset", result.imageEndOffset());
        putUnlessZero(tree, "corruptions", result.corruptions());
        putUnlessZero(tree, "leaks", result.leaks());
        putUnlessZero(tree, "corruptions-fixed", result.corruptionsFixed());
        putUnlessZero(tree, "leaks-fixed", result.leaksFixed());
        putUnlessZero(tree, "total-clusters", result.totalClusters());
        putUnlessZero(tree, "allocated-clusters", result.allocatedClusters());
        putUnlessZero(tree, "fragmented-clusters", result.fragmentedClusters());
        putUnlessZero(tree, "compressed-clusters", result.compressedClusters());
        return tree;
    }

    private static void putUnlessZero(Map<String, Object> tree, String name, long value) {
        if (value != 0) {
            tree.put(name, value);
        }
    }

    private static String text(CheckResult result) {
        StringBuilder text = new StringBuilder();
        if (result.corruptions() == 0 && result.leaks() == 0 && result.checkErrors() == 0) {
            text.append("No errors were found on the image.\n");
        }
        if (result.corruptions() != 0) {
            text.append('\n').append(result.corruptions()).append(" errors were found on the image.\n");
            text.append("Data may be corrupted, or further writes to the image may corrupt it.\n");
        }
        if (result.leaks() != 0) {
            text.append('\n').append(result.leaks()).append(" leaked clusters were found on the image.\n");
            text.append("This means waste of disk space, but no harm to data.\n");
        }
        if (result.checkErrors() != 0) {
            text.append('\n').append(result.checkErrors());
            text.append(" internal errors have occurred during the check.\n");
        }
        if (result.totalClusters() != 0 && result.allocatedClusters() != 0) {
            double allocated = result.allocatedClusters();
            text.append(result.allocatedClusters()).append('/').append(result.totalClusters());
            text.append(" = ").append(Numbers.fixed(allocated * 100.0 / result.totalClusters(), 2));
            text.append("% allocated, ").append(Numbers.fixed(result.fragmentedClusters() * 100.0 / allocated, 2));
            text.append("% fragmented, ").append(Numbers.fixed(result.compressedClusters() * 100.0 / allocated, 2));
            text.append("% compressed clusters\n");
        }
        if (result.imageEndOffset() != 0) {
            text.append("Image end offset: ").append(result.imageEndOffset()).append('\n');
        }
        return text.toString();
    }
}
