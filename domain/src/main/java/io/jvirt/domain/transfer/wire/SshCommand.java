// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.transfer.wire;

import io.jvirt.domain.ShellWord;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the system's ssh reaches the host that a libvirt URI leads to, with the user's configuration, agent and known hosts.
 *
 * @param destination host, with a user where the URI names one
 */
record SshCommand(String program, List<String> options, String destination) {
    private static final String FAST_CIPHER = "aes128-gcm@openssh.com";

    /** Set in a host where jvirt is not in the path of ssh's shell. */
    private static final String REMOTE_PROGRAM = "JVIRT_REMOTE";

    /** Null where the URI does not go over ssh. */
    static @Nullable SshCommand of(String libvirtUri) {
        URI uri;
        try {
            uri = URI.create(libvirtUri);
        } catch (IllegalArgumentException e) {
            return null;
        }
        String scheme = uri.getScheme();
        String host = uri.getHost();
        if (scheme == null || host == null || !scheme.endsWith("+ssh")) {
            return null;
        }
        List<String> options = new ArrayList<>(List.of(
                "-T",
                "-e",
                "none",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=15",
                "-o",
                "ServerAliveInterval=5",
                "-o",
                "ServerAliveCountMax=3"));
        String program = "ssh";
        for (String parameter : (uri.getQuery() == null ? "" : uri.getQuery()).split("&", -1)) {
            String value = parameter.substring(parameter.indexOf('=') + 1);
            if (parameter.startsWith("keyfile=")) {
                options.addAll(List.of("-i", value));
            } else if (parameter.startsWith("command=")) {
                program = value;
            } else if (parameter.equals("no_verify=1")) {
                options.addAll(List.of("-o", "StrictHostKeyChecking=no"));
            }
        }
        if (uri.getPort() > 0) {
            options.addAll(List.of("-p", Integer.toString(uri.getPort())));
        }
        String user = uri.getUserInfo();
        // ssh takes an address of IPv6 without brackets.
        String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new SshCommand(program, List.copyOf(options), user == null ? plain : user + "@" + plain);
    }

    /** Starts jvirt there: the one in the path, else the one in the same place as here. */
    Process start(Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(options);
        command.addAll(preferredCipher());
        command.add("--");
        command.add(destination);
        command.add(remoteCommand(environment));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.PIPE)
                .start();
    }

    static String remoteCommand(Map<String, String> environment) {
        String named = environment.get(REMOTE_PROGRAM);
        if (named != null && !named.isBlank()) {
            return "exec " + ShellWord.quoted(named) + " wire";
        }
        String here = environment.get("JVIRT_LAUNCHER");
        String same = here == null
                ? "jvirt"
                : ShellWord.quoted(Path.of(here).toAbsolutePath().normalize());
        return "exec sh -c 'if command -v jvirt >/dev/null; then exec jvirt wire; else exec \"$0\" wire; fi' " + same;
    }

    /** Of the ciphers that the user's configuration allows, the one that processors compute themselves comes first. */
    private List<String> preferredCipher() {
        List<String> command = new ArrayList<>(List.of(program, "-G"));
        command.addAll(options);
        command.addAll(List.of("--", destination));
        try {
            Process asked = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String text = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.lines().toList()) {
                if (line.startsWith("ciphers ") && line.contains(FAST_CIPHER)) {
                    List<String> rest =
                            new ArrayList<>(List.of(line.substring(8).strip().split(",", -1)));
                    rest.remove(FAST_CIPHER);
                    rest.add(0, FAST_CIPHER);
                    return List.of("-o", "Ciphers=" + String.join(",", rest));
                }
            }
        } catch (IOException e) {
            return List.of();
        }
        return List.of();
    }
}
