// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import io.jvirt.domain.JvirtException;
import io.jvirt.domain.Similar;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where templates are: the directories of {@code JVIRT_TEMPLATES}, the user's own, and the one that came with jvirt. The
 * first that has a name wins; a template that extends its own name extends the next one of that name.
 */
public final class TemplateFiles {
    /** Directories, separated by colons, that are looked into before all others. */
    public static final String VARIABLE = "JVIRT_TEMPLATES";

    private static final String ENDING = ".yaml";
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]*";
    private static final String LIST = "jvirt template list shows what there is";

    private final List<Path> directories;
    private final Path own;

    /** @param environment a variable's value by its name, or null */
    public TemplateFiles(UnaryOperator<@Nullable String> environment) {
        List<Path> found = new ArrayList<>();
        String named = environment.apply(VARIABLE);
        for (String directory : named == null ? new String[0] : named.split(":")) {
            if (!directory.isBlank()) {
                found.add(Path.of(directory).toAbsolutePath().normalize());
            }
        }
        String config = environment.apply("XDG_CONFIG_HOME");
        Path base = config != null && config.startsWith("/")
                ? Path.of(config)
                : Path.of(System.getProperty("user.home", "/"), ".config");
        own = base.resolve("jvirt").resolve("templates");
        found.add(own);
        Path shipped = shipped();
        if (shipped != null) {
            found.add(shipped);
        }
        directories = found.stream().distinct().toList();
    }

    /** The directory that came with jvirt: beside one of those above the classes. Null where there is none. */
    static @Nullable Path shipped() {
        CodeSource source = TemplateFiles.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            return null;
        }
        try {
            for (Path d = Path.of(source.getLocation().toURI()); d != null; d = d.getParent()) {
                Path templates = d.resolve("templates");
                if (Files.isRegularFile(templates.resolve("minimal" + ENDING))) {
                    return templates;
                }
            }
            return null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Where a new template of the user's goes. */
    public Path ownFile(String name) {
        return own.resolve(checkedName(name) + ENDING);
    }

    public static String checkedName(String name) {
        if (!name.matches(NAME)) {
            throw JvirtException.usage(
                    "a template cannot be named '" + name + "'", "letters, digits, '.', '_' and '-' make a name");
        }
        return name;
    }

    /** The files that names stand for, by name. */
    public Map<String, Path> all() throws IOException {
        Map<String, Path> files = new TreeMap<>();
        for (Path directory : directories) {
            if (!Files.isDirectory(directory)) {
                continue;
            }
            try (Stream<Path> inside = Files.list(directory)) {
                for (Path file : inside.sorted().toList()) {
                    String name = String.valueOf(file.getFileName());
                    if (name.endsWith(ENDING) && !name.startsWith(".")) {
                        files.putIfAbsent(name.substring(0, name.length() - ENDING.length()), file);
                    }
                }
            }
        }
        return files;
    }

    /**
     * A template with all that it extends.
     *
     * @param nameOrFile a name, or the path of a file: with a slash in it or ending in .yaml
     */
    public MachineTemplate load(String nameOrFile) throws IOException {
        if (nameOrFile.contains("/") || nameOrFile.endsWith(ENDING)) {
            Path file = Path.of(nameOrFile).toAbsolutePath().normalize();
            if (!Files.exists(file)) {
                throw JvirtException.notFound("the template " + file + " does not exist", LIST);
            }
            return load(nameOf(file), file);
        }
        Path file = find(nameOrFile, 0);
        if (file == null) {
            String similar = Similar.to(nameOrFile, all().keySet());
            throw JvirtException.notFound(
                    "there is no template '" + nameOrFile + "'",
                    similar == null ? LIST : "did you mean '" + similar + "'? " + LIST);
        }
        return load(nameOrFile, file);
    }

    /** A template of {@link #all}. */
    public MachineTemplate load(String name, Path file) throws IOException {
        List<Node.Keys> layers = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Path at = file;
        String atName = name;
        while (at != null) {
            files.add(at);
            names.add(atName);
            Node.Keys keys = YamlSource.read(at);
            TemplateSchema.check(keys);
            layers.add(0, keys);
            Node.Entry parent = keys.entries().get(TemplateSchema.EXTENDS);
            if (parent == null) {
                break;
            }
            String parentName = ((Node.Scalar) parent.value()).text();
            at = parent(parentName, parent.place(), atName, at);
            if (files.contains(at)) {
                throw parent.place()
                        .error(
                                "'extends' runs in a circle: " + String.join(" → ", names) + " → " + parentName,
                                "remove one of these 'extends'");
            }
            atName = parentName;
        }
        return new MachineTemplate(name, files, Layers.merge(layers));
    }

    private Path parent(String name, Place place, String childName, Path child) throws IOException {
        int from = 0;
        if (name.equals(childName)) {
            Path directory = child.getParent();
            from = directories.indexOf(directory) + 1;
        }
        Path found = name.matches(NAME) ? find(name, from) : null;
        if (found == null && from > 0) {
            // Nothing behind it: the file extends itself.
            found = find(name, 0);
        }
        if (found == null) {
            String similar = Similar.to(name, all().keySet());
            throw place.error(
                    "'extends' names the template '" + name + "', which is not there",
                    similar == null ? LIST : "did you mean '" + similar + "'?");
        }
        return found;
    }

    private @Nullable Path find(String name, int from) {
        for (Path directory : directories.subList(from, directories.size())) {
            Path file = directory.resolve(name + ENDING);
            if (name.matches(NAME) && Files.exists(file)) {
                return file;
            }
        }
        return null;
    }

    private static String nameOf(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
    }
}
