package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.registry.DeviceValues.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class DeviceValuesTest {

    private static final DeviceId DEVICE = new DeviceId("pk1", "dk1");

    private final TestDatabase kind;
    private final Path folder;
    private RegistryDatabase database;
    private DeviceValues values;

    DeviceValuesTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void openWithADevice() throws IOException {
        database = kind.open(folder);
        DeviceRegistry registry = new DeviceRegistry(database, Clock.systemUTC());
        registry.products().create(Optional.of("pk1"), settings -> settings);
        registry.createDevice("pk1", Optional.of("dk1"));
        registry.createDevice("pk1", Optional.of("dk2"));
        values = new DeviceValues(database);
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    private void put(Kind kind, Map<String, String> set) {
        values.change(DEVICE, kind, set, Set.of());
    }

    @Test
    void keepsAttributesAndTagsOfADeviceApart() {
        put(Kind.ATTRIBUTE, Map.of("b", "{\"x\":1}", "a", "\"ä\""));
        put(Kind.TAG, Map.of("a", "hall 3"));

        assertThat(values.find(DEVICE, Kind.ATTRIBUTE))
                .containsExactly(Map.entry("a", "\"ä\""), Map.entry("b", "{\"x\":1}"));
        assertThat(values.find(DEVICE, Kind.TAG)).containsExactly(Map.entry("a", "hall 3"));
        assertThat(values.find(new DeviceId("pk1", "dk2"), Kind.TAG)).isEmpty();
        assertThat(values.find(new DeviceId("pk1", "nobody"), Kind.TAG)).isEmpty();
    }

    @Test
    void setsAndRemovesInOneGoAndLeavesTheRest() {
        put(Kind.TAG, Map.of("a", "1", "b", "2", "c", "3"));

        values.change(DEVICE, Kind.TAG, Map.of("a", "", "d", "4"), Set.of("b", "never was"));

        assertThat(values.find(DEVICE, Kind.TAG))
                .containsExactly(Map.entry("a", ""), Map.entry("c", "3"), Map.entry("d", "4"));
    }

    @Test
    void setsAttributesOfManyDevicesAndLeavesTheRest() {
        DeviceId other = new DeviceId("pk1", "dk2");
        put(Kind.ATTRIBUTE, Map.of("a", "1", "b", "2"));
        put(Kind.TAG, Map.of("a", "hall"));

        values.setAttributes(Map.of(DEVICE, Map.of("a", "3"), other, Map.of("c", "\"x\"")));

        assertThat(values.find(DEVICE, Kind.ATTRIBUTE)).isEqualTo(Map.of("a", "3", "b", "2"));
        assertThat(values.find(other, Kind.ATTRIBUTE)).isEqualTo(Map.of("c", "\"x\""));
        assertThat(values.find(DEVICE, Kind.TAG)).isEqualTo(Map.of("a", "hall"));
    }

    @Test
    void setsNoAttributeOfAnyDeviceIfOneIsNotAllowed() {
        DeviceId other = new DeviceId("pk1", "dk2");

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                values.setAttributes(
                                        Map.of(DEVICE, Map.of("a", "1"), other, Map.of("", "2"))));

        assertThat(values.find(DEVICE, Kind.ATTRIBUTE)).isEmpty();
    }

    @Test
    void changesNothingOfADeviceThatThereIsNot() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(
                        () ->
                                values.change(
                                        new DeviceId("pk1", "nobody"),
                                        Kind.TAG,
                                        Map.of("a", "1"),
                                        Set.of()))
                .withMessage("device 'pk1/nobody' is unknown");
    }

    @Test
    void saysWhichNameOrValueIsWrong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> put(Kind.TAG, Map.of("", "1")))
                .withMessage("tag '' is not named by 1 to 128 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> put(Kind.ATTRIBUTE, Map.of("n".repeat(129), "1")))
                .withMessageContaining("is not named by 1 to 128 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> put(Kind.ATTRIBUTE, Map.of("a", "v".repeat(4097))))
                .withMessage("attribute 'a' is longer than 4096 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> put(Kind.TAG, Map.of("a\0", "1")))
                .withMessage("tag 'a\\0' holds the character U+0000");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> put(Kind.TAG, Map.of("a", "x\ud800")))
                .withMessage("tag holds half of a surrogate pair, which is no character");

        put(Kind.ATTRIBUTE, Map.of("😀".repeat(64), "ü".repeat(4096)));
        values.change(DEVICE, Kind.ATTRIBUTE, Map.of(), Set.of("😀".repeat(64)));
        put(Kind.ATTRIBUTE, Map.of("ä".repeat(128), "ü".repeat(4096)));
        assertThat(values.find(DEVICE, Kind.ATTRIBUTE)).hasSize(1);
    }

    @Test
    void letsNoDeviceGrowWithoutEnd() {
        Map<String, String> most = new HashMap<>();
        for (int i = 0; i < DeviceValues.COUNT_MAX; i++) {
            most.put("n" + i, "v");
        }
        put(Kind.TAG, most);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> put(Kind.TAG, Map.of("n0", "changed", "one more", "v")))
                .withMessage("device 'pk1/dk1' would have more than 200 tags");

        assertThat(values.find(DEVICE, Kind.TAG)).isEqualTo(most);
        values.change(DEVICE, Kind.TAG, Map.of("one more", "v"), Set.of("n0"));
        assertThat(values.find(DEVICE, Kind.TAG)).hasSize(200).containsKey("one more");
    }

    @Test
    void looksAtHowManyThereAreBeforeTheWork() {
        Set<String> many = new HashSet<>();
        for (int i = 0; i <= DeviceValues.COUNT_MAX; i++) {
            many.add("n" + i);
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> values.change(DEVICE, Kind.TAG, Map.of(), many))
                .withMessage("201 tags are removed at once; at most 200 can be");
    }
}
