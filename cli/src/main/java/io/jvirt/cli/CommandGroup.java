// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

/** The headings of the top-level help, in order. */
public enum CommandGroup {
    VM("Virtual machines"),
    MOVING("Moving and recovering"),
    DISK("Disks"),
    HOST("Hosts, pools, networks"),
    GENERAL("General");

    private final String title;

    CommandGroup(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
