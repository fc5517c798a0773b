package io.muster.broker.conformance.connect;

import static io.muster.broker.Packets.NO_PROPERTIES;
import static io.muster.broker.Packets.bytes;
import static io.muster.broker.Packets.connect;
import static io.muster.broker.Packets.text;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.muster.broker.BrokerFixture;
import io.muster.broker.Packets;
import io.muster.broker.RawClient;
import io.muster.broker.conformance.Normative;
import io.muster.broker.conformance.StatementNames;
import io.muster.broker.conformance.StrictReader;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All combinations of the connect flags, and the fields that they announce [MQTT5 3.1.2.3]. */
@DisplayNameGeneration(StatementNames.class)
class ConnectFlags5Test {

    private static final int RESERVED = 0x01;
    private static final int WILL = 0x04;
    private static final int WILL_QOS = 0x18;
    private static final int WILL_RETAIN = 0x20;
    private static final int PASSWORD = 0x40;
    private static final int USER_NAME = 0x80;

    private static final BrokerFixture BROKER = BrokerFixture.open();

    @AfterAll
    static void close() {
        BROKER.close();
    }

    /** A CONNECT with these flags and just the fields that they announce. */
    private static byte[] withFlags(int flags) {
        Packets.Connect connect = connect(5, "flags").resume().flags(flags);
        if ((flags & WILL) != 0) {
            connect.payload(bytes("00"), text("flags/will"), text(""));
        }
        if ((flags & USER_NAME) != 0) {
            connect.payload(text("name"));
        }
        if ((flags & PASSWORD) != 0) {
            connect.payload(text("word"));
        }
        return connect.bytes();
    }

    private static boolean isAllowed(int flags) {
        boolean willFits =
                (flags & WILL) != 0
                        ? (flags & WILL_QOS) != WILL_QOS
                        : (flags & (WILL_QOS | WILL_RETAIN)) == 0;
        return (flags & RESERVED) == 0 && willFits;
    }

    private static Stream<Arguments> flags(boolean allowed) {
        return IntStream.range(0, 256)
                .filter(flags -> isAllowed(flags) == allowed)
                .mapToObj(flags -> arguments("%02X".formatted(flags), flags));
    }

    static Stream<Arguments> allowedFlags() {
        return flags(true);
    }

    static Stream<Arguments> wrongFlags() {
        return flags(false);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("allowedFlags")
    @Normative(mqtt5 = {"3.1.2-12", "3.1.2-17", "3.1.2-19", "3.1.4-5"})
    void takesFlagsThatFitTogether(String hex, int flags) {
        try (RawClient client = BROKER.raw().speaking(5).send(withFlags(flags))) {
            StrictReader.accepted(client);
            client.send(Packets.DISCONNECT);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFlags")
    @Normative(mqtt5 = {"3.1.2-3", "3.1.2-11", "3.1.2-12", "3.1.2-13", "3.1.4-1"})
    void refusesFlagsThatDoNot(String hex, int flags) {
        boolean reservedOrQos3 = (flags & RESERVED) != 0 || (flags & WILL_QOS) == WILL_QOS;
        Integer[] reasons = reservedOrQos3 ? new Integer[] {0x81} : new Integer[] {0x81, 0x82};
        StrictReader.ends(BROKER, withFlags(flags), reasons);
    }

    static Stream<Arguments> missingFields() {
        byte[] none = bytes("00");
        return Stream.of(
                arguments("all of the will", WILL, NO_PROPERTIES),
                arguments("will topic", WILL, none),
                arguments("will payload", WILL, Packets.join(none, text("t"))),
                arguments("will properties", WILL, Packets.join(text("t"), text("gone"))),
                arguments("user name", USER_NAME, NO_PROPERTIES),
                arguments("password", PASSWORD, NO_PROPERTIES),
                arguments("password after user name", USER_NAME | PASSWORD, text("name")),
                arguments(
                        "user name after will",
                        WILL | USER_NAME,
                        Packets.join(none, text("t"), text("gone"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("missingFields")
    @Normative(mqtt5 = {"3.1.2-9", "3.1.2-17", "3.1.2-19"})
    void refusesAConnectWithoutTheFieldsThatItAnnounces(String field, int flags, byte[] fields) {
        byte[] connect = connect(5, "missing").flags(flags).payload(fields).bytes();
        StrictReader.notAccepted(BROKER, connect);
    }

    static Stream<Arguments> unannouncedFields() {
        byte[] will = Packets.join(bytes("00"), text("t"), text("gone"));
        return Stream.of(
                arguments("will", 0, will),
                arguments("user name", 0, text("name")),
                arguments("user name and password", 0, Packets.join(text("name"), text("word"))),
                arguments("password", USER_NAME, Packets.join(text("name"), text("word"))),
                arguments("user name after will", WILL, Packets.join(will, text("name"))),
                arguments(
                        "user name before password",
                        PASSWORD,
                        Packets.join(text("name"), text("word"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unannouncedFields")
    @Normative(mqtt5 = {"3.1.2-16", "3.1.2-18", "3.1.3-1"})
    void refusesAConnectWithFieldsThatItDoesNotAnnounce(String field, int flags, byte[] fields) {
        byte[] connect = connect(5, "unannounced").flags(flags).payload(fields).bytes();
        StrictReader.ends(BROKER, connect, 0x81);
    }

    @ParameterizedTest
    @ValueSource(strings = {"will/#", "will/+/x", "#", "+", "", "a#"})
    void refusesAWillTopicThatIsNoTopicName(String topic) {
        byte[] connect = connect(5, "topics").will(topic, "gone", 0, NO_PROPERTIES).bytes();
        StrictReader.ends(BROKER, connect, 0x81, 0x82, 0x90);
    }

    /** A CONNECT that is refused before sign-in leaves the client of that name alone. */
    @Test
    void leavesOthersAloneWhenItRefuses() {
        RawClient present = BROKER.client(5, "present");
        StrictReader.ends(BROKER, connect(5, "present").flags(RESERVED).bytes(), 0x81);
        StrictReader.ends(
                BROKER,
                connect(5, "present").will("#", "", 0, NO_PROPERTIES).bytes(),
                0x81,
                0x82,
                0x90);
        present.expectNothing();
    }
}
