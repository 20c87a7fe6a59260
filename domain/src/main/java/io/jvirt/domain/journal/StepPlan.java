// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.journal;

import java.util.Map;

/**
 * A planned step as the journal keeps it.
 *
 * @param kind names the class that performs it
 * @param summary what it does, for people
 * @param parameters all that performing and undoing it need
 */
public record StepPlan(String kind, String summary, Map<String, String> parameters) {}
