package io.muster.broker.conformance.delivery;

import static io.muster.broker.Packets.CORRELATION_DATA;
import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.RESPONSE_TOPIC;
import static io.muster.broker.Packets.binary;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.text;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.PropertyList;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests and their answers [MQTT5 4.10]. */
@DisplayNameGeneration(StatementNames.class)
class RequestResponseTest {

    private static final byte[] CORRELATION = bytes("00 01 FE FF 80");

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static byte[] correlation() {
        return binary(CORRELATION_DATA, CORRELATION);
    }

    @Test
    @Normative(mqtt5 = {"3.3.2-15", "3.3.2-16"})
    void carriesARequestAndItsAnswer() {
        String question = STAGE.name();
        String answer = STAGE.name();
        RawClient responder = STAGE.client().subscribe(question, 1);
        RawClient requester = STAGE.client().subscribe(answer, 1);
        byte[] request = join(text(RESPONSE_TOPIC, answer), correlation());
        publish(requester, QOS_1, question, request, "how much?");
        PropertyList received = responder.expectPublish("how much?").propertyList();
        assertThat(received.text(RESPONSE_TOPIC)).isEqualTo(answer);
        assertThat(received.binary(CORRELATION_DATA)).isEqualTo(CORRELATION);
        responder.send(publish5(answer, correlation(), "nothing"));
        PropertyList answered = requester.expectPublish("nothing").propertyList();
        assertThat(answered.has(RESPONSE_TOPIC)).isFalse();
        assertThat(answered.binary(CORRELATION_DATA)).isEqualTo(CORRELATION);
    }

    @Test
    @Normative(mqtt5 = "3.3.2-16")
    void addsNothingToAMessageThatIsNoRequest() {
        String topic = STAGE.name();
        RawClient client = STAGE.client().subscribe(topic, 1);
        publish(STAGE.client(), QOS_1, topic, NO_PROPERTIES, "x");
        assertThat(client.expectPublish("x").propertyList().properties()).isEmpty();
    }
}
