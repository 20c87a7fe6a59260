// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.migrate;

import io.jvirt.domain.ShellWord;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Host;
import io.jvirt.domain.xml.DomainXml;

/**
 * What the checks look at.
 *
 * @param domain the domain on the source
 * @param uuid its UUID
 * @param sourceXml its definition with passwords
 * @param xml the same, parsed; not changed
 * @param storage the target's directories
 */
record Move(
        Host source,
        Host target,
        Domain domain,
        String uuid,
        String sourceXml,
        DomainXml xml,
        MigrateRequest request,
        HostStorage storage) {
    String name() {
        return domain.name();
    }

    /** Its name as a word of the command lines in hints. */
    String word() {
        return ShellWord.quoted(name());
    }

    /** The same with another definition of the domain, for checks. */
    Move withDefinition(String definition) {
        return new Move(source, target, domain, uuid, definition, DomainXml.parse(definition), request, storage);
    }

    /** Its name on the target. */
    String targetName() {
        return request.rename() == null ? domain.name() : request.rename();
    }
}
