// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.template.file;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * A YAML file as nodes. The parser's events are read and nothing behind them: no tag makes an object, and an alias, with
 * which a few lines can stand for gigabytes, is refused.
 */
final class YamlSource {
    /** The shipped ones have less than 2 KiB. */
    private static final int MAX_BYTES = 256 << 10;
    /** A template needs three. */
    private static final int MAX_DEPTH = 16;

    private static final String HINT = "templates/README.md shows how a template is written";

    private final Path file;
    private final ParserImpl parser;

    private YamlSource(Path file, String text) {
        this.file = file;
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(MAX_DEPTH);
        this.parser = new ParserImpl(new StreamReader(text), options);
    }

    static Node.Keys read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw JvirtException.failed(file + " is no file, so it is no template", HINT);
        }
        if (Files.size(file) > MAX_BYTES) {
            throw JvirtException.failed(
                    file + " is larger than " + (MAX_BYTES >> 10) + " KiB, so it is no template", HINT);
        }
        return parse(file, text(file));
    }

    private static String text(Path file) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new JvirtException(
                    JvirtException.Kind.FAILED, file + " is no text in UTF-8, so it is no template", HINT, e);
        }
    }

    static Node.Keys parse(Path file, String text) {
        try {
            return new YamlSource(file, text).document();
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            String context = e.getContext() == null ? "" : e.getContext() + ", ";
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    new Place(file, mark == null ? 1 : mark.getLine() + 1) + ": this is no YAML: " + context
                            + e.getProblem(),
                    "correct that line, or one just before it; blanks, not tabs, make the levels",
                    e);
        } catch (YAMLException e) {
            throw new JvirtException(JvirtException.Kind.FAILED, file + " is no YAML: " + firstLine(e), HINT, e);
        }
    }

    private static String firstLine(YAMLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
    }

    private Node.Keys document() {
        Node root = null;
        while (!parser.checkEvent(Event.ID.StreamEnd)) {
            Event event = parser.getEvent();
            if (event instanceof NodeEvent node) {
                if (root != null) {
                    throw place(event).error("a second document begins", "one file is one template: remove the '---'");
                }
                root = node(node, 1);
            }
        }
        if (root instanceof Node.Keys keys) {
            return keys;
        }
        Place at = root == null ? new Place(file, 1) : root.place();
        throw at.error(
                "this is no template: it holds " + (root == null ? "nothing" : wordOf(root))
                        + " instead of lines of KEY: VALUE",
                HINT);
    }

    /** A text may be long. */
    private static String wordOf(Node root) {
        return root instanceof Node.Scalar ? "plain text" : root.kind();
    }

    private Node node(NodeEvent event, int depth) {
        Place at = place(event);
        if (depth > MAX_DEPTH) {
            throw at.error("the levels are nested deeper than " + MAX_DEPTH, HINT);
        }
        if (event instanceof AliasEvent) {
            throw at.error(
                    "the alias '*" + event.getAnchor() + "' is not taken in a template",
                    "write the value out, or let templates share it with extends");
        }
        if (event instanceof ScalarEvent scalar) {
            refuseTag(at, scalar.getTag());
            String text = scalar.getValue();
            boolean isEmpty = scalar.isPlain() && (text.isEmpty() || text.equals("~") || text.equals("null"));
            return new Node.Scalar(at, text, isEmpty);
        }
        if (event instanceof SequenceStartEvent start) {
            refuseTag(at, start.getTag());
            List<Node> items = new ArrayList<>();
            while (!parser.checkEvent(Event.ID.SequenceEnd)) {
                items.add(node((NodeEvent) parser.getEvent(), depth + 1));
            }
            Event unused = parser.getEvent();
            return new Node.Items(at, items);
        }
        refuseTag(at, ((MappingStartEvent) event).getTag());
        return new Node.Keys(at, entries(depth));
    }

    private Map<String, Node.Entry> entries(int depth) {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        while (!parser.checkEvent(Event.ID.MappingEnd)) {
            Node key = node((NodeEvent) parser.getEvent(), depth + 1);
            if (!(key instanceof Node.Scalar scalar)) {
                throw key.place().error("a key cannot be " + key.kind(), HINT);
            }
            Node value = node((NodeEvent) parser.getEvent(), depth + 1);
            Node.Entry before = entries.putIfAbsent(scalar.text(), new Node.Entry(key.place(), value));
            if (before != null) {
                throw key.place()
                        .error(
                                "the key '" + scalar.text() + "' was given in line "
                                        + before.place().line() + " already",
                                "remove one of the two lines");
            }
        }
        Event unused = parser.getEvent();
        return entries;
    }

    private static void refuseTag(Place at, @Nullable String tag) {
        if (tag != null && !tag.equals("!")) {
            throw at.error("the tag '" + tag + "' is not taken in a template", "leave it out");
        }
    }

    private Place place(Event event) {
        return new Place(file, event.getStartMark().getLine() + 1);
    }
}
