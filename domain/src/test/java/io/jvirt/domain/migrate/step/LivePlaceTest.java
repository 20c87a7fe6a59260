// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.domain.libvirt.DomainState;
import io.jvirt.domain.libvirt.DomainStatus;
import org.junit.jupiter.api.Test;

class LivePlaceTest {
    private static final DomainStatus RUNS = new DomainStatus(DomainState.RUNNING, 1);
    private static final DomainStatus STOPPED = new DomainStatus(DomainState.PAUSED, 2);

    @Test
    void eachStageOfAMoveHasItsPlace() {
        // Nothing there yet; memory arrives; stopped here; started there; ended here.
        assertThat(LivePlace.of(RUNS, null, false)).isEqualTo(LivePlace.HERE);
        assertThat(LivePlace.of(RUNS, STOPPED, false)).isEqualTo(LivePlace.HERE);
        assertThat(LivePlace.of(STOPPED, STOPPED, false)).isEqualTo(LivePlace.UNCLEAR);
        assertThat(LivePlace.of(STOPPED, STOPPED, true)).isEqualTo(LivePlace.UNCLEAR);
        assertThat(LivePlace.of(STOPPED, RUNS, true)).isEqualTo(LivePlace.THERE);
        assertThat(LivePlace.of(null, RUNS, true)).isEqualTo(LivePlace.THERE);
    }

    /** Its disks there are newer than those here: nothing may be undone. */
    @Test
    void whatHasBeenStoppedThereSinceIsThere() {
        assertThat(LivePlace.of(null, null, true)).isEqualTo(LivePlace.THERE);
        assertThat(LivePlace.of(STOPPED, null, true)).isEqualTo(LivePlace.THERE);
    }

    @Test
    void whatWentOnOnBothNobodyCanTell() {
        assertThat(LivePlace.of(RUNS, RUNS, true)).isEqualTo(LivePlace.UNCLEAR);
        assertThat(LivePlace.of(RUNS, null, true)).isEqualTo(LivePlace.UNCLEAR);
    }

    @Test
    void whatTheTargetHasDroppedIsHere() {
        assertThat(LivePlace.of(STOPPED, null, false)).isEqualTo(LivePlace.HERE);
        assertThat(LivePlace.of(null, null, false)).isEqualTo(LivePlace.HERE);
        assertThat(LivePlace.of(null, STOPPED, false)).isEqualTo(LivePlace.THERE);
    }
}
