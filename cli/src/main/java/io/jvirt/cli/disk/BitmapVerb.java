// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

import io.jvirt.storage.DiskImage;
import io.jvirt.storage.StorageException;
import io.jvirt.storage.qcow2.Bitmaps;
import io.jvirt.storage.qcow2.Qcow2Image;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code bitmap}: changes persistent dirty bitmaps; the actions are done in the order in which they are given. */
final class BitmapVerb extends Verb {
    private static final int ADD = LONG + 10;
    private static final int REMOVE = LONG + 11;
    private static final int CLEAR = LONG + 12;
    private static final int ENABLE = LONG + 13;
    private static final int DISABLE = LONG + 14;
    private static final int MERGE = LONG + 15;

    /** One thing to do; the source is for merging only. */
    record Action(String name, String source) {}

    @Override
    int run(String[] args) throws IOException {
        String format = null;
        String sourceFile = null;
        String sourceFormat = null;
        boolean imageOpts = false;
        long granularity = 0;
        List<Action> actions = new ArrayList<>();
        GetOpt options = new GetOpt(
                args,
                "b:f:F:g:h",
                HELP_OPTION,
                OBJECT_OPTION,
                IMAGE_OPTS_OPTION,
                GetOpt.flag("add", ADD),
                GetOpt.flag("remove", REMOVE),
                GetOpt.flag("clear", CLEAR),
                GetOpt.flag("enable", ENABLE),
                GetOpt.flag("disable", DISABLE),
                GetOpt.valued("merge", MERGE),
                GetOpt.valued("granularity", 'g'),
                GetOpt.valued("source-file", 'b'),
                GetOpt.valued("source-format", 'F'));
        for (int option = next(options); option != GetOpt.END; option = next(options)) {
            switch (option) {
                case 'b' -> sourceFile = options.argument();
                case 'f' -> format = options.argument();
                case 'F' -> sourceFormat = options.argument();
                case 'g' -> granularity = Sizes.option(console(), "granularity", options.argument());
                case ADD -> actions.add(new Action("add", ""));
                case REMOVE -> actions.add(new Action("remove", ""));
                case CLEAR -> actions.add(new Action("clear", ""));
                case ENABLE -> actions.add(new Action("enable", ""));
                case DISABLE -> actions.add(new Action("disable", ""));
                case MERGE -> actions.add(new Action("merge", options.argument()));
                default -> imageOpts = true;
            }
        }
        refuse(actions.isEmpty(), "Need at least one of --add, --remove, --clear, --enable, --disable, or --merge");
        refuse(granularity != 0 && !has(actions, "add"), "granularity only supported with --add");
        refuse(sourceFormat != null && sourceFile == null, "-F only supported with -b");
        refuse(sourceFile != null && !has(actions, "merge"), "Merge bitmap source file only supported with --merge");
        List<String> operands = options.operands();
        refuse(operands.size() != 2, "Expecting filename and bitmap name");
        Images images = new Images(console(), secrets());
        images.allowBeside(operands.get(0));
        try (DiskImage image = images.open(operands.get(0), format, imageOpts, Images.Access.WRITE_UNBACKED)) {
            if (sourceFile == null) {
                perform(image, image, operands.get(1), granularity, actions);
            } else {
                images.allowBeside(sourceFile);
                try (DiskImage source = images.open(sourceFile, sourceFormat, false, Images.Access.READ_UNBACKED)) {
                    perform(image, source, operands.get(1), granularity, actions);
                }
            }
        }
        return 0;
    }

    private void perform(DiskImage image, DiskImage source, String bitmap, long granularity, List<Action> actions) {
        for (Action action : actions) {
            try {
                perform(image, source, bitmap, granularity, action);
            } catch (IOException e) {
                throw console().failed("Operation " + action.name() + " on bitmap " + bitmap + " failed: ", e);
            }
        }
    }

    private static void perform(DiskImage image, DiskImage source, String bitmap, long granularity, Action action)
            throws IOException {
        if (!(image instanceof Qcow2Image qcow2)) {
            throw new StorageException(
                    action.name().equals("add")
                            ? "Driver '" + image.format().id()
                                    + "' does not support persistent bitmaps in node '#block'"
                            : "Dirty bitmap '" + bitmap + "' not found");
        }
        Bitmaps bitmaps = qcow2.bitmaps();
        switch (action.name()) {
            case "add" -> bitmaps.add(bitmap, granularity, true);
            case "remove" -> bitmaps.remove(bitmap);
            case "clear" -> bitmaps.clear(bitmap);
            case "enable" -> bitmaps.enable(bitmap);
            case "disable" -> bitmaps.disable(bitmap);
            default -> {
                if (!(source instanceof Qcow2Image from)) {
                    throw new StorageException("Dirty bitmap '" + action.source() + "' not found");
                }
                bitmaps.merge(bitmap, from, action.source());
            }
        }
    }

    private static boolean has(List<Action> actions, String name) {
        for (Action action : actions) {
            if (action.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private void refuse(boolean refused, String message) {
        if (refused) {
            throw console().fail(message);
        }
    }
}
