package io.muster.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.DeviceUrn;
import io.muster.ca.issuance.AlternativeName.NameType;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectTest {

    @Test
    void aDeviceIsCalledByItsKeyUnlessThatIsTooLong() {
        assertThat(Subject.device(new DeviceUrn("p", "k".repeat(64)), null).commonName())
                .isEqualTo("k".repeat(64));
        assertThat(Subject.device(new DeviceUrn("p", "k".repeat(65)), null).commonName())
                .matches("[0-9a-f]{64}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subject.device(new DeviceUrn("p".repeat(65), "k"), null))
                .withMessageContaining("organizational unit has 65 characters");
    }

    @Test
    void aServerIsCalledByItsFirstHostThatIsShortEnough() {
        String longHost = "a".repeat(60) + ".example";

        assertThat(Subject.server(List.of("::1", longHost, "Short.Example"), null).commonName())
                .isEqualTo("short.example");
        assertThat(Subject.server(List.of(longHost, "10.0.0.1"), null).commonName())
                .isEqualTo("10.0.0.1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Subject.server(List.of(longHost), null))
                .withMessageContaining("64");
        assertThatIllegalArgumentException().isThrownBy(() -> Subject.server(List.of(), null));
    }

    @Test
    void hostsAndAddressesAreToldApart() {
        assertThat(AlternativeName.ofServer("127.0.0.1").type()).isEqualTo(NameType.IP);
        assertThat(AlternativeName.ofServer("2001:db8::1").type()).isEqualTo(NameType.IP);
        assertThat(AlternativeName.ofServer("h1.example").type()).isEqualTo(NameType.DNS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "a..b", "-a", "a-", "a_b", "a b", "*", "a.*.b", "*a.b", "ä", "a\0", "a.",
                "[::1]"
            })
    void whatIsNoHostIsRefused(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AlternativeName.ofServer(host))
                .withMessageContaining("not the name of a host");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "a\0b", "\u0085"})
    void partsOfANameAreText(String part) {
        assertThatIllegalArgumentException().isThrownBy(() -> Subject.authority(part, null));
        assertThatIllegalArgumentException().isThrownBy(() -> Subject.authority("a", part));
    }

    @Test
    void aCertificateHasSoManyNames() {
        List<AlternativeName> many =
                Collections.nCopies(101, new AlternativeName(NameType.DNS, "a"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Subject("a", null, null, many))
                .withMessageContaining("101 names");
    }
}
