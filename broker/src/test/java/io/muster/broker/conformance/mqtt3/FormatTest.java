package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.PINGREQ;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.packet;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.subscribe;
import static io.muster.broker.Packets.u16;
import static io.muster.broker.Packets.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.BrokerFixture;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.MalformedPacket;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** Text, first bytes, packet identifiers, and what becomes of those that get them wrong. */
@DisplayNameGeneration(StatementNames.class)
class FormatTest {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.MATCH_ANY,
            names = {".*_ILL_FORMED", ".*_WITH_SURROGATE", ".*_OVERLONG", ".*_BEYOND_UNICODE"})
    @Normative(mqtt3 = {"1.5.3-1", "3.3.2-1", "3.8.3-1", "3.10.3-1"})
    void closesForTextThatIsNotUtf8(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = ".*_WITH_NULL")
    @Normative(mqtt3 = {"1.5.3-2", "4.7.3-2"})
    void closesForTextWithANullCharacter(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @Test
    @Normative(mqtt3 = "1.5.3-3")
    void keepsAZeroWidthNoBreakSpaceAtTheBeginningOfAText() {
        RawClient with = STAGE.client("with").subscribe("\uFEFFmark", 0);
        RawClient without = STAGE.client("without").subscribe("mark", 0);
        STAGE.publish(0, "\uFEFFmark", "x");
        assertThat(with.expectPublish("x").topic()).isEqualTo("\uFEFFmark");
        STAGE.expectOnly(without, "mark", "fence");
    }

    @Test
    @Normative(mqtt3 = "2.2.2-1")
    void setsTheReservedBitsOfEachPacketAsGiven() {
        RawClient client = STAGE.raw().send(Mqtt3Stage.connect("bits").bytes());
        assertThat(client.read().firstByte()).as("CONNACK").isEqualTo(0x20);
        assertThat(client.send(subscribe(1, "bits", 2)).read().firstByte()).isEqualTo(0x90);
        client.send(publish(QOS_1, 2, "bits", "one"));
        client.send(publish(QOS_2, 3, "other", "two"), pubrel(3));
        client.send(unsubscribe(4, "other"), PINGREQ);
        int[] expected = {0x32, 0x40, 0x50, 0x70, 0xB0, 0xD0};
        int[] found = new int[expected.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = client.read().firstByte();
        }
        assertThat(found).containsExactlyInAnyOrder(expected);
        STAGE.publish(2, "bits", "three");
        client.send(pubrec(client.expectPublish("three").packetId()));
        assertThat(client.read().firstByte()).as("PUBREL").isEqualTo(0x62);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = ".*_FLAGS")
    @Normative(mqtt3 = "2.2.2-2")
    void closesForWrongFlags(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0x60, 0x61, 0x63, 0x64, 0x66, 0x6A, 0x6F})
    @Normative(mqtt3 = {"3.6.1-1", "2.2.2-2"})
    void closesForAPubrelWithWrongFlags(int firstByte) {
        STAGE.expectClosedAfter(packet(firstByte, u16(1)));
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.MATCH_ANY, names = ".*_IDENTIFIER_ZERO")
    @Normative(mqtt3 = "2.3.1-1")
    void closesForAnIdentifierOfZero(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @Test
    @Normative(mqtt3 = {"2.3.1-1", "2.3.1-4"})
    void takesForEachMessageAnIdentifierThatIsNotInUse() {
        RawClient client = STAGE.client("unused").subscribe("unused", 2);
        for (int i = 1; i <= 20; i++) {
            STAGE.publish(1 + i % 2, "unused", "" + i);
        }
        int[] ids = new int[20];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = client.expectPublish("" + (i + 1)).packetId();
        }
        assertThat(ids).doesNotContain(0).doesNotHaveDuplicates();
    }

    @Test
    @Normative(mqtt3 = "2.3.1-5")
    void sendsNoIdentifierWithQos0() {
        RawClient client = STAGE.client("exact").subscribe("e", 2);
        STAGE.publish(0, "e", "xy");
        client.expect("30 05 00 01 65 78 79");
    }

    @Test
    @Normative(mqtt3 = "2.3.1-6")
    void acknowledgesWithTheIdentifierOfThePublish() {
        RawClient client = STAGE.client("answers").subscribe("answers", 2);
        client.send(publish(QOS_1, 0xFFFF, "a", "x")).expect("40 02 FF FF");
        client.send(publish(QOS_2, 0x0102, "a", "x")).expect("50 02 01 02");
        client.send(pubrel(0x0102)).expect("70 02 01 02");
        STAGE.publish(2, "answers", "x");
        int id = client.expectPublish("x").packetId();
        RawClient.Packet release = client.send(pubrec(id)).read();
        assertThat(release.firstByte()).isEqualTo(0x62);
        assertThat(release.packetId()).isEqualTo(id);
    }

    @Test
    @Normative(mqtt3 = {"2.3.1-7", "3.8.4-2", "3.10.4-4"})
    void answersSubscribeAndUnsubscribeWithTheirIdentifier() {
        RawClient client = STAGE.client("numbers");
        client.send(subscribe(0x0A0B, "n", 1)).expect("90 03 0A 0B 01");
        client.send(unsubscribe(0xFFFF, "n")).expect("B0 02 FF FF");
    }

    @ParameterizedTest
    @EnumSource
    @Normative(mqtt3 = "4.8.0-1")
    void closesForWhatBreaksTheProtocolAndHarmsNobodyElse(MalformedPacket packet) {
        STAGE.expectClosedAfter(packet.bytes());
    }

    @Test
    @Normative(mqtt3 = "4.8.0-1")
    void doesWhatCameBeforeTheBrokenPacketAndNothingBehindIt() {
        RawClient watcher = STAGE.client("watcher").subscribe("cut", 0);
        RawClient client = STAGE.client("cutter");
        client.send(
                publish("cut", "before"),
                MalformedPacket.RESERVED_TYPE_0.bytes(),
                publish("cut", "behind"));
        client.expectClosed();
        watcher.expectPublish("before");
        STAGE.expectOnly(watcher, "cut", "fence");
    }

    /** Packets may come in any pieces. */
    @Test
    @Normative(mqtt3 = "4.8.0-1")
    void readsPacketsThatComeByteByByte() {
        RawClient client = STAGE.raw();
        byte[] all =
                join(
                        Mqtt3Stage.connect("slow").bytes(),
                        subscribe(1, "slow", 0),
                        publish("slow", "x"),
                        puback(7),
                        PINGREQ);
        for (byte each : all) {
            client.send(new byte[] {each});
        }
        client.expect("20 02 00 00").expect("90 03 00 01 00");
        client.expect("30 07 00 04 73 6C 6F 77 78").expect("D0 00");
    }

    @Test
    @Normative(mqtt3 = "4.8.0-2")
    void closesTheConnectionWhosePacketCannotBeProcessed() {
        TopicPermissions broken =
                new TopicPermissions() {
                    @Override
                    public boolean mayPublish(String topicName) {
                        if (topicName.equals("broken")) {
                            throw new IllegalStateException("a failure that the test asks for");
                        }
                        return true;
                    }

                    @Override
                    public boolean maySubscribe(String topicFilter) {
                        return mayPublish(topicFilter);
                    }
                };
        BrokerFixture.Settings settings = BrokerFixture.settings();
        settings.authenticator =
                credentials ->
                        CompletableFuture.completedFuture(
                                AuthResult.accept(BrokerFixture.identity("", broken)));
        try (Mqtt3Stage stage = new Mqtt3Stage(settings)) {
            stage.expectClosedAfter(publish(QOS_1, 1, "broken", "x"));
            stage.expectClosedAfter(subscribe(1, "broken", 0));
        }
    }
}
