package io.muster.auth.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.muster.devices.DeviceId;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectParametersTest {

    private static final String PARTS = "||==,,&{}%: \t\0\nadevsecuremode2\ud800é";

    @Test
    void cutsAtTheFirstBarSinceTheClientIdMayHoldCommasAndEqualsSigns() {
        ConnectParameters parameters =
                parse(
                        "dev1{ip=fe80:0:1%eth0,version=enos-mqtt-2.4.0,compress=DEFAULT}|securemode=2,signmethod=sha256,timestamp=1700000000000|");

        assertThat(parameters.clientId())
                .isEqualTo("dev1{ip=fe80:0:1%eth0,version=enos-mqtt-2.4.0,compress=DEFAULT}");
        assertThat(parameters.options())
                .containsOnly(
                        entry("securemode", "2"),
                        entry("signmethod", "sha256"),
                        entry("timestamp", "1700000000000"));
    }

    @Test
    void readsOptionsInAnyOrderWithBlanksAndInAnyCase() {
        assertThat(parse("d| TimeStamp = 17 , SIGNMETHOD=md5,\tsecuremode=2 |").options())
                .isEqualTo(Map.of("timestamp", "17", "signmethod", "md5", "securemode", "2"));
    }

    @ParameterizedTest
    @CsvSource({
        "'d{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=GZIP}', gzip",
        "d{compress=LZ4}, lz4",
        "'d{a=1, compress=}', ''",
        "'d{ip=10.0.0.5,compress=DEFAULT}',",
        "d{compress=default},",
        "d{ip=10.0.0.5},",
        "compress=GZIP,",
        "d{compress=GZIP,",
        "d{compress=GZIP}x,"
    })
    void knowsHowTheDeviceCompresses(String clientId, @Nullable String compression) {
        assertThat(parse(clientId + "|securemode=2|").compression())
                .isEqualTo(Optional.ofNullable(compression));
    }

    @Test
    void keepsTheTimestampAsItStands() {
        assertThat(parse("d|timestamp=1700000000000.1196|").find("timestamp"))
                .contains("1700000000000.1196");
    }

    @Test
    void ignoresWhatIsNoPairAndTakesTheFirstOfTwo() {
        assertThat(parse("d|,lonely,=x,ext=1,securemode=2,securemode=3,|").options())
                .isEqualTo(Map.of("ext", "1", "securemode", "2"));
    }

    @Test
    void theOptionsEndAtTheLastBar() {
        assertThat(parse("d|a=1|2|rest").options()).isEqualTo(Map.of("a", "1|2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dev1", "dev1|", "|", "dev1|securemode=2"})
    void withoutTwoBarsThereAreNoOptions(String clientIdentifier) {
        assertThat(ConnectParameters.parse(clientIdentifier)).isEmpty();
    }

    @Test
    void readsAnyTextWithoutFailingAndLosesNothingOfTheClientId() {
        for (long seed = 0; seed < 20_000; seed++) {
            String text = text(new SplittableRandom(seed));
            Optional<ConnectParameters> parameters = ConnectParameters.parse(text);

            assertThat(parameters.isPresent())
                    .as("seed %d", seed)
                    .isEqualTo(text.chars().filter(c -> c == '|').count() >= 2);
            assertThat(text)
                    .as("seed %d", seed)
                    .startsWith(parameters.map(found -> found.clientId() + "|").orElse(""));
            DeviceUsername.parse(text).ifPresent(DeviceUsername::id);
        }
    }

    @Test
    void splitsAUserNameAtTheLastAmpersand() {
        assertThat(DeviceUsername.parse("a&b&pk1").flatMap(DeviceUsername::id))
                .contains(new DeviceId("pk1", "a&b"));
        assertThat(DeviceUsername.parse("billing")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"&", "&pk1", "dev1&", "%channel%&pk1", "1&%VIRT_GATEWAY%", "a/b&pk1"})
    void findsNoDeviceInKeysThatNoDeviceCanHave(String username) {
        assertThat(DeviceUsername.parse(username).orElseThrow().id()).isEmpty();
    }

    private static ConnectParameters parse(String clientIdentifier) {
        return ConnectParameters.parse(clientIdentifier).orElseThrow();
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(24); i > 0; i--) {
            text.append(PARTS.charAt(random.nextInt(PARTS.length())));
        }
        return text.toString();
    }
}
