package io.muster.broker.protocol.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Byte for byte against the layouts of the specifications. */
class PacketEncoderTest {

    private static final int NO_LIMIT = Integer.MAX_VALUE;
    private static final ConnackProperties LEAST =
            new ConnackProperties(
                    -1, new Capabilities(65_535, 1_024, 0, Features.ALL), null, -1, null, null);
    private static final ReasonCode NOT_FOUND = ReasonCode.PACKET_IDENTIFIER_NOT_FOUND;

    private final PacketEncoder version4 = new PacketEncoder(false);
    private final PacketEncoder version5 = new PacketEncoder(true);
    private final PacketEncoder silent = new PacketEncoder(true, NO_LIMIT, false);

    private static String hex(Consumer<ByteBuf> packet) {
        ByteBuf out = Unpooled.buffer();
        try {
            packet.accept(out);
            return ByteBufUtil.hexDump(out);
        } finally {
            out.release();
        }
    }

    /** Properties that are nothing but a reason string. */
    private static String because(ReasonCode reason) {
        return HexFormat.of()
                .formatHex(
                        Packets.properties(Packets.text(Packets.REASON_STRING, reason.sentence())));
    }

    private static String packet(int firstByte, String body) {
        return HexFormat.of().formatHex(Packets.packet(firstByte, HexFormat.of().parseHex(body)));
    }

    // -------------------------------------------------------------------- CONNACK

    @Test
    void connackOfEarlierVersions() {
        assertThat(hex(out -> version4.connack(out, true, LEAST))).isEqualTo("20020100");
        assertThat(hex(out -> version4.connack(out, false, LEAST))).isEqualTo("20020000");
        assertThat(
                        hex(
                                out ->
                                        version4.connack(
                                                out,
                                                ReasonCode.NOT_AUTHORIZED,
                                                Optional.of("other"))))
                .isEqualTo("20020005");
    }

    @Test
    void refusingConnackTellsWhyAndWhereElseToGo() {
        ReasonCode banned = ReasonCode.BANNED;
        assertThat(hex(out -> version5.connack(out, banned, Optional.empty())))
                .isEqualTo(packet(0x20, "008a" + because(banned)));
        String answer = hex(out -> version5.connack(out, banned, Optional.of("other")));
        assertThat(answer).startsWith("20").contains("1c00056f74686572");
    }

    @Test
    void connackTellsWhatDiffersFromWhatWasAskedFor() {
        EnhancedAuthentication authentication =
                new EnhancedAuthentication("m", Optional.of(new byte[] {7}));
        ConnackProperties all =
                new ConnackProperties(
                        60,
                        new Capabilities(20, 1_024, 9, Features.ALL),
                        "id",
                        30,
                        "resp",
                        authentication);
        assertThat(hex(out -> version5.connack(out, true, all)))
                .isEqualTo(
                        "202a010027"
                                + "110000003c" // session expiry interval
                                + "220009" // topic alias maximum
                                + "2700000400" // maximum packet size
                                + "210014" // receive maximum
                                + "1200026964" // assigned client identifier
                                + "13001e" // server keep alive
                                + "1a000472657370" // response information
                                + "1500016d" // authentication method
                                + "16000107"); // authentication data
        assertThat(hex(out -> version5.connack(out, false, LEAST)))
                .isEqualTo("2008000005" + "2700000400");
    }

    @Test
    void connackTellsTheLongestExpiryUnsigned() {
        ConnackProperties longest =
                new ConnackProperties(
                        0xFFFF_FFFFL,
                        new Capabilities(65_535, 1, 0, Features.ALL),
                        null,
                        -1,
                        null,
                        null);
        assertThat(hex(out -> version5.connack(out, false, longest))).contains("11ffffffff");
    }

    // ------------------------------------------------------------------- the rest

