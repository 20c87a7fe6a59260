// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerWordsTest {
    private static final Pattern COMMAND = Pattern.compile("jvirt (?:-v )?([a-z]+)(?: ([a-z]+))?");
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "destroy web | unknown command 'destroy' | jvirt stop NAME --timeout 0 --force",
                "undefine web --nvram | unknown command 'undefine' | jvirt delete NAME",
                "-c test:///default setmem web 1G | unknown command 'setmem' | jvirt set NAME --memory SIZE",
                "net-list --all | unknown command 'net-list' | jvirt net list",
                "vol-upload x | unknown command 'vol-upload' | jvirt volume upload",
                "vol-create-as p v 1G | unknown command 'vol-create-as' | jvirt volume create POOL VOLUME SIZE",
                "convert a b | unknown command 'convert' | jvirt disk convert",
                "autostart web | unknown command 'autostart web' | jvirt autostart on NAME, or autostart off NAME",
                "autostart lits | unknown command 'autostart lits' | did you mean 'jvirt autostart list'?",
                "snapshot create-as web s | unknown command 'snapshot create-as' | jvirt snapshot create DOMAIN NAME",
                "net frobnicate | unknown command 'net frobnicate' | 'jvirt net --help' lists the commands",
                "list --name | unknown option '--name' | jvirt list -o name",
                "create --boot=uefi | unknown option '--boot=uefi' | jvirt create NAME --firmware uefi for UEFI; the"
                        + " order: jvirt set NAME --boot hd,cdrom",
                "clone web -n web2 | unknown option '-n' | jvirt clone SOURCE NAME",
                "snapshot create web --atomic | unknown option '--atomic' | leave it out: all disks or none",
            })
    void anotherToolsWordLeadsToTheCommandHere(String line, String error, String hint) {
        JvirtRun run = JvirtRun.of(line.split(" "));
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo("jvirt: " + error + "\nhint: " + hint + "\n");
    }

    /** A hint must not send anybody to what is not there, nor explain a word that jvirt knows. */
    @Test
    void theTableNamesWhatIsThereAndExplainsWhatIsNot() {
        Properties table = PeerWords.table();
        assertThat(table).hasSizeGreaterThan(100);
        for (Map.Entry<Object, Object> line : table.entrySet()) {
            String key = (String) line.getKey();
            String hint = (String) line.getValue();
            Set<String> options = new TreeSet<>();
            int dot = key.lastIndexOf(".-");
            if (dot < 0) {
                assertThat(CommandRegistry.find(key)).as(key).isNull();
            } else {
                Set<String> own = optionsOf(key.substring(0, dot).replace('.', ' '));
                assertThat(own).as(key).doesNotContain(key.substring(dot + 1));
                options.addAll(own);
            }
            Matcher named = COMMAND.matcher(hint);
            while (named.find()) {
                if (!Objects.equals(named.group(1), "disk")) {
                    String two = named.group(1) + " " + named.group(2);
                    options.addAll(optionsOf(CommandRegistry.find(two) == null ? named.group(1) : two));
                }
            }
            OPTION.matcher(hint)
                    .results()
                    .forEach(option -> assertThat(options).as(key + "=" + hint).contains(option.group()));
        }
    }

    private static Set<String> optionsOf(String command) {
        CommandRegistry.Entry entry = CommandRegistry.find(command);
        CliCommand made = CommandRegistry.create(command);
        assertThat(entry).as(command).isNotNull();
        assertThat(made).as(command).isNotNull();
        var spec = new CommandModel(Objects.requireNonNull(entry), Objects.requireNonNull(made))
                .line()
                .getCommandSpec();
        Set<String> names = new TreeSet<>(spec.optionsMap().keySet());
        names.addAll(spec.negatedOptionsMap().keySet());
        return names;
    }
}
