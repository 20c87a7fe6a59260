// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small sound images of every kind, made by QEMU's tools, for {@link Mutation} to damage. */
final class Corpus {
    private static final List<String> OPTIONS = List.of(
            "cluster_size=512",
            "cluster_size=64k",
            "cluster_size=16k,extended_l2=on",
            "cluster_size=64k,compat=0.10",
            "cluster_size=4k,refcount_bits=64,preallocation=metadata",
            "cluster_size=4k,refcount_bits=1",
            "cluster_size=64k,compression_type=zstd,lazy_refcounts=on",
            "cluster_size=4k,backing_file=the.base,backing_fmt=raw");

    private Corpus() {}

    static void make(Path directory) throws IOException, InterruptedException {
        Files.write(directory.resolve("the.base"), "base".repeat(100_000).getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < OPTIONS.size(); i++) {
            String options = OPTIONS.get(i);
            String image = directory.resolve("image" + i + ".qcow2").toString();
            run(directory, "qemu-img", "create", "-q", "-f", "qcow2", "-o", options, image, "8M");
            boolean compressed = !options.contains("preallocation");
            run(
                    directory,
                    "qemu-io",
                    "-c",
                    "write -P 1 0 300k",
                    "-c",
                    (compressed ? "write -c" : "write") + " -P 3 2M 64k",
                    "-c",
                    "write -z 4M 200k",
                    "-c",
                    "write -P 2 7M 100k",
                    image);
            if (!options.contains("refcount_bits=1")) {
                run(directory, "qemu-img", "snapshot", "-c", "one", image);
            }
            if (!options.contains("0.10")) {
                run(directory, "qemu-img", "bitmap", "--add", image, "bitmap");
            }
        }
        // QEMU's own tool times the key derivation, and fails to on a busy machine.
        Path volume = directory.resolve("volume.luks");
        encrypted("luks", "key-secret=key,iter-time=10", volume);
        Path inside = directory.resolve("encrypted.qcow2");
        encrypted("qcow2", "encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10", inside);
        String data = directory.resolve("outside.qcow2").toString();
        run(
                directory,
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-o",
                "data_file=outside.base,data_file_raw=on",
                data,
                "1M");
    }

    private static void encrypted(String format, String options, Path image) throws InterruptedException {
        String secret = "secret,id=key,data=words";
        BoundedVerb.Answer answer = BoundedVerb.run(
                List.of("create", "-q", "--object", secret, "-f", format, "-o", options, image.toString(), "1M"));
        assertThat(answer.code()).as(answer.text()).isZero();
    }

    static void run(Path directory, String... command) throws IOException, InterruptedException {
        Process tool = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        tool.getOutputStream().close();
        String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tool.waitFor()).as("%s: %s", List.of(command), output).isZero();
    }
}
