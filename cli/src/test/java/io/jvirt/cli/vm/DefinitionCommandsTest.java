// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvirt.cli.JvirtRun;
import io.jvirt.domain.libvirt.Domain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dumpxml, define, edit, restore and logs on libvirt's test driver. */
class DefinitionCommandsTest {
    @TempDir
    Path directory;

    private TestDriver libvirt;

    @BeforeEach
    void open() {
        libvirt = new TestDriver();
        libvirt.define("web");
    }

    @AfterEach
    void close() {
        libvirt.close();
    }

    private String definition() {
        try (Domain domain = libvirt.host().findDomain("web")) {
            return domain.inactiveXml();
        }
    }

    private Path file(String xml) throws IOException {
        return Files.writeString(directory.resolve("web.xml"), xml);
    }

    private JvirtRun edit(String sed, String... options) {
        String[] args = new String[options.length + 4];
        args[0] = "edit";
        args[1] = "web";
        args[2] = "-c";
        args[3] = TestDriver.URI;
        System.arraycopy(options, 0, args, 4, options.length);
        return JvirtRun.with(Map.of("EDITOR", "sed -i -e '" + sed + "'"), args);
    }

    @Test
    void savedMemoryGoesOnAsBefore() throws IOException {
        libvirt.run("start", "web");
        libvirt.run("save", "web");
        Path changed = file(definition().replace("65536", "98304"));
        assertThat(libvirt.run("define", changed.toString(), "--no-validate").out())
                .startsWith("Domain 'web' is changed; its next start goes on from its saved memory as before\n");
    }

    @Test
    void dumpsTheDefinition() {
        assertThat(libvirt.run("dumpxml", "web", "--inactive", "--security-info", "--migratable")
                        .out())
                .isEqualTo(definition());
        assertThat(libvirt.run("dumpxml", "web", "-o", "json").out())
                .contains("\"name\" : \"web\"", "\"xml\" : \"<domain");
        assertThat(libvirt.run("dumpxml", "nosuch").exit()).isEqualTo(3);
    }

    @Test
    void anEditedNameIsNoRename() {
        JvirtRun other = edit("s,<name>web<,<name>other<,;/<uuid>/d", "--yes");
        assertThat(other.err())
                .startsWith("jvirt: the text is of a domain 'other', not of 'web'\n")
                .contains("hint: jvirt rename gives a domain another name, jvirt clone makes a second one;"
                        + " your text is kept in ");
        assertThat(other.exit()).isEqualTo(4);
    }

    @Test
    void libvirtsSchemaIsAskedAndCanBeLeftOut() throws IOException {
        Path file = file(definition().replace("<on_poweroff", "<memry>1</memry><on_poweroff"));
        JvirtRun refused = libvirt.run("define", file.toString());
        assertThat(refused.err())
                .startsWith("jvirt: libvirt does not take the definition of 'web': ")
                .contains("memry")
                .endsWith("\nhint: mend the text, or leave it to libvirt's parser alone: --no-validate\n");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(libvirt.run("define", file.toString(), "--no-validate").out())
                .isEqualTo("Domain 'web' stays as it is\n");
    }

    @Test
    void definesAndShowsWhatChanged() throws IOException {
        String changed = definition().replace("65536", "131072");
        Path file = file(changed);
        JvirtRun dry = libvirt.run("define", file.toString(), "--dry-run");
        assertThat(dry.out())
                .startsWith("Domain 'web' would be changed; nothing is changed\n@@ ")
                .contains("-  <memory unit='KiB'>65536</memory>\n", "+  <memory unit='KiB'>131072</memory>\n");
        assertThat(definition()).contains("65536");
        assertThat(libvirt.run("define", file.toString(), "--no-validate").out())
                .startsWith("Domain 'web' is changed\n@@ ");
        assertThat(definition()).isEqualTo(changed);
        assertThat(libvirt.run("define", file.toString()).out()).isEqualTo("Domain 'web' stays as it is\n");
        file(definition().replace("<name>web<", "<name>new<").replaceAll("<uuid>.*</uuid>", ""));
        assertThat(libvirt.run("define", file.toString()).out()).isEqualTo("Domain 'new' is defined\n");
        JvirtRun again = libvirt.run("define", file.toString(), "--dry-run");
        assertThat(again.exit()).isEqualTo(4);
        assertThat(again.err())
                .startsWith("jvirt: there is a domain 'new', and the definition does not say by its UUID")
                .contains("hint: add <uuid>");
    }

