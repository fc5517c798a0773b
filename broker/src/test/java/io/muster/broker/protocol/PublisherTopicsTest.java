package io.muster.broker.protocol;

import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.properties;
import static io.muster.broker.Packets.text;
import static io.muster.broker.Packets.u16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.broker.Packets;
import io.muster.broker.protocol.decode.FieldReader;
import io.muster.broker.protocol.decode.PublishPacket;
import io.muster.broker.protocol.packet.ProtocolViolation;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublisherTopicsTest {

    private static final FieldReader FIELDS = new FieldReader(false);

    private final PublisherTopics topics = new PublisherTopics(3);

    private PublishPacket packet(String topic, byte[]... alias) {
        byte[] body = join(text(topic), properties(alias));
        return PublishPacket.read(FIELDS, topics.texts(), 5, 0x30, Unpooled.wrappedBuffer(body));
    }

    private static byte[] alias(int alias) {
        return u16(Packets.TOPIC_ALIAS, alias);
    }

    private String meant(String topic, byte[]... alias) {
        return topics.route(packet(topic, alias)).topic();
    }

    private ReasonCode refusal(String topic, byte[]... alias) {
        return catchThrowableOfType(ProtocolViolation.class, () -> meant(topic, alias)).reason();
    }

    @Test
    void anAliasStandsForTheTopicThatItCameWith() {
        assertThat(meant("a", alias(1))).isEqualTo("a");
        assertThat(meant("b", alias(3))).isEqualTo("b");
        assertThat(meant("", alias(1))).isEqualTo("a");
        assertThat(meant("", alias(3))).isEqualTo("b");
    }

    @Test
    void anAliasMayBeGivenAnew() {
        meant("a", alias(1));
        assertThat(meant("b", alias(1))).isEqualTo("b");
        assertThat(meant("", alias(1))).isEqualTo("b");
    }

    @Test
    void aTopicWithoutAliasChangesNone() {
        meant("a", alias(1));
        assertThat(meant("b")).isEqualTo("b");
        assertThat(meant("", alias(1))).isEqualTo("a");
    }

    @ParameterizedTest
    @CsvSource({"0", "4", "65535"})
    void anAliasIsWithinTheMaximum(int alias) {
        assertThat(refusal("t", alias(alias))).isEqualTo(ReasonCode.TOPIC_ALIAS_INVALID);
        assertThat(refusal("", alias(alias))).isEqualTo(ReasonCode.TOPIC_ALIAS_INVALID);
    }

    @Test
    void whereNoneAreTakenEachIsInvalid() {
        PublisherTopics none = new PublisherTopics(0);
        PublishPacket packet = packet("t", alias(1));
        assertThat(catchThrowableOfType(ProtocolViolation.class, () -> none.route(packet)).reason())
                .isEqualTo(ReasonCode.TOPIC_ALIAS_INVALID);
    }

    @Test
    void anAliasThatStandsForNothingIsAProtocolError() {
        assertThat(refusal("", alias(2))).isEqualTo(ReasonCode.PROTOCOL_ERROR);
        meant("a", alias(1));
        assertThat(refusal("", alias(2))).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void withNeitherTopicNorAliasItIsAProtocolError() {
        assertThat(refusal("")).isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void aliasesBelongToOneConnection() {
        meant("a", alias(1));
        PublisherTopics other = new PublisherTopics(3);
        PublishPacket packet = packet("", alias(1));
        assertThat(
                        catchThrowableOfType(ProtocolViolation.class, () -> other.route(packet))
                                .reason())
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void theRouteOfATopicIsRemembered() {
        PublishPacket packet = packet("a", alias(1));
        assertThat(topics.route(packet)).isSameAs(topics.route(packet("", alias(1))));
    }
}
