package io.muster.broker.protocol.decode;

import static io.muster.broker.Packets.join;
import static io.muster.broker.Packets.length;
import static io.muster.broker.protocol.decode.Reading.assertRead;
import static io.muster.broker.protocol.decode.Reading.bytes;
import static io.muster.broker.protocol.decode.Reading.expectMalformedIfCut;
import static io.muster.broker.protocol.decode.Reading.violation;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.Packets;
import io.muster.broker.message.UserProperty;
import io.muster.broker.protocol.packet.ReasonCode;
import io.netty.buffer.ByteBuf;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldReaderTest {

    private static final int VARIABLE_MAX = 268_435_455;

    private final FieldReader fields = new FieldReader(false);

    private int variable(ByteBuf in) {
        return fields.variableByteInteger(in, "number");
    }

    private String text(ByteBuf in) {
        return fields.text(in, "text");
    }

    // ---------------------------------------------------------------------- numbers

    @Property
    void variableByteIntegersComeBack(@ForAll @IntRange(max = VARIABLE_MAX) int value) {
        assertThat(Reading.of(length(value), this::variable)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "7f, 127",
        "8001, 128",
        "ff7f, 16383",
        "808001, 16384",
        "ffff7f, 2097151",
        "80808001, 2097152",
        "ffffff7f, 268435455"
    })
    void variableByteIntegersTakeOneToFourBytes(String hex, int value) {
        assertThat(Reading.of(bytes(hex), this::variable)).isEqualTo(value);
        expectMalformedIfCut(bytes(hex), 0, this::variable);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8000", "808000", "80808000", "ff00", "ffff00", "ffffff00"})
    void aVariableByteIntegerIsNotPadded(String hex) {
        assertThat(violation(bytes(hex), this::variable)).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"80808080", "8080808001", "ffffffff7f", "8080808000"})
    void aVariableByteIntegerHasNoFifthByte(String hex) {
        assertThat(violation(bytes(hex), this::variable)).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void otherNumbersAreBigEndianAndUnsigned() {
        assertRead(bytes("fe"), in -> fields.oneByte(in, "n")).isEqualTo(0xFE);
        assertRead(bytes("fedc"), in -> fields.twoBytes(in, "n")).isEqualTo(0xFEDC);
        assertRead(bytes("fedcba98"), in -> fields.fourBytes(in, "n")).isEqualTo(0xFEDC_BA98L);
        expectMalformedIfCut(bytes("fe"), 0, in -> fields.oneByte(in, "n"));
        expectMalformedIfCut(bytes("fedc"), 0, in -> fields.twoBytes(in, "n"));
        expectMalformedIfCut(bytes("fedcba98"), 0, in -> fields.fourBytes(in, "n"));
    }

    @Test
    void aPacketIdentifierIsNotZero() {
        assertRead(bytes("ffff"), in -> fields.packetId(in, ReasonCode.PROTOCOL_ERROR))
                .isEqualTo(65_535);
        assertThat(violation(bytes("0000"), in -> fields.packetId(in, ReasonCode.PROTOCOL_ERROR)))
                .isEqualTo(ReasonCode.PROTOCOL_ERROR);
    }

    // ------------------------------------------------------------------------ texts

    @Property
    void binaryDataComesBack(@ForAll byte[] data) {
        byte[] whole = join(new byte[] {(byte) (data.length >> 8), (byte) data.length}, data);
        assertRead(whole, in -> fields.binary(in, "data")).isEqualTo(data);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "é/€/😀", "\uFEFF", "line\nbreak"})
    void textsComeBack(String text) {
        assertThat(Reading.of(Packets.text(text), this::text)).isEqualTo(text);
        expectMalformedIfCut(Packets.text(text), 0, this::text);
    }

    @Test
    void theLongestTextComesBack() {
        String longest = "x".repeat(65_535);
        assertThat(Reading.of(Packets.text(longest), this::text)).isEqualTo(longest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"000100", "0002c0af", "0003eda080", "0001ff", "0002e282"})
    void aTextThatIsNoneIsMalformed(String hex) {
        assertThat(violation(bytes(hex), this::text)).isEqualTo(ReasonCode.MALFORMED_PACKET);
    }

    @Test
    void refusesControlCharactersIfAskedTo() {
        FieldReader strict = new FieldReader(true);
        assertThat(violation(Packets.text("a\tb"), in -> strict.text(in, "text")))
                .isEqualTo(ReasonCode.MALFORMED_PACKET);
        assertRead(Packets.text("a b"), in -> strict.text(in, "text")).isEqualTo("a b");
    }

    @Test
    void aPairIsTwoTexts() {
        byte[] pair = join(Packets.text("name"), Packets.text(""));
        assertRead(pair, in -> fields.pair(in, "pair")).isEqualTo(new UserProperty("name", ""));
        expectMalformedIfCut(pair, 0, in -> fields.pair(in, "pair"));
    }
}