    @ParameterizedTest
    @CsvSource({"PUBACK, 40", "PUBREC, 50", "PUBREL, 62", "PUBCOMP, 70"})
    void acknowledgements(PacketType type, String first) {
        assertThat(hex(out -> version5.acknowledge(out, type, 0x1234, ReasonCode.SUCCESS)))
                .isEqualTo(first + "021234");
        assertThat(hex(out -> version5.acknowledge(out, type, 0x1234, NOT_FOUND)))
                .isEqualTo(packet(Integer.parseInt(first, 16), "123492" + because(NOT_FOUND)));
        assertThat(hex(out -> version4.acknowledge(out, type, 0x1234, NOT_FOUND)))
                .isEqualTo(first + "021234");
    }

    @Test
    void aReasonThatIsNoFailureNeedsNoSentence() {
        ReasonCode nobody = ReasonCode.NO_MATCHING_SUBSCRIBERS;
        assertThat(hex(out -> version5.acknowledge(out, PacketType.PUBACK, 1, nobody)))
                .isEqualTo("4003000110");
    }

    @Test
    void whoWantsNoProblemInformationGetsNoSentenceButAtConnackAndDisconnect() {
        ReasonCode refused = ReasonCode.NOT_AUTHORIZED;
        assertThat(hex(out -> silent.acknowledge(out, PacketType.PUBACK, 1, refused)))
                .isEqualTo("4003000187");
        assertThat(hex(out -> silent.suback(out, 7, new int[] {0x87}))).isEqualTo("900400070087");
        assertThat(hex(out -> silent.unsuback(out, 7, new int[] {0x87}))).isEqualTo("b00400070087");
        assertThat(hex(out -> silent.connack(out, refused, Optional.empty())))
                .isEqualTo(packet(0x20, "0087" + because(refused)));
        assertThat(
                        hex(
                                out ->
                                        silent.disconnect(
                                                out,
                                                refused,
                                                refused.sentence(),
                                                Optional.empty())))
                .isEqualTo(packet(0xE0, "87" + because(refused)));
    }

    @Test
    void aSentenceThatDoesNotFitIsLeftOut() {
        ReasonCode refused = ReasonCode.NOT_AUTHORIZED;
        int whole =
                hex(out -> version5.acknowledge(out, PacketType.PUBACK, 1, refused)).length() / 2;
        PacketEncoder justEnough = new PacketEncoder(true, whole, true);
        PacketEncoder tooLittle = new PacketEncoder(true, whole - 1, true);
        assertThat(hex(out -> justEnough.acknowledge(out, PacketType.PUBACK, 1, refused)))
                .hasSize(2 * whole);
        assertThat(hex(out -> tooLittle.acknowledge(out, PacketType.PUBACK, 1, refused)))
                .isEqualTo("400400018700");
        PacketEncoder least = new PacketEncoder(true, 8, true);
        assertThat(hex(out -> least.suback(out, 7, new int[] {0x87}))).isEqualTo("900400070087");
        assertThat(hex(out -> least.disconnect(out, refused, "sentence", Optional.empty())))
                .isEqualTo("e0028700");
        assertThat(hex(out -> least.connack(out, refused, Optional.of("other"))))
                .isEqualTo("2003008700");
    }

    @Test
    void theReferenceToAnotherServerIsKeptAsLongAsItFits() {
        ReasonCode moved = ReasonCode.SERVER_MOVED;
        PacketEncoder some = new PacketEncoder(true, 20, true);
        String reference = "1c00056f74686572";
        assertThat(hex(out -> some.disconnect(out, moved, "sentence", Optional.of("other"))))
                .isEqualTo("e00a" + "9d" + "08" + reference);
        assertThat(hex(out -> some.connack(out, moved, Optional.of("other"))))
                .isEqualTo("200b" + "009d" + "08" + reference);
    }

    @Test
    void aRefusalThatDoesNotFitAtAllIsNotSent() {
        PacketEncoder nothing = new PacketEncoder(true, 4, true);
        ByteBuf out = Unpooled.buffer();
        assertThat(nothing.connack(out, ReasonCode.BANNED, Optional.empty())).isFalse();
        assertThat(out.isReadable()).isFalse();
        assertThat(
                        new PacketEncoder(true, 5, true)
                                .connack(out, ReasonCode.BANNED, Optional.empty()))
                .isTrue();
        assertThat(out.readableBytes()).isEqualTo(5);
    }

