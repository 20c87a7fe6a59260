// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk;

/** {@code copy}: an image to another host. Has its name already, and says what to do instead. */
final class CopyVerb extends Verb {
    @Override
    int run(String[] args) {
        throw console()
                .fail(
                        "copy: not supported by this version of jvirt",
                        "Use 'convert' and copy the result, or let 'jvirt migrate' move the whole machine.");
    }
}
