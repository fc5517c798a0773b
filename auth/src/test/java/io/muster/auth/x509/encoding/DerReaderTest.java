package io.muster.auth.x509.encoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DerReaderTest {

    @ParameterizedTest
    @CsvSource({"020100,0", "02017f,127", "02020080,128", "0201ff,-1", "0202ff7f,-129"})
    void readsIntegers(String hex, int value) throws MalformedException {
        assertThat(reader(hex).integer(2)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0200",
                "02020001",
                "0202ff80",
                "0203010203",
                "0401ff",
                "",
                "02",
                "020101ff"
            })
    void readsNoIntegersThatAreEmptyPaddedTooLongOrSomethingElse(String hex) {
        assertThatThrownBy(
                        () -> {
                            DerReader reader = reader(hex);
                            reader.integer(2);
                            reader.requireEnd();
                        })
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("(at octet ");
    }

    @ParameterizedTest
    @CsvSource({"020101,1", "02020080,1", "0201ff,0", "020100,0"})
    void theMagnitudeOfWhatIsNotPositiveIsEmpty(String hex, int octets) throws MalformedException {
        assertThat(reader(hex).magnitude().remaining()).isEqualTo(octets);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3080",
                "30810100",
                "30820001ff",
                "30850000000001ff",
                "3084ffffffff",
                "3001",
                "3081",
                "1f8100"
            })
    void takesDefiniteLengthsThatAreShortestAndFit(String hex) {
        assertThatThrownBy(() -> reader(hex).skip()).isInstanceOf(MalformedException.class);
    }

    @Test
    void takesLengthsOfSeveralOctets() throws MalformedException {
        DerReader reader = reader("048180" + "00".repeat(128) + "04820100" + "00".repeat(256));

        assertThat(reader.enter(DerReader.OCTET_STRING).remaining()).isEqualTo(128);
        assertThat(reader.enter(DerReader.OCTET_STRING).remaining()).isEqualTo(256);
        assertThat(reader.isAtEnd()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0603551d14,2.5.29.20",
        "06022a03,1.2.3",
        "060388370a,2.999.10",
        "06082a864886f70d0101,1.2.840.113549.1.1"
    })
    void readsObjectIdentifiers(String hex, String text) throws MalformedException {
        assertThat(reader(hex).identifier()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0600", "060180", "06022a80", "06032a8001", "060affffffffffffffffff7f"})
    void readsNoObjectIdentifiersThatAreCutPaddedOrTooLarge(String hex) {
        assertThatThrownBy(() -> reader(hex).identifier()).isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "23,491231235959Z,2049-12-31T23:59:59Z",
        "23,500101000000Z,1950-01-01T00:00:00Z",
        "24,20500101000000Z,2050-01-01T00:00:00Z"
    })
    void readsTimes(int tag, String text, Instant time) throws MalformedException {
        assertThat(time(tag, text).time()).isEqualTo(time);
    }

    @ParameterizedTest
    @CsvSource({
        "23,4912312359Z",
        "23,491231235959",
        "23,491231235959+0000",
        "24,20500101000000.5Z",
        "24,20500230000000Z",
        "23,49123123595aZ",
        "23,491331000000Z"
    })
    void readsNoTimesWithZonesFractionsOrNoSuchDays(int tag, String text) {
        assertThatThrownBy(() -> time(tag, text).time()).isInstanceOf(MalformedException.class);
    }

    @Test
    void aFlagThatIsFalseIsNotWritten() throws MalformedException {
        assertThat(reader("0101ff").flag(DerReader.BOOLEAN)).isTrue();
        assertThat(reader("0401ff").flag(DerReader.BOOLEAN)).isFalse();
        assertThatThrownBy(() -> reader("010100").flag(DerReader.BOOLEAN))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> reader("010101").flag(DerReader.BOOLEAN))
                .isInstanceOf(MalformedException.class);
    }

    private static DerReader time(int tag, String text) {
        byte[] characters = text.getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[characters.length + 2];
        bytes[0] = (byte) tag;
        bytes[1] = (byte) characters.length;
        System.arraycopy(characters, 0, bytes, 2, characters.length);
        return new DerReader(bytes);
    }

    private static DerReader reader(String hex) {
        return new DerReader(HexFormat.of().parseHex(hex));
    }
}
