package io.muster.broker.conformance.ending;

import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.SERVER_REFERENCE;
import static io.muster.broker.Packets.SESSION_EXPIRY;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.conformance.Stage.lasting;
import static io.muster.broker.conformance.Wire.expectDisconnect;
import static io.muster.broker.conformance.Wire.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.Stage;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.protocol.Redirection;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How clients are sent to another server [MQTT5 4.11]. */
@DisplayNameGeneration(StatementNames.class)
class ServerReferenceTest {

    private static final String REFERENCE = "one.example:8883 [fe80::1]:1883";

    @RegisterExtension static final Stage STAGE = Stage.open();

    private static void send(boolean forGood, Optional<String> reference) {
        STAGE.broker().broker().drain().start(new Redirection(forGood, reference), 1_000);
    }

    @AfterEach
    void letClientsInAgain() {
        STAGE.broker().broker().drain().stop();
    }

    @ParameterizedTest
    @CsvSource({"false, 156", "true, 157"})
    @Normative(mqtt5 = {"3.14.2-1", "3.14.2-2", "3.14.4-1", "3.14.4-2"})
    void sendsClientsElsewhereForATimeOrForGood(boolean forGood, int reason) {
        RawClient client = STAGE.client();
        send(forGood, Optional.of(REFERENCE));
        RawClient.Packet disconnect = expectDisconnect(client, reason);
        assertThat(disconnect.propertyList().text(SERVER_REFERENCE)).isEqualTo(REFERENCE);
        assertThat(disconnect.propertyList().has(SESSION_EXPIRY)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"false, 156", "true, 157"})
    @Normative(mqtt5 = "4.13.2-1")
    void sendsThemElsewhereAlreadyAtTheirConnect(boolean forGood, int reason) {
        send(forGood, Optional.of(REFERENCE));
        byte[] connect = connect(5, STAGE.name()).bytes();
        RawClient.Packet connack = STAGE.raw().send(connect).expectRefused(reason);
        assertThat(connack.propertyList().text(SERVER_REFERENCE)).isEqualTo(REFERENCE);
    }

    @Test
    @Normative(mqtt5 = "3.14.2-1")
    void mayLeaveItToTheClientWhereToGo() {
        RawClient client = STAGE.client();
        send(false, Optional.empty());
        RawClient.Packet disconnect = expectDisconnect(client, 0x9C);
        assertThat(disconnect.propertyList().has(SERVER_REFERENCE)).isFalse();
    }

    @Test
    @Normative(mqtt5 = {"4.1.0-1", "4.13.2-1"})
    void keepsTheSessionOfAClientThatComesBack() {
        String name = STAGE.name();
        RawClient client = STAGE.client(lasting(name)).subscribe(name, 1);
        send(false, Optional.empty());
        expectDisconnect(client, 0x9C);
        STAGE.broker().broker().drain().stop();
        STAGE.awaitAway(name);
        publish(STAGE.client(), QOS_1, name, "kept");
        STAGE.resumed(lasting(name)).expectPublish("kept");
    }
}
