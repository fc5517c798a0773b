package io.muster.broker.fuzz;

import static io.muster.broker.Packets.PINGREQ;
import static io.muster.broker.Packets.QOS_1;
import static io.muster.broker.Packets.QOS_2;
import static io.muster.broker.Packets.RETAIN;
import static io.muster.broker.Packets.puback;
import static io.muster.broker.Packets.pubcomp;
import static io.muster.broker.Packets.publish;
import static io.muster.broker.Packets.publish5;
import static io.muster.broker.Packets.pubrec;
import static io.muster.broker.Packets.pubrel;
import static io.muster.broker.Packets.subscribe;
import static io.muster.broker.Packets.subscribe5;

import io.muster.broker.Packets;
import java.util.List;

/** What clients say that keep to the rules: packets in order, the first of them CONNECT. */
final class Conversations {

    /** Kinds of conversations. */
    static final int KINDS = 6;

    private static final int TOPIC_ALIAS = 0x23;
    private static final int AUTHENTICATION_METHOD = 0x15;
    private static final int AUTHENTICATION_DATA = 0x16;
    private static final int CONTINUE = 0x18;
    private static final int AGAIN = 0x19;
    private static final int LAPSE_SECONDS = 3_600;

    private static final byte[] NOTHING = Packets.NO_PROPERTIES;

    private Conversations() {}

    /** A conversation of this kind; each has a PINGREQ near its end. */
    static List<byte[]> of(int kind, String clientIdentifier) {
        return switch (kind) {
            case 0 -> oldest(clientIdentifier);
            case 1 -> clean(clientIdentifier);
            case 2 -> kept(clientIdentifier);
            case 3 -> rich(clientIdentifier);
            case 4 -> shared(clientIdentifier);
            default -> authenticated(clientIdentifier);
        };
    }

    private static List<byte[]> oldest(String client) {
        return List.of(
                Packets.connect(3, client).credentials("u", "p").bytes(),
                subscribe(1, "t/#", 2),
                publish("t/1", "a"),
                publish(QOS_1, 2, "t/2", "b"),
                PINGREQ,
                Packets.DISCONNECT);
    }

    private static List<byte[]> clean(String client) {
        return List.of(
                Packets.connect(4, client).keepAlive(30).bytes(),
                Packets.subscribeAll(
                        1,
                        Packets.filter("t/+", 0),
                        Packets.filter("t/#", 2),
                        Packets.filter("+/2", 2)),
                publish("t/1", "a"),
                publish(QOS_1 | RETAIN, 2, "t/2", "b"),
                publish(QOS_2, 3, "t/3", "c"),
                pubrel(3),
                puback(1),
                pubrec(2),
                pubcomp(2),
                Packets.unsubscribe(4, "t/#", "none"),
                publish(RETAIN, 5, "t/2", ""),
                PINGREQ,
                Packets.DISCONNECT);
    }

    private static List<byte[]> kept(String client) {
        return List.of(
                Packets.connect(4, client)
                        .resume()
                        .will("t/will", "gone", Packets.WILL_QOS_1 | Packets.WILL_RETAIN, NOTHING)
                        .bytes(),
                subscribe(1, "t/#", 2),
                publish(QOS_2, 2, "t/1", "a"),
                publish(QOS_2 | Packets.DUP, 2, "t/1", "a"),
                pubrel(2),
                publish(QOS_1, 3, "t/2", "b"),
                PINGREQ,
                pubrec(1),
                puback(2));
    }

    private static List<byte[]> rich(String client) {
        byte[] will =
                Packets.join(
                        Packets.u32(0x18, 1),
                        Packets.u8(0x01, 1),
                        Packets.text(0x08, "t/answer"),
                        Packets.binary(0x09, new byte[] {0, 1}),
                        Packets.userProperty("k", "v"));
        byte[] described =
                Packets.join(
                        Packets.u32(0x02, LAPSE_SECONDS),
                        Packets.text(0x03, "text/plain"),
                        Packets.userProperty("k", "v"),
                        Packets.userProperty("k", "w"));
        return List.of(
                Packets.connect(5, client)
                        .resume()
                        .expiry(LAPSE_SECONDS)
                        .with(Packets.u16(0x21, 3))
                        .with(Packets.u16(0x22, 5))
                        .with(Packets.u32(0x27, 1_000))
                        .with(Packets.u8(0x19, 1))
                        .with(Packets.userProperty("k", "v"))
                        .will("t/will", "gone", Packets.WILL_QOS_2, will)
                        .credentials("u", "p")
                        .bytes(),
                subscribe5(1, Packets.variable(0x0B, 300), "t/+", 0x2A),
                publish5("t/1", Packets.u16(TOPIC_ALIAS, 1), "a"),
                publish5("", Packets.u16(TOPIC_ALIAS, 1), "b"),
                publish5(QOS_1, 2, "t/2", described, "c"),
                publish5(QOS_2, 3, "t/3", Packets.u8(0x01, 1), "d"),
                pubrel(3),
                Packets.acknowledgement5(0x40, 1, 0x10, Packets.userProperty("k", "v")),
                Packets.acknowledgement5(0x50, 2, 0x80, Packets.text(0x1F, "no")),
                Packets.unsubscribe5(4, Packets.userProperty("k", "v"), "t/+"),
                PINGREQ,
                Packets.disconnect5(4, Packets.u32(0x11, 1)));
    }

    private static List<byte[]> shared(String client) {
        return List.of(
                Packets.connect(5, client).expiry(LAPSE_SECONDS).bytes(),
                Packets.subscribeAll5(
                        1,
                        Packets.variable(0x0B, 268_435_455),
                        Packets.filter("$share/g/t/#", 2),
                        Packets.filter("$share/h/+/1", 1)),
                publish5(QOS_1, 2, "t/1", NOTHING, "a"),
                publish5(QOS_2, 3, "t/1", NOTHING, "b"),
                pubrel(3),
                publish5("t/1", NOTHING, "c"),
                Packets.unsubscribe5(4, NOTHING, "$share/h/+/1"),
                PINGREQ);
    }

    private static List<byte[]> authenticated(String client) {
        return List.of(
                Packets.connect(5, client).with(method()).bytes(),
                Packets.auth(CONTINUE, method(), answer("a")),
                Packets.auth(CONTINUE, method(), answer("b")),
                publish5(QOS_1, 1, "t/1", NOTHING, "a"),
                Packets.auth(AGAIN, method()),
                publish5(QOS_1, 2, "t/1", NOTHING, "b"),
                PINGREQ);
    }

    private static byte[] method() {
        return Packets.text(AUTHENTICATION_METHOD, PatientAuthenticator.METHOD);
    }

    private static byte[] answer(String text) {
        return Packets.binary(AUTHENTICATION_DATA, Packets.utf8(text));
    }
}
