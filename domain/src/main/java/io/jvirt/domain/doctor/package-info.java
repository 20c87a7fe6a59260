// SPDX-License-Identifier: Apache-2.0
/**
 * What is wrong with the machines of a host. {@link io.jvirt.domain.doctor.DoctorFacts} are gathered once; each
 * {@link io.jvirt.domain.doctor.DoctorCheck} is a function of them, and each finding names the command that mends it.
 */
@NullMarked
package io.jvirt.domain.doctor;

import org.jspecify.annotations.NullMarked;
