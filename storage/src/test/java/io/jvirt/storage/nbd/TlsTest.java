// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.storage.Qemu;
import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NBD in a TLS session with qemu-nbd; the certificates are made by openssl. */
@Tag("one-jdk")
class TlsTest {
    private static final int MIB = 1 << 20;

    /** An authority, a server of it, and a client of it for each way in which private keys are written. */
    private static final String CERTIFICATES = """
            set -e
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=ca
            printf 'keyUsage=digitalSignature,keyEncipherment\\nsubjectAltName=DNS:there' >ext
            mkdir server pkcs8 pkcs1 sec1
            openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out server/server-key.pem
            openssl genpkey -algorithm ED25519 -out pkcs8/client-key.pem
            (echo 'What stands before is a comment'; openssl genrsa -traditional 2048) >pkcs1/client-key.pem
            openssl ecparam -name prime256v1 -genkey -noout -out sec1/client-key.pem
            for who in server/server pkcs8/client pkcs1/client sec1/client; do
              cp ca.pem ${who%/*}/ca-cert.pem
              openssl req -new -key $who-key.pem -subj /CN=x -out req
              openssl x509 -req -in req -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out $who-cert.pem
            done
            cp -r pkcs8 revoked; cp -r sec1 broken; mkdir nobody; cp ca.pem nobody/ca-cert.pem
            : >index.txt
            printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\ndefault_md=sha256\\ndefault_crl_days=30\\n' >ca.cnf
            openssl ca -config ca.cnf -keyfile ca.key -cert ca.pem -gencrl -out none-revoked.pem
            openssl ca -config ca.cnf -keyfile ca.key -cert ca.pem -revoke server/server-cert.pem
            openssl ca -config ca.cnf -keyfile ca.key -cert ca.pem -gencrl -out revoked.pem
            """;

    @TempDir
    private static Path directory;

    private static Process server;
    private static NbdAddress address;

    @BeforeAll
    static void serve() throws Exception {
        Qemu.ok(directory, "sh", "-c", CERTIFICATES);
        Qemu.ok(directory, "qemu-img", "create", "-q", "-f", "raw", "disk", "32M");
        Path socket = directory.resolve("socket");
        server = new ProcessBuilder(
                        "qemu-nbd",
                        "--persistent",
                        "--socket=" + socket,
                        "--object=tls-creds-x509,id=t,endpoint=server,verify-peer=yes,dir="
                                + directory.resolve("server"),
                        "--tls-creds=t",
                        "--format=raw",
                        "disk")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile())
                .start();
        Qemu.awaitListening(server, socket);
        address = NbdAddress.parse("nbd+unix:///?socket=" + socket);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.destroy();
        server.waitFor();
    }

    private NbdImage open(String who) throws IOException {
        return NbdImage.open(
                address.withTls(new TlsPeer(TlsCredentials.ofClient(directory.resolve(who), true), "there")), false);
    }

    @Test
    void whatIsWrittenComesBackWithKeysOfAnyKind() throws Exception {
        byte[] data = new byte[9 * MIB + 77];
        for (String who : List.of("pkcs8", "pkcs1", "sec1")) {
            new Random(who.length()).nextBytes(data);
            try (NbdImage image = open(who)) {
                image.write(MIB + 3, ByteBuffer.wrap(data));
                image.flush();
                ByteBuffer back = ByteBuffer.allocateDirect(data.length);
                image.read(MIB + 3, back);
                assertThat(back.flip()).as(who).isEqualTo(ByteBuffer.wrap(data));
            }
        }
        byte[] file = Files.readAllBytes(directory.resolve("disk"));
        assertThat(ByteBuffer.wrap(file, MIB + 3, data.length)).isEqualTo(ByteBuffer.wrap(data));
    }

    @Test
    void aRevokedServerIsRefused() throws Exception {
        Path revoked = directory.resolve("revoked/ca-crl.pem");
        Files.copy(directory.resolve("none-revoked.pem"), revoked);
        open("revoked").close();
        Files.delete(revoked);
        Files.copy(directory.resolve("revoked.pem"), revoked);
        assertThatThrownBy(() -> open("revoked"))
                .isInstanceOf(StorageException.class)
                .hasMessageEndingWith("is not trusted: The certificate has been revoked");
    }

    @Test
    void aServerThatWantsToKnowItsClientRefusesOneWithoutCertificate() {
        assertThatThrownBy(() -> open("nobody"))
                .isInstanceOfSatisfying(
                        NbdException.class,
                        e -> assertThat(e.peerMessage())
                                .startsWith("Failed to read option reply: Cannot read from TLS channel"))
                .hasMessage("The NBD server at '" + address + "' ended the TLS session that had begun");
    }

    @Test
    void certificatesThatCannotBeReadAreNamed() throws Exception {
        for (String file : List.of("client-key.pem", "client-cert.pem", "ca-cert.pem")) {
            Files.writeString(directory.resolve("broken").resolve(file), "nonsense");
            assertThatThrownBy(() -> open("broken"))
                    .as(file)
                    .isInstanceOf(StorageException.class)
                    .hasMessageStartingWith("Unable to load ")
                    .hasMessageContaining(file);
        }
        Files.delete(directory.resolve("broken/ca-cert.pem"));
        assertThatThrownBy(() -> open("broken"))
                .isInstanceOf(StorageException.class)
                .hasMessage("Unable to access credentials " + directory.resolve("broken/ca-cert.pem")
                        + ": No such file or directory");
    }
}
