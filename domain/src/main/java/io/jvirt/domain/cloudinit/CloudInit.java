// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.cloudinit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jvirt.domain.DomainName;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.UserFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.Sha2Crypt;
import org.jspecify.annotations.Nullable;

/**
 * What a guest is told at its first boot.
 *
 * @param userData a file in one of cloud-init's formats, instead of keys and password; or null
 * @param metaData a file, to which the instance-id is added where it has none; or null
 * @param networkConfig a file, or null
 * @param sshKeys public keys of the image's default user
 * @param password of the image's default user, or its hash as crypt(3) makes it, or null
 * @param hostname null for the machine's name
 * @param resetsIdentity the disk is another machine's: a machine id and SSH host keys of its own; not beside user-data
 */
public record CloudInit(
        @Nullable Path userData,
        @Nullable Path metaData,
        @Nullable Path networkConfig,
        List<String> sshKeys,
        @Nullable String password,
        @Nullable String hostname,
        boolean resetsIdentity) {

    /** No more than an identity of its own. */
    public static final CloudInit IDENTITY = new CloudInit(null, null, null, List.of(), null, null, true);

    /** What crypt(3) writes: SHA-256, SHA-512, bcrypt, yescrypt. */
    private static final Pattern HASH = Pattern.compile("[$](5|6|2[aby]|y)[$][^:\\s]*[$]?[./A-Za-z0-9]{22,}");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> USER_DATA_STARTS = List.of(
            "#cloud-config",
            "#!",
            "#include",
            "#cloud-boothook",
            "#part-handler",
            "## template:",
            "Content-Type:",
            "MIME-Version:");

    /**
     * The seed's files by their names.
     *
     * @param machine the machine's name
     * @param instanceId a new one makes cloud-init run as at a first boot
     */
    public Map<String, String> files(String machine, String instanceId) throws IOException {
        String host = hostname == null ? hostnameOf(machine) : checkedHostname(hostname);
        Map<String, String> files = new LinkedHashMap<>();
        files.put("meta-data", metaDataText(host, instanceId));
        files.put("user-data", userDataText(host));
        if (networkConfig != null) {
            files.put("network-config", read(networkConfig, "network-config"));
        }
        return files;
    }

    /**
     * The seed of a copy of a machine that has booted before: another instance-id makes cloud-init run as at a first boot,
     * which gives it SSH host keys and a host name of its own. The machine id is made anew too, and the DHCP clients' leases
     * go with the id in them. systemd-networkd names itself to DHCP servers by the machine id and has asked already, as the
     * original, by the time that cloud-init comes to it: it is started again and asks for an address of its own.
     */
    public static Map<String, String> newIdentity(String machine, String instanceId) throws JsonProcessingException {
        String host = hostnameOf(machine);
        Map<String, Object> config = identity(host);
        Map<String, String> files = new LinkedHashMap<>();
        files.put("meta-data", "instance-id: " + instanceId + "\nlocal-hostname: " + host + "\n");
        files.put(
                "user-data",
                "#cloud-config\n" + JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n");
        return files;
    }

    private static Map<String, Object> identity(String host) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("hostname", host);
        config.put("preserve_hostname", false);
        config.put("ssh_deletekeys", true);
        String anew = "rm -f /etc/machine-id /var/lib/dbus/machine-id /var/lib/dhcp/*.leases /var/lib/dhcpcd/duid"
                + " /var/lib/NetworkManager/*.lease; systemd-machine-id-setup;"
                + " [ ! -d /var/lib/dbus ] || ln -sf /etc/machine-id /var/lib/dbus/machine-id;"
                + " ! systemctl -q is-active systemd-networkd || systemctl restart systemd-networkd";
        config.put("bootcmd", List.of(List.of("cloud-init-per", "instance", "machine-id", "sh", "-c", anew)));
        return config;
    }

    private String metaDataText(String host, String instanceId) throws IOException {
        if (metaData == null) {
            return "instance-id: " + instanceId + "\nlocal-hostname: " + host + "\n";
        }
        String given = read(metaData, "meta-data");
        return given.contains("instance-id") ? given : "instance-id: " + instanceId + "\n" + given;
    }

    private String userDataText(String host) throws IOException {
        if (userData == null) {
            return "#cloud-config\n" + generated(host) + "\n";
        }
        if (!sshKeys.isEmpty() || password != null) {
            throw JvirtException.usage(
                    "ssh-key and password do not go with user-data, which says it all", "put them into " + userData);
        }
        String text = read(userData, "user-data");
        if (USER_DATA_STARTS.stream().noneMatch(text::startsWith)) {
            throw JvirtException.failed(
                    "the user-data " + userData + " would be ignored: its first line is none that cloud-init knows",
                    "start it with '#cloud-config' or '#!/bin/sh'");
        }
        return text;
    }

    /** JSON, which is YAML too: nothing in a key or password can break out. */
    private String generated(String host) throws JsonProcessingException {
        Map<String, Object> config = resetsIdentity ? identity(host) : new LinkedHashMap<>();
        if (!sshKeys.isEmpty()) {
            config.put("ssh_authorized_keys", sshKeys);
        }
        if (password != null) {
            config.put("password", hashed(password));
            config.put("chpasswd", Map.of("expire", false));
            config.put("ssh_pwauth", true);
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config);
    }

    /** As it stands in /etc/shadow: nobody reads a password out of a seed, a journal or what cloud-init keeps in the guest. */
    private static String hashed(String password) {
        if (HASH.matcher(password).matches()) {
            return password;
        }
        if (password.isEmpty()) {
            throw JvirtException.usage("the password is empty", "leave it out: then none works");
        }
        return Sha2Crypt.sha512Crypt(password.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(Path file, String what) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw JvirtException.notFound("the " + what + " " + file + " is no file", "check the path");
        }
        if (Files.size(file) > 1 << 20) {
            throw JvirtException.failed("the " + what + " " + file + " is larger than 1 MiB", "is it the right file?");
        }
        return UserFile.text(file, what);
    }

    /** A host name for a machine's name. */
    public static String hostnameOf(String machine) {
        String name = machine.replaceAll("[^A-Za-z0-9.-]", "-").replaceAll("^[-.]+|[-.]+$", "");
        return name.isEmpty() ? "localhost" : name;
    }

    private static String checkedHostname(String name) {
        if (!name.matches("[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\\.[A-Za-z0-9][A-Za-z0-9-]{0,62})*")) {
            throw JvirtException.usage(
                    "a host cannot be named '" + name + "'", "letters, digits and '-' make a name, with dots between");
        }
        return name;
    }

    /** Whether a text is a public key and no file's name. */
    public static boolean isKey(String text) {
        return text.matches("(ssh|ecdsa|sk)-.*\\s.*");
    }

    /** What this one does not say is as another has it; user-data stand for keys and password. */
    public CloudInit over(CloudInit other) {
        boolean saysAll = userData != null;
        return new CloudInit(
                userData == null ? other.userData : userData,
                metaData == null ? other.metaData : metaData,
                networkConfig == null ? other.networkConfig : networkConfig,
                sshKeys.isEmpty() && !saysAll ? other.sshKeys : sshKeys,
                password == null && !saysAll ? other.password : password,
                hostname == null ? other.hostname : hostname,
                resetsIdentity || other.resetsIdentity);
    }

    /** A public key as it stands, or the file that holds one or more. */
    public static List<String> keys(String fileOrKey) throws IOException {
        if (isKey(fileOrKey)) {
            return List.of(fileOrKey.strip());
        }
        Path file = Path.of(fileOrKey);
        if (!Files.isRegularFile(file)) {
            throw JvirtException.notFound(
                    "the ssh key " + file + " is no file", "name a public key: ~/.ssh/id_ed25519.pub");
        }
        List<String> keys = new ArrayList<>();
        for (String line : UserFile.text(file, "ssh key").lines().toList()) {
            if (line.contains("PRIVATE KEY")) {
                throw JvirtException.refused(
                        file + " is a private key, which must not leave this machine",
                        "give the public one: " + file + ".pub");
            }
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            // Options may stand before a key.
            if (!line.matches("(.*\\s)?(ssh|ecdsa|sk)-\\S*\\s.*")) {
                throw JvirtException.failed(
                        file + " holds what is no public key: " + DomainName.escaped(line.strip()),
                        "name a public key: ~/.ssh/id_ed25519.pub");
            }
            keys.add(line.strip());
        }
        if (keys.isEmpty()) {
            throw JvirtException.failed("there is no key in " + file, "name a public key: ~/.ssh/id_ed25519.pub");
        }
        return keys;
    }

    /** The seed as an image for a CD-ROM drive. */
    static byte[] image(Map<String, String> files) {
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        files.forEach((name, text) -> bytes.put(name, text.getBytes(StandardCharsets.UTF_8)));
        return Iso9660.of("cidata", bytes);
    }

    /** Writes the seed into an empty file. */
    public static void write(Map<String, String> files, Path file) throws IOException {
        Files.write(file, image(files));
    }
}
