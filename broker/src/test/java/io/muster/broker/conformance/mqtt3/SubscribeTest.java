package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.filter;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.subscribe;
import static io.muster.broker.Packets.subscribeAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.BrokerFixture;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.MalformedPacket;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** SUBSCRIBE and SUBACK. */
@DisplayNameGeneration(StatementNames.class)
class SubscribeTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "SUBSCRIBE_.*FLAGS")
    @Normative(mqtt3 = "3.8.1-1")
    void closesForWrongFlags(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.MATCH_ANY,
            names = {"SUBSCRIBE_FILTER_ILL_FORMED", "SUBSCRIBE_FILTER_WITH_(SURROGATE|NULL)"})
    @Normative(mqtt3 = "3.8.3-1")
    void closesForAFilterThatIsNotUtf8(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBSCRIBE_WITHOUT_FILTER", "SUBSCRIBE_WITHOUT_QOS"})
    @Normative(mqtt3 = {"3.8.3-3", "4.8.0-1"})
    void closesWhereThereIsNoFilter(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = "SUBSCRIBE_.*(QOS_3|RESERVED_BIT)")
    @Normative(mqtt3 = "3.8.3-4")
    void closesForReservedBitsAndQos3(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 0x10, 0x20, 0x40, 0x80, 0xFC})
    @Normative(mqtt3 = "3.8.3-4")
    void closesForEachReservedBit(int bits) {
        STAGE.expectClosedAfter(subscribe(1, "a", bits | 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Normative(mqtt3 = {"3.8.4-1", "3.8.4-2", "3.8.4-5", "3.9.3-2"})
    void answersWithTheQosGranted(int qos) {
        RawClient client = STAGE.client("granted-" + qos);
        client.send(subscribe(0x1234, "granted", qos)).expect("90 03 12 34 0" + qos);
    }

    @Test
    @Normative(mqtt3 = "3.8.4-3")
    void replacesASubscriptionAndSendsRetainedMessagesAgain() {
        STAGE.publishRetained(1, "again", "kept");
        RawClient client = STAGE.client("again").subscribe("again", 0);
        assertThat(client.expectPublish("kept").qos()).isZero();
        client.subscribe("again", 1);
        RawClient.Packet second = client.expectPublish("kept");
        assertThat(second.qos()).isEqualTo(1);
        assertThat(second.retain()).isTrue();
        STAGE.publish(2, "again", "live");
        assertThat(client.expectPublish("live").qos()).isEqualTo(1);
        client.expectNothing();
        client.subscribe("again", 0).expectPublish("kept");
        STAGE.publish(2, "again", "later");
        assertThat(client.expectPublish("later").qos()).isZero();
    }

    @Test
    @Normative(mqtt3 = "3.8.4-3")
    void losesNoMessageWhileASubscriptionIsReplaced() {
        RawClient client = STAGE.client("flow").subscribe("flow", 1);
        RawClient publisher = STAGE.client("flow-publisher");
        for (int i = 1; i <= 200; i++) {
            publisher.send(publish(QOS_1, i, "flow", "" + i));
            client.send(subscribe(i, "flow", 1));
        }
        List<String> payloads = new ArrayList<>();
        int answers = 0;
        while (answers < 200 || payloads.size() < 200) {
            RawClient.Packet packet = client.read();
            if (packet.type() == 9) {
                answers++;
            } else {
                payloads.add(packet.payload());
                client.send(puback(packet.packetId()));
            }
        }
        assertThat(payloads)
                .containsExactlyElementsOf(
                        Stream.iterate(1, i -> i + 1).limit(200).map(String::valueOf).toList());
    }

    @Test
    @Normative(mqtt3 = {"3.8.4-4", "3.9.3-1"})
    void treatsSeveralFiltersOneAfterTheOther() {
        STAGE.publishRetained(1, "several/kept", "kept");
        RawClient client = STAGE.client("several");
        client.send(
                subscribeAll(
                        7,
                        filter("several/a", 2),
                        filter("several/b", 0),
                        filter("several/kept", 1),
                        filter("several/a", 1)));
        client.expect("90 06 00 07 02 00 01 01").expectPublish("kept");
        STAGE.publish(2, "several/a", "a");
        STAGE.publish(2, "several/b", "b");
        assertThat(client.expectPublish("a").qos()).as("the last one counts").isEqualTo(1);
        assertThat(client.expectPublish("b").qos()).isZero();
        client.expectNothing();
    }

    @Test
    @Normative(mqtt3 = {"3.8.4-5", "3.9.3-1", "3.9.3-2"})
    void answersEachFilterInOrderAlsoWhereItIsRefused() {
        TopicPermissions permissions =
                new TopicPermissions() {
                    @Override
                    public boolean mayPublish(String topicName) {
                        return true;
                    }

                    @Override
                    public boolean maySubscribe(String topicFilter) {
                        return !topicFilter.equals("secret");
                    }
                };
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.identity("", permissions)));
        try (Mqtt3Stage stage = new Mqtt3Stage(settings)) {
            RawClient client = stage.client("refused");
            client.send(
                    subscribeAll(1, filter("a", 2), filter("secret", 1), filter("b", 0)),
                    subscribe(2, "secret", 2));
            client.expect("90 05 00 01 02 80 00").expect("90 03 00 02 80");
            stage.publish(1, "secret", "x");
            stage.expectOnly(client, "a", "fence");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    @Normative(mqtt3 = "3.8.4-6")
    void deliversWithTheSmallerQos(int granted) {
        String topic = "smaller-" + granted;
        RawClient client = STAGE.client(topic).subscribe(topic, granted);
        for (int qos = 0; qos <= 2; qos++) {
            STAGE.publish(qos, topic, "qos " + qos);
            assertThat(client.expectPublish("qos " + qos).qos()).isEqualTo(Math.min(qos, granted));
        }
        client.expectNothing();
    }
}
