// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

import com.sun.jna.Structure;
import java.io.File;
import java.util.StringTokenizer;

/**
 * Does beforehand, beside the main thread, what that one needs some milliseconds later to open a connection: maps libvirt's
 * library and all that it needs, and reads the annotation by which JNA lays out its structures, for those who map functions
 * directly. Nothing depends on it.
 */
public final class Preload implements Runnable {
    private final boolean maps;

    private Preload(boolean maps) {
        this.maps = maps;
    }

    /**
     * To be called as early as it is known that a connection will be opened.
     *
     * @param maps more than the functions of {@link NativeLibvirt} will be called
     */
    public static void begin(boolean maps) {
        Thread thread = new Thread(new Preload(maps), "libvirt-preload");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try {
            // The directories that the launcher found; in a JVM that it did not start there are none.
            StringTokenizer directories =
                    new StringTokenizer(System.getProperty("jna.platform.library.path", ""), File.pathSeparator);
            while (directories.hasMoreTokens()) {
                File file = new File(directories.nextToken(), NativeLoader.SONAME);
                if (file.exists()) {
                    System.load(file.getPath());
                    break;
                }
            }
            if (maps) {
                Class<?> structure = Class.forName(
                        "com.sun.jna.Structure$FFIType", false, Structure.FieldOrder.class.getClassLoader());
                boolean unused = structure.isAnnotationPresent(Structure.FieldOrder.class);
            }
        } catch (ClassNotFoundException | LinkageError e) {
            // Who needs it will say so.
            return;
        }
    }
}
