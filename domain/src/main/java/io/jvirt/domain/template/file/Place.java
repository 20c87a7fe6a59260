// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import io.jvirt.domain.JvirtException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where something stands in a template.
 *
 * @param line from 1
 */
public record Place(Path file, int line) {
    /** An error that names the place as compilers do, so that editors find it. */
    JvirtException error(String what, @Nullable String hint) {
        return JvirtException.failed(this + ": " + what, hint);
    }

    /** What a value's own check says against it, with the place. */
    void checked(Runnable check) {
        try {
            check.run();
        } catch (JvirtException e) {
            throw new JvirtException(JvirtException.Kind.FAILED, this + ": " + e.getMessage(), e.hint(), e);
        }
    }

    @Override
    public String toString() {
        return file + ":" + line;
    }
}
