// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

/**
 * One change. A step is rebuilt from its plan after a crash, so it keeps nothing that the plan or the journal's facts do
 * not hold.
 */
public interface Step {
    StepPlan plan();

    /** Makes the change. Called again after a crash, behind {@link #undo} where the step is undoable. */
    void perform(StepContext context) throws Exception;

    /**
     * Removes what the step made, however far it came, and nothing else. Called only where the step had begun; must do
     * nothing where nothing was made.
     */
    void undo(StepContext context) throws Exception;

    /** False for a step after which there is only the way forward: {@link #perform} is then safe to repeat. */
    default boolean isUndoable() {
        return true;
    }

    /** True for a step that goes on from what it noted, instead of being undone first, when it is performed again. */
    default boolean isResumable() {
        return false;
    }

    /** False for a step whose finding may not hold any more after a break: it is performed again where it was done. */
    default boolean holdsAfterBreak() {
        return true;
    }
}
