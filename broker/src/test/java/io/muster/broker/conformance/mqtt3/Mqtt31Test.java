package io.muster.broker.conformance.mqtt3;

import static io.muster.broker.Packets.PINGREQ;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.publish;

import io.muster.broker.RawClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where MQTT 3.1 differs from 3.1.1. That specification does not number its statements. */
class Mqtt31Test {

    private static final Mqtt3Stage STAGE = new Mqtt3Stage();

    @AfterAll
    static void close() {
        STAGE.close();
    }

    @Test
    void letsClientsMarkARepeatedPacket() {
        RawClient client = STAGE.broker().client(3, "repeats");
        // These three have DUP too, and a client sets it when it repeats them.
        client.send(bytes("8A 06 00 01 00 01 6F 01")).expect("90 03 00 01 01");
        client.send(publish(QOS_2, 2, "p", "x")).expect("50 02 00 02");
        client.send(bytes("6A 02 00 02")).expect("70 02 00 02");
        client.send(bytes("AA 05 00 03 00 01 6F")).expect("B0 02 00 03");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80 06 00 01 00 01 6F 01",
                "84 06 00 01 00 01 6F 01",
                "A0 05 00 03 00 01 6F",
                "60 02 00 02",
                "68 02 00 02"
            })
    void closesForOtherFlagsAllTheSame(String packet) {
        RawClient client = STAGE.broker().client(3, "breaker");
        client.send(bytes(packet), PINGREQ).expectClosed();
    }

    @Test
    void refusesAnEmptyIdentifierAlsoWithCleanSession() {
        STAGE.raw().send(connect(3, "").bytes()).expectRefused(2);
    }

    @Test
    void neverSaysThatThereIsASession() {
        STAGE.raw().connect(connect(3, "kept").resume()).subscribe("kept", 1).close();
        // The byte is reserved here, and clients may look at it.
        RawClient again = STAGE.raw().send(connect(3, "kept").resume().bytes());
        again.expect("20 02 00 00");
        STAGE.publish(1, "kept", "x");
        again.expectPublish("x");
    }
}
