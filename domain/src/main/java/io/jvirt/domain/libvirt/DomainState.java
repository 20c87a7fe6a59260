// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

/** What a domain is doing ({@code virDomainState}); {@link #text} is libvirt's word for it. */
public enum DomainState {
    NO_STATE("no state"),
    RUNNING("running"),
    BLOCKED("idle"),
    PAUSED("paused"),
    SHUTDOWN("in shutdown"),
    SHUTOFF("shut off"),
    CRASHED("crashed"),
    PM_SUSPENDED("pmsuspended");

    private static final DomainState[] BY_NUMBER = values();

    private final String text;

    DomainState(String text) {
        this.text = text;
    }

    static DomainState of(int number) {
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : NO_STATE;
    }

    public String text() {
        return text;
    }

    /** A hypervisor process exists for it. */
    public boolean isActive() {
        return this != SHUTOFF && this != CRASHED && this != NO_STATE;
    }
}
