// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

/** Is told how an image comes. */
public interface ImageListener {
    /**
     * How far a long job is.
     *
     * @param job what is being done, with the image's name
     * @param totalBytes -1 where nobody knows
     */
    void progress(String job, long doneBytes, long totalBytes);

    /** Something that the user should know. */
    void note(String line);
}
