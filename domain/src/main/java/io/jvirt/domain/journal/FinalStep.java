// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

/** A step after which there is only the way forward: what it removes or gives away does not come back. */
public interface FinalStep extends Step {
    @Override
    default boolean isUndoable() {
        return false;
    }

    @Override
    default void undo(StepContext context) {
        throw new IllegalStateException("not undoable: " + plan().summary());
    }
}
