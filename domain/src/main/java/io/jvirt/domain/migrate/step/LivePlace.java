// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainStatus;
import org.jspecify.annotations.Nullable;

/**
 * Where the guest of a live migration is. In the end libvirt stops it here, starts it there, and then ends it here: cut off
 * between two of these, it leaves a machine on both hosts, of which at most one may go on.
 */
enum LivePlace {
    /** On the source, or nowhere. */
    HERE,
    /** On the target: what the source still has of it is behind. */
    THERE,
    /** Stopped on both, or gone on on both by somebody's hand. */
    UNCLEAR;

    /**
     * Decides.
     *
     * @param here null where it is off or unknown; the same for {@code there}
     * @param isDefinedThere the target has its definition, which libvirt writes when everything has arrived: the guest has gone
     *     on there, and where it is off it has been stopped since
     */
    static LivePlace of(@Nullable DomainStatus here, @Nullable DomainStatus there, boolean isDefinedThere) {
        boolean runsHere = here != null && runs(here);
        if (there == null) {
            return !isDefinedThere ? HERE : runsHere ? UNCLEAR : THERE;
        }
        if (here == null) {
            return THERE;
        }
        if (runsHere) {
            return runs(there) ? UNCLEAR : HERE;
        }
        return runs(there) ? THERE : UNCLEAR;
    }

    private static boolean runs(DomainStatus status) {
        return status.state() == DomainState.RUNNING || status.state() == DomainState.BLOCKED;
    }
}
