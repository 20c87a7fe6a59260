// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.cli.CommandRegistry.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Completion scripts from the registry and the commands' models: words only, no JVM is started while the user types,
 * except once for the names of domains.
 */
public final class CompletionScript {
    private static final String DISK_VERBS =
            "amend bench bitmap check commit compact compare convert copy create dd digest info map measure rebase resize snapshot";

    public static String bash() {
        StringBuilder text = new StringBuilder();
        text.append("# bash completion for jvirt; source it, or put it into /etc/bash_completion.d\n");
        text.append("_jvirt() {\n");
        text.append("  local cur=${COMP_WORDS[COMP_CWORD]} command= word= words= i\n");
        text.append("  for ((i = 1; i < COMP_CWORD; i++)); do\n");
        text.append("    word=${COMP_WORDS[i]}\n");
        text.append("    case $word in\n");
        text.append("      -c|--connect|-o|--output|--progress) ((i++)) ;;\n");
        text.append("      -*) ;;\n");
        text.append("      *) if [[ -z $command ]]; then command=$word; elif [[ $command != *\\ * ]]; then");
        text.append(" command=\"$command $word\"; fi ;;\n");
        text.append("    esac\n");
        text.append("  done\n");
        text.append("  case ${COMP_WORDS[COMP_CWORD-1]} in\n");
        text.append("    -o|--output) COMPREPLY=($(compgen -W 'table json yaml name' -- \"$cur\")); return ;;\n");
        text.append("  esac\n");
        text.append("  case $command in\n");
        text.append("    '') words='").append(words(firstWords())).append(" -c -o -q -v --help --version' ;;\n");
        text.append("    disk) words='").append(DISK_VERBS).append("' ;;\n");
        text.append("    disk\\ *) compopt -o default; COMPREPLY=(); return ;;\n");
        seconds()
                .forEach((first, second) -> text.append("    ")
                        .append(first)
                        .append(") words='")
                        .append(words(second))
                        .append("' ;;\n"));
        for (Entry entry : commands()) {
            String pattern = entry.name().replace(" ", "\\ ");
            text.append("    ").append(pattern).append('|').append(pattern).append("\\ *) words='");
            text.append(words(options(entry))).append("' ;;\n");
        }
        text.append("  esac\n");
        text.append("  if [[ $cur != -* && -n $command && $command != disk ]] && [[ $words == *--help* ]]; then\n");
        text.append("    words=$(\"${COMP_WORDS[0]}\" list --all -o name 2>/dev/null)\n");
        text.append("  fi\n");
        text.append("  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n");
        text.append("}\n");
        return text.append("complete -F _jvirt jvirt\n").toString();
    }

    /** zsh runs bash's function. */
    public static String zsh() {
        return "#compdef jvirt\nautoload -U +X bashcompinit && bashcompinit\n" + bash();
    }

    public static String fish() {
        StringBuilder text = new StringBuilder("# fish completion for jvirt\ncomplete -c jvirt -f\n");
        for (Entry entry : visible()) {
            if (!entry.name().contains(" ")) {
                text.append("complete -c jvirt -n __fish_use_subcommand -a ")
                        .append(entry.name())
                        .append(" -d '")
                        .append(entry.summary().replace("'", "\\'"))
                        .append("'\n");
            }
        }
        text.append("complete -c jvirt -n '__fish_seen_subcommand_from disk' -F -a '")
                .append(DISK_VERBS)
                .append("'\n");
        seconds().forEach((first, second) -> {
            text.append("complete -c jvirt -n __fish_use_subcommand -a ")
                    .append(first)
                    .append("\n");
            text.append("complete -c jvirt -n '__fish_seen_subcommand_from ")
                    .append(first)
                    .append("' -a '")
                    .append(words(second))
                    .append("'\n");
        });
        for (Entry entry : commands()) {
            String first = entry.name().split(" ", 2)[0];
            for (String option : options(entry)) {
                if (option.startsWith("--")) {
                    text.append("complete -c jvirt -n '__fish_seen_subcommand_from ")
                            .append(first)
                            .append("' -l ")
                            .append(option, 2, option.length())
                            .append("\n");
                }
            }
        }
        return text.toString();
    }

    private static List<Entry> visible() {
        return CommandRegistry.entries().stream()
                .filter(entry -> !entry.isHidden())
                .toList();
    }

    /** Those with a picocli model: all but {@code disk}. */
    private static List<Entry> commands() {
        return visible().stream().filter(entry -> !entry.name().equals("disk")).toList();
    }

    private static TreeSet<String> firstWords() {
        TreeSet<String> words = new TreeSet<>();
        for (Entry entry : visible()) {
            words.add(entry.name().split(" ", 2)[0]);
        }
        return words;
    }

    /** First words that only lead to second ones, and those. */
    private static TreeMap<String, TreeSet<String>> seconds() {
        TreeMap<String, TreeSet<String>> seconds = new TreeMap<>();
        for (Entry entry : visible()) {
            String[] parts = entry.name().split(" ", 2);
            if (parts.length == 2 && CommandRegistry.find(parts[0]) == null) {
                seconds.computeIfAbsent(parts[0], first -> new TreeSet<>()).add(parts[1]);
            }
        }
        return seconds;
    }

    private static List<String> options(Entry entry) {
        CliCommand command = CommandRegistry.create(entry.name());
        if (command == null) {
            throw new IllegalStateException("command '" + entry.name() + "' has no class");
        }
        List<String> names = new ArrayList<>();
        for (OptionSpec option :
                new CommandModel(entry, command).line().getCommandSpec().options()) {
            names.add(option.longestName());
        }
        return names;
    }

    private static String words(Iterable<String> words) {
        return String.join(" ", words);
    }

    private CompletionScript() {}
}
