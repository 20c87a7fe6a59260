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
        assertThat(LivePlace.of(RUNS, null)).isEqualTo(LivePlace.HERE);
        assertThat(LivePlace.of(RUNS, STOPPED)).isEqualTo(LivePlace.HERE);
        assertThat(LivePlace.of(STOPPED, STOPPED)).isEqualTo(LivePlace.UNCLEAR);
        assertThat(LivePlace.of(STOPPED, RUNS)).isEqualTo(LivePlace.THERE);
        assertThat(LivePlace.of(null, RUNS)).isEqualTo(LivePlace.THERE);
    }

    @Test
    void whatTheTargetHasDroppedIsHere() {
        assertThat(LivePlace.of(STOPPED, null)).isEqualTo(LivePlace.HERE);
        assertThat(LivePlace.of(null, null)).isEqualTo(LivePlace.HERE);
        assertThat(LivePlace.of(null, STOPPED)).isEqualTo(LivePlace.THERE);
    }
}
