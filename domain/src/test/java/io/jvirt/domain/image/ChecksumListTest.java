// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of checksums in the forms that are published; those of each shipped template's publisher are in ShippedImagesTest. */
class ChecksumListTest {
    private static final String A = "a1".repeat(32);
    private static final String B = "b2".repeat(32);
    private static final String LONG = "c3".repeat(64);

    private static Checksum found(String list) {
        return ChecksumList.parse(list.replace("{A}", A).replace("{B}", B).replace("{LONG}", LONG))
                .of("disk.qcow2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{A}  disk.qcow2\n",
                "{A} *disk.qcow2\n",
                "{A}\tdisk.qcow2",
                "{B}  other.qcow2\r\n{A}  disk.qcow2\r\n",
                "{A}  ./disk.qcow2\n",
                "{B}  images/other.qcow2\n{A}  images/x86_64/disk.qcow2\n",
                "{B}  disk.qcow2.sig\n{A}  disk.qcow2\n{B}  old/disk.qcow2\n",
                "SHA256 (disk.qcow2) = {A}\n",
                "SHA256 (./disk.qcow2) = {A}\n",
                "SHA2-256(disk.qcow2)= {A}\n",
                "# disk.qcow2: 1234 bytes\nMD5 (disk.qcow2) = 0123456789abcdef0123456789abcdef\nSHA256 (disk.qcow2) = {A}",
                "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n{A} *disk.qcow2\r\n"
                        + "-----BEGIN PGP SIGNATURE-----\r\n\r\niQIzBAEB\r\n=abcd\r\n-----END PGP SIGNATURE-----\r\n",
                "{A}\n",
                "\n  {A}  \r\n",
            })
    void theSumIsFoundInEachForm(String list) {
        assertThat(found(list)).isEqualTo(new Checksum("sha256", A));
        assertThat(found(list.replace("{A}", A.toUpperCase(Locale.ROOT)))).isEqualTo(new Checksum("sha256", A));
    }

    @Test
    void ofTwoForOneFileTheLongerCounts() {
        assertThat(found("{A}  disk.qcow2\n{LONG}  disk.qcow2\n")).isEqualTo(new Checksum("sha512", LONG));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>not found</html>",
                "0123456789abcdef0123456789abcdef  disk.qcow2\n",
                "{A}  disk.qcow2.sig\n",
                "{A}  mydisk.qcow2\n",
                "{A}  one/disk.qcow2\n{B}  two/disk.qcow2\n",
                // Not alone: it is nobody's.
                "{A}\n{B}  other.qcow2\n",
                "SHA256 (disk.qcow2) = {LONG}\n",
                "SHA512 (disk.qcow2) = {A}\n",
            })
    void whatProvesNothingIsNoSum(String list) {
        assertThat(found(list)).isNull();
    }
}
