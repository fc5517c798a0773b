package io.muster.broker.protocol.decode;

import static io.muster.broker.protocol.decode.Reading.FIELDS;
import static io.muster.broker.protocol.decode.Reading.assertRead;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.protocol.packet.ReasonCode;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class TopicTextsTest {

    private final TopicTexts texts = new TopicTexts();

    private String read(String topic) {
        return Reading.of(Packets.text(topic), in -> texts.read(FIELDS, in));
    }

    @Test
    void aTopicThatComesAgainIsTheSameObject() {
        String first = read("a/é/😀");
        assertThat(first).isEqualTo("a/é/😀");
        assertThat(read("a/é/😀")).isSameAs(first);
    }

    /** More topics than there are places drive each other out. */
    @Property(tries = 200)
    void aTopicIsNeverTakenForAnother(
            @ForAll List<@AlphaChars @StringLength(max = 2) String> topics) {
        for (String topic : topics) {
            assertThat(read(topic)).isEqualTo(topic);
        }
    }

    /** Bytes are looked at eight by eight, and what is left one by one. */
    @Test
    void aTopicThatDiffersInOneByteIsAnother() {
        for (int length = 1; length <= 20; length++) {
            String topic = "x".repeat(length);
            assertThat(read(topic)).isEqualTo(topic);
            for (int at = 0; at < length; at++) {
                String other = topic.substring(0, at) + "y" + topic.substring(at + 1);
                assertThat(read(other)).isEqualTo(other);
                assertThat(read(topic)).isEqualTo(topic);
            }
        }
    }

    @Test
    void mostOfAFewTopicsThatAreMuchAlikeAreRemembered() {
        Set<String> objects = Collections.newSetFromMap(new IdentityHashMap<>());
        objects.addAll(readSix());
        objects.addAll(readSix());
        assertThat(objects).hasSizeLessThanOrEqualTo(8);
    }

    private List<String> readSix() {
        return IntStream.range(0, 6).mapToObj(i -> read("devices/" + i + "/telemetry")).toList();
    }

    @Test
    void longTopicsAreReadEachTime() {
        String longest = "x".repeat(256);
        assertThat(read(longest)).isSameAs(read(longest));
        String longer = "x".repeat(257);
        assertThat(read(longer)).isEqualTo(longer).isNotSameAs(read(longer));
    }

    @Test
    void whatIsNoTextIsRefusedEachTime() {
        for (int i = 0; i < 2; i++) {
            assertThat(violation(bytes("0002c0af"), in -> texts.read(FIELDS, in)))
                    .isEqualTo(ReasonCode.MALFORMED_PACKET);
        }
        byte[] broken = Packets.binary(Reading.bytes("ff".repeat(300)));
        assertThat(violation(broken, in -> texts.read(FIELDS, in)))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void controlCharactersAreRefusedIfAskedTo() {
        byte[] topic = Packets.text("a\tb");
        assertThat(violation(topic, in -> texts.read(new FieldReader(true), in)))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertRead(topic, in -> texts.read(FIELDS, in)).isEqualTo("a\tb");
    }
}
