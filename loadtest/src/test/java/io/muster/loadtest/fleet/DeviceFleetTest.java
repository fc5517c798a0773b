package io.muster.loadtest.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.loadtest.client.SignIn;
import io.muster.loadtest.scenario.Population;
import io.muster.loadtest.scenario.Topology;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceFleetTest {

    private final Path folder;

    DeviceFleetTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("devices.tsv"), content);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "dev1; dev1; 1700000000000; dsecret1; 4ba192b2286a2bea3d57b09cf4b095304fad22b46358bf8a9e0c04e7a8591458",
                "dev1{ip=10.0.0.5,version=enos-mqtt-2.4.0,compress=DEFAULT}; dev1; 1700000000000; dsecret1; d1ebba949445f487e6e15dbcb20cea50164e0c32e1554f184e4b2ac94aa1fc00",
                "dev1; dev1; 1700000000000.1196; dsecret1; f74aaafa4ab16d002dfbc8a04fe626eb64e6a3e93338f13ee688312cbf3220b9",
                "pk1.dev1; dev1; 2524608000000; dsecret1; f28dd571a3c8ebf8ef6cfe5cfee87a3eb98082db07af0f11c4b3d9d9f84fa6d5",
                "dev2; dev2; 1700000000000; psecret1; f24bdfceb2c871765bfa3124c1ca5b399081e9d2615374f18679d30861a1ef57"
            })
    void signsLikeTheDevices(
            String clientId, String deviceKey, String timestamp, String secret, String digest) {
        Device device = new Device("pk1", deviceKey, secret);
        assertThat(device.password(clientId, timestamp)).isEqualTo(digest);
    }

    @Test
    void signsInWithTheTimestampThatItSends() {
        Device device = new Device("pk1", "dev1", "dsecret1");
        SignIn signIn = new DeviceFleet(List.of(device), null).deviceSignIn(0, 1);
        String timestamp = signIn.clientId().replaceAll(".*timestamp=(\\d+)\\|$", "$1");
        assertThat(signIn.clientId())
                .isEqualTo("dev1|securemode=2,signmethod=sha256,timestamp=" + timestamp + "|");
        assertThat(Long.parseLong(timestamp)).isGreaterThan(1_700_000_000_000L);
        assertThat(signIn.username()).isEqualTo("dev1&pk1");
        assertThat(signIn.password()).isEqualTo(device.password("dev1", timestamp));
    }

    @Test
    void givesSubscribersOneAccountAndClientIdentifiersOfTheirOwn() {
        DeviceFleet fleet =
                new DeviceFleet(
                        List.of(new Device("pk1", "dev1", "s")), new Account("app", "password"));
        assertThat(fleet.subscriberSignIn(0, 255))
                .isEqualTo(
                        new SignIn(
                                "loadtest-000000ff-sub-0", "app", "password", "subscriber", false));
        assertThat(fleet.subscriberSignIn(1, 255).clientId()).isEqualTo("loadtest-000000ff-sub-1");
    }

    @Test
    void sendsNoCredentialsWhenAnonymous() {
        DeviceFleet fleet = DeviceFleet.anonymous(2);
        assertThat(fleet.deviceSignIn(1, 1))
                .isEqualTo(new SignIn("loadtest-00000001-lt-00002", null, null, "lt-00002", false));
        assertThat(fleet.subscriberSignIn(0, 1).username()).isNull();
    }

    @Test
    void subscribesEachOfAPairToItsDevice() {
        DeviceFleet fleet = DeviceFleet.anonymous(2);
        assertThat(fleet.filters(Population.of(Topology.P2P, 2, 2), 1, 7))
                .containsExactly("loadtest/lt-00002/load");
        assertThat(fleet.filters(Population.of(Topology.FANOUT, 2, 2), 1, 7))
                .containsExactly("loadtest/lt-00001/load");
    }

    @Test
    void subscribesOnceToEachProductOfAFanIn() {
        DeviceFleet fleet =
                new DeviceFleet(
                        List.of(
                                new Device("pk1", "a", "s"),
                                new Device("pk2", "b", "s"),
                                new Device("pk1", "c", "s")),
                        null);
        assertThat(fleet.filters(Population.of(Topology.FANIN, 3, 1), 0, 7))
                .containsExactly("pk1/+/load", "pk2/+/load");
        assertThat(fleet.filters(Population.of(Topology.SHARED, 3, 2), 1, 7))
                .containsExactly(
                        "$share/loadtest-00000007/pk1/+/load",
                        "$share/loadtest-00000007/pk2/+/load");
    }

    @Test
    void readsTheFirstDevicesOfAFile() throws IOException {
        Path file = file("pk1\tdev1\ts1\n\npk1\tdev2\ts2\nthis line is not reached\n");
        DeviceFleet fleet = DevicesFile.read(file, 2, null);
        assertThat(fleet.topic(0)).isEqualTo("pk1/dev1/load");
        assertThat(fleet.topic(1)).isEqualTo("pk1/dev2/load");
    }

    @Test
    void saysThatAFileHasTooFewDevices() throws IOException {
        Path file = file("pk1\tdev1\ts1\n");
        assertThatThrownBy(() -> DevicesFile.read(file, 2, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has 1 devices, fewer than --devices (2)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pk1 dev1 topsecret", "pk1\tdev1\t", "pk1\tdev1", "a\tb\ttopsecret\td"})
    void namesTheBadLineOfAFileWithoutItsSecret(String line) throws IOException {
        Path file = file("pk1\tdev1\ts1\n" + line + "\n");
        assertThatThrownBy(() -> DevicesFile.read(file, 2, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 2 must be")
                .hasMessageNotContaining("topsecret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "+", "a#", "a\u0000"})
    void refusesKeysThatCannotBePartOfATopic(String key) {
        assertThatThrownBy(() -> new Device("pk1", key, null))
                .hasMessageContaining("cannot be part of a topic");
        assertThatThrownBy(() -> new Device(key, "dev1", null))
                .hasMessageContaining("cannot be part of a topic");
    }

    @Test
    void keepsSecretsOutOfTexts() {
        assertThat(new Device("pk1", "dev1", "secret").toString()).doesNotContain("secret");
        assertThat(new Account("app", "secret").toString()).doesNotContain("secret");
        assertThat(new SignIn("id", "user", "secret", "n", false).toString())
                .doesNotContain("secret");
    }

    @Test
    void writesAFileThatItReads() throws IOException {
        Path written = folder.resolve("written");
        DevicesFile.write(written, new DeviceFleet(List.of(new Device("pk1", "dev1", "s1")), null));
        assertThat(DevicesFile.read(written, 1, null).devices())
                .containsExactly(new Device("pk1", "dev1", "s1"));
        assertThat(Files.getPosixFilePermissions(written))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void overwritesNoFile() throws IOException {
        Path there = file("precious");
        assertThatThrownBy(() -> DevicesFile.write(there, DeviceFleet.anonymous(1)))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(there).hasContent("precious");
    }
}