    @Test
    void refusesWhatIsNoDefinition() throws IOException {
        assertThat(libvirt.run("define", directory.resolve("missing").toString())
                        .exit())
                .isEqualTo(3);
        assertThat(libvirt.run("define", file("<network/>").toString()).err())
                .startsWith("jvirt: <network> is not a domain's definition\n");
        assertThat(libvirt.run("define", file("<domain/>").toString()).err())
                .startsWith("jvirt: the definition has no name\n");
        assertThat(libvirt.run("define", file("<domain").toString()).exit()).isEqualTo(1);
        String other = definition().replace("<name>web<", "<name>test<");
        JvirtRun run = libvirt.run("define", file(other).toString());
        assertThat(run.exit()).isEqualTo(4);
        assertThat(run.err())
                .isEqualTo("jvirt: the definition's UUID is that of domain 'web', its name is 'test'\n"
                        + "hint: jvirt rename web test renames; leave <uuid> out for another machine\n");
        String foreign = definition().replace("<name>web<", "<name>test<").replaceAll("<uuid>....", "<uuid>0000");
        assertThat(libvirt.run("define", file(foreign).toString()).err())
                .startsWith("jvirt: there is a domain 'test' with another UUID: ");
    }

    @Test
    void edits() {
        JvirtRun run = edit("s/65536/98304/");
        assertThat(run.out()).startsWith("Domain 'web' is changed\n@@ ");
        assertThat(definition()).contains("98304");
        assertThat(edit("s/nothing/at all/").out())
                .isEqualTo("Domain 'web' stays as it is: the text was not changed\n");
        assertThat(edit("s/98304/65536/", "--dry-run").out()).startsWith("Domain 'web' would be changed; ");
        assertThat(definition()).contains("98304");
        assertThat(edit("s/98304/65536/", "--diff", "--yes", "--no-validate").out())
                .startsWith("@@ ")
                .contains("+  <memory unit='KiB'>65536</memory>\n");
        assertThat(definition()).contains("65536");
    }

    @Test
    void keepsATextThatIsNotInUtf8() throws IOException {
        String before = definition();
        JvirtRun run = edit("s/65536/\\xff/");
        assertThat(run.err()).contains(" is no text in UTF-8\n", "; your text is kept in ");
        Files.delete(kept(run));
        assertThat(definition()).isEqualTo(before);
    }

    /** What another one changed while the editor was open is neither lost nor brought back. */
    @Test
    void aDefinitionThatChangesUnderTheEditor() throws Exception {
        String before = definition();
        String other = before.replace("65536", "131072");
        JvirtRun changed =
                editWhile(() -> libvirt.host().defineDomain(other, false).close());
        assertThat(changed.exit()).isEqualTo(1);
        assertThat(changed.err())
                .startsWith(
                        "jvirt: the definition of domain 'web' was changed while you edited it\nhint: jvirt define ")
                .contains(" --dry-run shows how your text differs; your text is kept in ");
        Files.delete(kept(changed));
        assertThat(definition()).isEqualTo(other);
        JvirtRun gone = editWhile(() -> {
            try (Domain domain = libvirt.host().findDomain("web")) {
                domain.undefine(Set.of());
            }
        });
        assertThat(gone.err()).startsWith("jvirt: domain 'web' has lost its definition while you edited it\n");
        Files.delete(kept(gone));
        assertThat(libvirt.run("info", "web").exit()).isEqualTo(3);
    }

    private JvirtRun editWhile(Runnable meanwhile) throws Exception {
        Path open = directory.resolve("open");
        Path go = directory.resolve("go");
        String editor = "f() { sed -i '/<uuid>/a<title>x</title>' \"$1\"; touch '" + open + "'; until [ -e '" + go
                + "' ]; do sleep 0.05; done; }; f";
        CompletableFuture<JvirtRun> run = CompletableFuture.supplyAsync(
                () -> JvirtRun.with(Map.of("EDITOR", editor), "edit", "web", "-c", TestDriver.URI));
        while (!Files.exists(open) && !run.isDone()) {
            Thread.sleep(20);
        }
        meanwhile.run();
        Files.createFile(go);
        JvirtRun done = run.get();
        Files.delete(open);
        Files.delete(go);
        return done;
    }

