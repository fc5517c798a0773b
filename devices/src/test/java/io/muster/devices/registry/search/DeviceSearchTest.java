package io.muster.devices.registry.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.devices.Device;
import io.muster.devices.DeviceEvent;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Secret;
import io.muster.devices.details.DeviceRecord;
import io.muster.devices.details.NewDevice;
import io.muster.devices.details.UnwrittenState;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.DeviceValues;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.TestDatabase;
import io.muster.devices.registry.search.DeviceSearch.Tag;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class DeviceSearchTest {

    private static final int DEVICES = 60;

    private final TestDatabase kind;
    private final Path folder;
    private RegistryDatabase database;
    private DeviceRegistry registry;
    private DeviceRecords records;

    DeviceSearchTest(TestDatabase kind, @TempDir Path folder) {
        this.kind = kind;
        this.folder = folder;
    }

    @BeforeEach
    void openWithThreeProducts() throws IOException {
        database =
                RegistryDatabase.open(
                        kind.settings(folder), SecretCipher.load(folder.resolve("key")));
        registry = new DeviceRegistry(database, Clock.systemUTC());
        records = new DeviceRecords(database);
        for (String product : List.of("pk1", "pk2", "pk3")) {
            assertThat(registry.products().create(Optional.of(product), UnaryOperator.identity()))
                    .isNotNull();
        }
        assertThat(registry.importDevices("pk1", devices(DEVICES))).isEmpty();
        assertThat(registry.importDevices("pk3", devices(DEVICES))).isEmpty();
        for (int i = 0; i < DEVICES; i += 5) {
            take(new DeviceId("pk1", key(i)), DeviceEvent.SIGNED_IN);
        }
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }

    private static String key(int i) {
        return (i % 2 == 0 ? "even-" : "odd-") + "%03d".formatted(i);
    }

    private static List<NewDevice> devices(int count) {
        return IntStream.range(0, count)
                .mapToObj(
                        i ->
                                new NewDevice(
                                        key(i),
                                        Secret.of("secret " + i),
                                        i % 4 == 0
                                                ? Optional.of("Pumpe Ä%02d".formatted(i / 8))
                                                : Optional.empty(),
                                        Map.of("hall", "" + i % 3, "line", "" + i % 4)))
                .toList();
    }

    private void take(DeviceId id, DeviceEvent event) {
        Device device = registry.findDevice(id).orElseThrow();
        DeviceState state = device.state();
        Device changed =
                new Device(
                        id,
                        device.secrets(),
                        new DeviceState(
                                state.status().next(event, false),
                                state.version() + 1,
                                Instant.ofEpochMilli(1)),
                        device.createdAt(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        assertThat(registry.writeStates(List.of(UnwrittenState.of(changed)))).isEqualTo(1);
    }

    /** By pages of a size, each begun where the one before said. */
    private List<DeviceId> found(DeviceSearch search, int limit) {
        List<DeviceId> found = new ArrayList<>();
        Optional<String> after = Optional.of("");
        int pages = 0;
        while (after.isPresent()) {
            DevicePage page = records.search(search, after.get(), limit);
            assertThat(page.devices()).hasSizeLessThanOrEqualTo(limit);
            page.devices().forEach(device -> found.add(device.device().id()));
            if (page.next().isPresent() && !page.devices().isEmpty()) {
                DeviceRecord last = page.devices().get(page.devices().size() - 1);
                assertThat(page.next()).contains(search.position(last));
            }
            after = page.next();
            assertThat(pages++).isLessThan(DEVICES * 3);
        }
        return found;
    }

    private static DeviceSearch search(
            Optional<DeviceStatus> status, String key, String name, Tag... tags) {
        return new DeviceSearch(Optional.empty(), status, key, name, List.of(tags));
    }

    private static final Optional<DeviceStatus> ANY = Optional.empty();
    private static final Optional<DeviceStatus> ONLINE = Optional.of(DeviceStatus.ONLINE);

    private void findsExactly(DeviceSearch search, Predicate<Integer> which, boolean online) {
        for (int limit : new int[] {1, 3, 7, 1000}) {
            assertThat(found(search.in("pk1"), limit))
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(expected("pk1", which));
            List<DeviceId> everywhere = new ArrayList<>(expected("pk1", which));
            if (!online) {
                everywhere.addAll(expected("pk3", which));
            }
            assertThat(found(search, limit))
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(everywhere);
        }
    }

    private static List<DeviceId> expected(String product, Predicate<Integer> which) {
        return IntStream.range(0, DEVICES)
                .boxed()
                .filter(which)
                .map(i -> new DeviceId(product, key(i)))
                .toList();
    }

    @Test
    void findsAllDevicesInTheOrderOfTheirKeys() {
        findsExactly(DeviceSearch.ALL, i -> true, false);
        assertThat(found(DeviceSearch.ALL, 7))
                .isSortedAccordingTo((one, two) -> one.toString().compareTo(two.toString()));
    }

    @Test
    void findsDevicesByWhatTheirKeysBeginWith() {
        findsExactly(search(ANY, "odd-", ""), i -> i % 2 == 1, false);
        findsExactly(search(ANY, "even-00", ""), i -> i % 2 == 0 && i < 10, false);
        findsExactly(search(ANY, "even-004", ""), i -> i == 4, false);
        findsExactly(search(ANY, "x", ""), i -> false, false);
    }

    @Test
    void findsDevicesByStatus() {
        findsExactly(search(ONLINE, "", ""), i -> i % 5 == 0, true);
        findsExactly(search(ONLINE, "odd-", ""), i -> i % 5 == 0 && i % 2 == 1, true);
        findsExactly(search(Optional.of(DeviceStatus.DISABLED), "", ""), i -> false, false);
    }

    @Test
    void findsDevicesByWhatTheirNamesBeginWithInTheOrderOfNames() {
        findsExactly(search(ANY, "", "Pumpe Ä"), i -> i % 4 == 0, false);
        findsExactly(search(ANY, "", "Pumpe Ä03"), i -> i == 24 || i == 28, false);
        findsExactly(search(ANY, "", "pumpe"), i -> false, false);
        findsExactly(search(ANY, "even-02", "P"), i -> i == 20 || i == 24 || i == 28, false);
        findsExactly(search(ONLINE, "", "Pumpe"), i -> i % 20 == 0, true);
        assertThat(records.rename(new DeviceId("pk1", key(1)), Optional.of("Pa"), anyRevision()))
                .isNotNull();
        assertThat(found(search(ANY, "", "P").in("pk1"), 2))
                .startsWith(new DeviceId("pk1", key(1)), new DeviceId("pk1", key(0)));
    }

    private static OptionalLong anyRevision() {
        return OptionalLong.empty();
    }

    @Test
    void findsDevicesByTags() {
        Tag hall = new Tag("hall", "2");
        Tag line = new Tag("line", "3");
        findsExactly(search(ANY, "", "", hall), i -> i % 3 == 2, false);
        findsExactly(search(ANY, "", "", hall, line), i -> i % 12 == 11, false);
        findsExactly(search(ANY, "odd", "", hall), i -> i % 6 == 5, false);
        findsExactly(search(ONLINE, "", "", hall), i -> i % 15 == 5, true);
        findsExactly(search(ANY, "", "Pumpe", new Tag("hall", "1")), i -> i % 12 == 4, false);
        findsExactly(search(ANY, "", "", new Tag("hall", "")), i -> false, false);
        findsExactly(search(ANY, "", "", new Tag("line", "2"), hall), i -> i % 12 == 2, false);
    }

    @Test
    void tellsLongTagsApartThatBeginAlike() {
        String long1 = "é".repeat(64) + "a";
        String long2 = "é".repeat(64) + "b";
        NewDevice first = new NewDevice("l1", Secret.of("s"), Optional.empty(), Map.of("t", long1));
        NewDevice second =
                new NewDevice("l2", Secret.of("s"), Optional.empty(), Map.of("t", long2));
        NewDevice third =
                new NewDevice("l3", Secret.of("s"), Optional.empty(), Map.of("t", "é".repeat(64)));
        assertThat(registry.importDevices("pk2", List.of(first, second, third))).isEmpty();

        assertThat(found(search(ANY, "", "", new Tag("t", long2)), 1))
                .containsExactly(new DeviceId("pk2", "l2"));
        assertThat(found(search(ANY, "", "", new Tag("t", "é".repeat(64))), 1))
                .containsExactly(new DeviceId("pk2", "l3"));
    }

    @Test
    void valuesEndWithTheDeviceThatMakesThemTooLong() {
        Map<String, String> tags =
                IntStream.range(0, 150)
                        .boxed()
                        .collect(Collectors.toMap(i -> "t" + i, i -> "x".repeat(4000)));
        List<DeviceId> ids = new ArrayList<>();
        for (String key : List.of("c", "b", "a")) {
            NewDevice device = new NewDevice(key, Secret.of("s"), Optional.empty(), tags);
            assertThat(registry.importDevices("pk2", List.of(device))).isEmpty();
            ids.add(new DeviceId("pk2", key));
        }

        Map<DeviceId, Map<String, String>> found = records.values(ids, DeviceValues.Kind.TAG);

        assertThat(found.keySet()).containsExactlyElementsOf(ids.subList(0, 2));
        assertThat(found.values()).allMatch(tags::equals);
    }

    @Test
    void aPageEndsWhenEnoughWasLookedAtAndSaysWhereToGoOn() {
        int many = SearchWalk.LOOKED_AT_MAX + 500;
        assertThat(
                        registry.importDevices(
                                "pk2",
                                IntStream.range(0, many)
                                        .mapToObj(
                                                i ->
                                                        new NewDevice(
                                                                "d%06d".formatted(i),
                                                                Secret.of("s"),
                                                                Optional.empty(),
                                                                i == many - 1
                                                                        ? Map.of("a", "1", "b", "1")
                                                                        : Map.of("a", "1")))
                                        .toList()))
                .isEmpty();
        DeviceSearch rare = search(ANY, "", "", new Tag("a", "1"), new Tag("b", "1")).in("pk2");

        DevicePage first = records.search(rare, "", 10);

        assertThat(first.devices()).isEmpty();
        assertThat(first.next()).contains("d009999");
        assertThat(found(rare, 10)).containsExactly(new DeviceId("pk2", "d010499"));
    }

    @Test
    void refusesWhatCannotBeLookedFor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search(ANY, "a/b", ""))
                .withMessageContaining("keyPrefix 'a/b'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search(ANY, "", "x".repeat(101)))
                .withMessageContaining("name is not 1 to 100 characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> records.search(DeviceSearch.ALL, "", 1001))
                .withMessageContaining("limit 1001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> records.search(DeviceSearch.ALL, "\0", 1))
                .withMessageContaining("control characters");
        Tag tag = new Tag("a", "b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> search(ANY, "", "", tag, tag, tag, tag, tag, tag))
                .withMessageContaining("6 tags are more than 5");
    }
}
