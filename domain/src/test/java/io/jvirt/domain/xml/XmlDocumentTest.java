// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.xml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvirt.domain.JvirtException;
import java.io.StringReader;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

class XmlDocumentTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "<a/>",
                "<a  b = 'x'\tc=\"y'\" ></a >",
                "<?xml version='1.0'?><!-- c --><a>t<!-- in --><b/>&amp;&#10;<![CDATA[<&]]>]]&gt;</a> <?end?>",
                "<n:a xmlns:n='u'><n:b n:c='1'/><d xmlns='v'/></n:a>",
                "<é ü='ß'>日本</é>",
            })
    void writesWhatItRead(String source) {
        assertThat(XmlDocument.parse(source)).hasToString(source);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "<a>                       | line 1, column 4: the text ends inside <a>",
                "<a></b>                   | line 1, column 6: </b> closes <a> of line 1: they must match",
                "<a b='1' b='2'/>          | line 1, column 10: attribute 'b' appears twice in <a>",
                "<a b=1/>                  | line 1, column 6: the value of attribute 'b' needs quotes",
                "<a b='<'/>                | line 1, column 7: '<' in an attribute's value; write '&lt;'",
                "<a>&nbsp;</a>             | line 1, column 4: '&' starts no reference that XML knows",
                "<a>x & y</a>              | line 1, column 6: '&' starts no reference",
                "<a>&#0;</a>               | line 1, column 4: '&' starts no reference",
                "<!DOCTYPE a><a/>          | line 1, column 1: a document type is not accepted",
                "<a/><b/>                  | line 1, column 5: a second document element",
                "<a/>x                     | line 1, column 5: text after the document's end",
                "x                         | line 1, column 1: text before the document's start",
                "<a><!-- x -- y --></a>    | '--' in a comment",
                "<a><!-- x                 | line 1, column 4: '<!--' is never closed by '-->'",
                "<a>]]></a>                | line 1, column 4: ']]>' in text",
                "<a b='1'c='2'/>           | line 1, column 9: expected white space",
                "` `                       | no element",
                "< a/>                     | line 1, column 2: expected a name",
            })
    void namesThePlaceOfAnError(String source, String message) {
        assertThatThrownBy(() -> XmlDocument.parse(source))
                .isInstanceOf(JvirtException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesEntitiesThatWouldReadFiles() {
        String source = "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain><name>&x;</name></domain>";
        assertThatThrownBy(() -> XmlDocument.parse(source)).hasMessageContaining("document type");
    }

    @Test
    void refusesDepthThatWouldExhaustTheStack() {
        String source = "<a>".repeat(100_000);
        assertThatThrownBy(() -> XmlDocument.parse(source)).hasMessageContaining("nest deeper than 256");
    }

    @Test
    void readsValuesAsXmlDefinesThem() {
        XmlElement a = XmlDocument.parse("<a b='x&#10;y\nz&lt;'>1&amp;<![CDATA[<2>]]><c>no</c>\r\n3</a>")
                .root();
        assertThat(a.attribute("b")).isEqualTo("x\ny z<");
        assertThat(a.text()).isEqualTo("1&<2>\n3");
    }

    @Test
    void escapesWhatItWrites() {
        XmlElement a = XmlDocument.parse("<a b=\"\"/>").root();
        a.attribute("b", "\"'<&>\n").attribute("c", "'").text("<&]]>");
        String written = a.toString();
        assertThat(written).isEqualTo("<a b=\"&quot;'&lt;&amp;&gt;&#xA;\" c='&apos;'>&lt;&amp;]]&gt;</a>");
        XmlElement again = XmlDocument.parse(written).root();
        assertThat(again.attribute("b")).isEqualTo("\"'<&>\n");
        assertThat(again.text()).isEqualTo("<&]]>");
    }

    @Test
    void refusesCharactersThatXmlCannotCarry() {
        XmlElement a = XmlElement.named("a");
        assertThatThrownBy(() -> a.text("x\u0001")).hasMessageContaining("U+1 cannot be written");
    }

    @Test
    void indentsAdditionsLikeTheirNeighbours() {
        XmlDocument document = XmlDocument.parse("<a>\n\t<b>1</b>\n\t<c/>\n</a>");
        document.root().add("b").text("2");
        XmlElement d = XmlElement.named("d");
        d.add("e").add("f").attribute("g", "1");
        document.root().add(d);
        assertThat(document)
                .hasToString(
                        "<a>\n\t<b>1</b>\n\t<b>2</b>\n\t<c/>\n\t<d>\n\t  <e>\n\t    <f g='1'/>\n\t  </e>\n\t</d>\n</a>");
    }

    @Test
    void addsToOneLineWithoutBreakingIt() {
        XmlDocument document = XmlDocument.parse("<a><b/></a>");
        document.root().add("c");
        assertThat(document).hasToString("<a><b/><c/></a>");
    }

    @Test
    void removesAnElementWithItsLine() {
        XmlDocument document = XmlDocument.parse("<a>\n  <b/>\n  <c/>\n</a>");
        document.root().elements("b").get(0).remove();
        assertThat(document).hasToString("<a>\n  <c/>\n</a>");
        document.root().elements("c").get(0).remove();
        assertThat(document).hasToString("<a/>");
    }

    /** Random documents: byte for byte the same when written, and the same tree as the JDK's own parser sees. */
    @Test
    void agreesWithAnotherParser() throws Exception {
        long seed = System.nanoTime();
        System.out.println("XmlDocumentTest seed " + seed);
        Random random = new Random(seed);
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        for (int i = 0; i < 300; i++) {
            String source = randomElement(random, 0);
            XmlElement ours = XmlDocument.parse(source).root();
            assertThat(ours).as("seed %d", seed).hasToString(source);
            Node theirs = factory.newDocumentBuilder()
                    .parse(new InputSource(new StringReader(source)))
                    .getDocumentElement();
            assertSame(ours, theirs, source);
        }
    }

    private static void assertSame(XmlElement ours, Node theirs, String source) {
        assertThat(ours.name()).isEqualTo(theirs.getNodeName());
        for (int i = 0; i < theirs.getAttributes().getLength(); i++) {
            Node a = theirs.getAttributes().item(i);
            assertThat(ours.attribute(a.getNodeName())).as(source).isEqualTo(a.getNodeValue());
        }
        StringBuilder text = new StringBuilder();
        int child = 0;
        for (Node n = theirs.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n.getNodeType() == Node.ELEMENT_NODE) {
                assertSame(ours.elements().get(child++), n, source);
            } else if (n.getNodeType() == Node.TEXT_NODE || n.getNodeType() == Node.CDATA_SECTION_NODE) {
                text.append(n.getNodeValue());
            }
        }
        assertThat(ours.elements()).hasSize(child);
        assertThat(ours.text()).as(source).isEqualTo(text.toString());
    }

    private static final String[] TEXTS = {
        "x", "&amp;", "&#x41;", "\n  ", "\r\n", "<![CDATA[<&]]>", "<!-- - -->", "<?p d?>", "é", "&#128512;", ">", "\t"
    };

    private static String randomElement(Random random, int depth) {
        String name = "abcdefg".charAt(random.nextInt(7)) + (random.nextInt(4) == 0 ? "-x.1" : "");
        StringBuilder out = new StringBuilder("<").append(name);
        for (int i = random.nextInt(3); i > 0; i--) {
            char quote = random.nextBoolean() ? '"' : '\'';
            out.append(random.nextBoolean() ? " " : "\n\t")
                    .append("k")
                    .append(i)
                    .append(random.nextInt(3) == 0 ? " = " : "=")
                    .append(quote)
                    .append(random.nextBoolean() ? "v&lt;\n&#9;" : "")
                    .append(quote == '"' ? '\'' : '"')
                    .append(quote);
        }
        if (random.nextInt(4) == 0) {
            return out.append(random.nextBoolean() ? "/>" : " />").toString();
        }
        out.append(random.nextBoolean() ? ">" : " >");
        for (int i = random.nextInt(5); i > 0; i--) {
            out.append(
                    depth < 5 && random.nextBoolean()
                            ? randomElement(random, depth + 1)
                            : TEXTS[random.nextInt(TEXTS.length)]);
        }
        return out.append("</")
                .append(name)
                .append(random.nextBoolean() ? ">" : " >")
                .toString();
    }
}