    @Test
    void saysWhatFits() {
        EnhancedAuthentication empty = new EnhancedAuthentication("m", Optional.of(new byte[0]));
        assertThat(new PacketEncoder(true, 11, true).fits(empty)).isTrue();
        assertThat(new PacketEncoder(true, 10, true).fits(empty)).isFalse();
        assertThat(new PacketEncoder(true, 10, true).fits(LEAST)).isTrue();
        assertThat(new PacketEncoder(true, 9, true).fits(LEAST)).isFalse();
        assertThat(new PacketEncoder(true, 8, true).fitsCodes(3)).isTrue();
        assertThat(new PacketEncoder(true, 8, true).fitsCodes(4)).isFalse();
        assertThat(version4.fitsCodes(1_000_000)).isTrue();
    }

    @Test
    void dataThatNoFieldCanHoldFitsNobody() {
        byte[] most = new byte[65_535];
        byte[] tooMuch = new byte[65_536];
        assertThat(version5.fits(new EnhancedAuthentication("m", Optional.of(most)))).isTrue();
        assertThat(version5.fits(new EnhancedAuthentication("m", Optional.of(tooMuch)))).isFalse();
    }

    @Test
    void suback() {
        int[] granted = {0, 1, 2};
        assertThat(hex(out -> version4.suback(out, 7, new int[] {0, 1, 2, 0x87})))
                .isEqualTo("9006000700010287");
        assertThat(hex(out -> version5.suback(out, 7, granted))).isEqualTo("9006000700000102");
    }

    @Test
    void subackTellsTheFirstReasonOnce() {
        int[] codes = {0, 0x87, 0x97};
        assertThat(hex(out -> version5.suback(out, 7, codes)))
                .isEqualTo(packet(0x90, "0007" + because(ReasonCode.NOT_AUTHORIZED) + "008797"));
    }

    @Test
    void unsuback() {
        int[] codes = {0, 0x11};
        assertThat(hex(out -> version4.unsuback(out, 7, codes))).isEqualTo("b0020007");
        assertThat(hex(out -> version5.unsuback(out, 7, codes))).isEqualTo("b0050007000011");
    }

    @Test
    void auth() {
        EnhancedAuthentication empty = new EnhancedAuthentication("m", Optional.of(new byte[0]));
        assertThat(hex(out -> version5.auth(out, ReasonCode.CONTINUE_AUTHENTICATION, empty)))
                .isEqualTo("f009" + "18" + "07" + "1500016d" + "160000");
        EnhancedAuthentication bare = new EnhancedAuthentication("m", Optional.empty());
        assertThat(hex(out -> version5.auth(out, ReasonCode.SUCCESS, bare)))
                .isEqualTo("f006" + "00" + "04" + "1500016d");
    }

    @Test
    void pingresp() {
        assertThat(hex(version4::pingresp)).isEqualTo("d000");
        assertThat(hex(version5::pingresp)).isEqualTo("d000");
    }

    @Test
    void disconnect() {
        ReasonCode taken = ReasonCode.SESSION_TAKEN_OVER;
        assertThat(hex(out -> version5.disconnect(out, taken, taken.sentence(), Optional.empty())))
                .isEqualTo(packet(0xE0, "8e" + because(taken)));
        assertThat(hex(out -> version5.disconnect(out, taken, "s", Optional.of("h"))))
                .isEqualTo("e00a" + "8e" + "08" + "1c000168" + "1f000173");
        assertThat(hex(out -> version4.disconnect(out, taken, "s", Optional.of("h"))))
                .as("earlier versions have none from the server")
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = PacketType.class, mode = Mode.EXCLUDE, names = "PUBLISH")
    void firstBytesNameTheirType(PacketType type) {
        assertThat(PacketType.of(type.firstByte())).isEqualTo(type);
    }
}