    @Test
    void keepsATextThatIsRefused() throws IOException {
        for (String sed :
                new String[] {"s/<memory.*>/<memory>much/", "s/65536/many/", "s/>web</>test</", "s/<.domain>//"}) {
            String before = definition();
            JvirtRun run = edit(sed);
            assertThat(run.exit()).as("%s", run).isNotZero();
            assertThat(run.err()).contains("; your text is kept in ", ".xml: mend it, then jvirt define ");
            Files.delete(kept(run));
            assertThat(definition()).isEqualTo(before);
        }
        JvirtRun unconfirmed = edit("s/65536/98304/", "--diff");
        assertThat(unconfirmed.err()).contains("not confirmed", "your text is kept in ");
        Files.delete(kept(unconfirmed));
        JvirtRun broken = JvirtRun.with(Map.of("VISUAL", "false"), "edit", "web", "-c", TestDriver.URI);
        assertThat(broken.err())
                .isEqualTo("jvirt: the editor 'false' ended with status 1, nothing was changed\n"
                        + "hint: set VISUAL or EDITOR to one that works here\n");
    }

    private static Path kept(JvirtRun run) {
        return Path.of(run.err().replaceAll("(?s).*kept in (.*\\.xml): .*", "$1"));
    }

    @Test
    void savesToAFileAndRestores() {
        Path file = directory.resolve("test.save");
        assertThat(libvirt.run("save", "test", "--file", file.toString()).out())
                .isEqualTo("Domain 'test' is saved; jvirt restore " + file + " continues\n");
        assertThat(libvirt.isActive("test")).isFalse();
        // The test driver cannot leave it paused.
        assertThat(libvirt.run("restore", file.toString(), "--paused").err())
                .startsWith("jvirt: cannot restore " + file);
        assertThat(libvirt.run("restore", file.toString(), "--paused", "--wait", "agent"))
                .isEqualTo(
                        new JvirtRun(2, "", "jvirt: --wait goes with a guest that runs\nhint: leave --paused out\n"));
        assertThat(libvirt.run("restore", file.toString(), "--wait", "ping:127.0.0.1", "--timeout", "20")
                        .out())
                .startsWith("Domain 'test' runs on from " + file);
        assertThat(libvirt.isActive("test")).isTrue();
        assertThat(libvirt.run("restore", file.toString()).err())
                .isEqualTo("jvirt: domain 'test' is running: two of it would destroy its disks\n"
                        + "hint: jvirt stop test first\n");
        assertThat(libvirt.run("restore", directory.resolve("no").toString()).exit())
                .isEqualTo(3);
        assertThat(libvirt.run("save", "test", "web", "--file", "x").exit()).isEqualTo(2);
    }

    @Test
    void logsWhereThereAreAny() {
        assertThat(libvirt.run("logs", "web").err())
                .isEqualTo("jvirt: the driver of test:///default writes no log of its domains\n"
                        + "hint: QEMU's and KVM's domains have one\n");
        assertThat(libvirt.run("logs", "web", "--console").err())
                .startsWith("jvirt: the console of domain 'web' is not recorded\n");
        assertThat(libvirt.run("logs", "web", "--lines", "-1").exit()).isEqualTo(2);
        assertThat(libvirt.run("logs", "web", "--follow").exit()).isEqualTo(1);
    }

    @Test
    void theConsolesRecord() throws IOException {
        Path log = Files.writeString(directory.resolve("console.log"), "one\ntwo\nthree\n");
        String xml =
                definition().replace("<devices>", "<devices><serial type='pty'><log file='" + log + "'/></serial>");
        libvirt.host().defineDomain(xml, false).close();
        assertThat(libvirt.run("logs", "web", "--console").out()).isEqualTo("one\ntwo\nthree\n");
        assertThat(libvirt.run("logs", "web", "--console", "-n", "2").out()).isEqualTo("two\nthree\n");
        assertThat(libvirt.run("logs", "web", "--console", "-n", "0").out()).isEmpty();
        assertThat(libvirt.run("logs", "web", "--console", "-n", "9").out()).isEqualTo("one\ntwo\nthree\n");
    }
}
