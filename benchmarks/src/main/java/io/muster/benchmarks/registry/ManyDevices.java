package io.muster.benchmarks.registry;

import com.github.benmanes.caffeine.cache.Ticker;
import io.muster.devices.Secret;
import io.muster.devices.details.NewDevice;
import io.muster.devices.directory.DeviceDirectory;
import io.muster.devices.directory.DirectorySettings;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.search.DeviceRecords;
import io.muster.devices.registry.secret.SecretCipher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A registry with many devices: how long their import takes, each kind of page, and the opening of
 * the directory. The devices are of ten products; one in two has a name, each has two tags, or as
 * many as {@code -Dtags} says, and one in a hundred is disabled.
 *
 * <p>{@code java -cp benchmarks.jar:lib/* io.muster.benchmarks.registry.ManyDevices COUNT FOLDER
 * [JDBC-URL USER]}: what is there already is not imported again. {@code FOLDER} holds the key of
 * the secrets, and the SQLite file if there is no URL. PostgreSQL must be asked to analyse the
 * tables before, as its autovacuum does some time after an import.
 */
public final class ManyDevices {

    static final int PRODUCTS = 10;
    private static final int TAGS = Integer.getInteger("tags", 2);
    private static final int DISABLED_ONE_IN = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final RegistryDatabase database;
    private final DeviceRegistry registry;
    private final int count;

    private ManyDevices(RegistryDatabase database, int count) {
        this.database = database;
        this.registry = new DeviceRegistry(database, Clock.systemUTC());
        this.count = count;
    }

    /** Prints what it measures. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2 && arguments.length != 4) {
            throw new IllegalArgumentException("COUNT FOLDER [JDBC-URL USER]");
        }
        Path folder = Path.of(arguments[1]);
        boolean isSqlite = arguments.length == 2;
        RegistrySettings settings =
                new RegistrySettings(
                        isSqlite ? "jdbc:sqlite:" + folder.resolve("registry.db") : arguments[2],
                        isSqlite ? "" : arguments[3],
                        "",
                        4,
                        TIMEOUT);
        try (RegistryDatabase database =
                RegistryDatabase.open(settings, SecretCipher.load(folder.resolve("secret.key")))) {
            ManyDevices devices = new ManyDevices(database, Integer.parseInt(arguments[0]));
            devices.importAll();
            devices.disableSome();
            devices.openDirectory();
            new PageTimes(new DeviceRecords(database), devices.count / PRODUCTS).print();
        }
    }

    private static void print(String what, Stopwatch begin) {
        System.out.printf(
                "%-40s %8.0f ms, of the processor %8.0f ms%n",
                what, begin.nanos() / 1e6, begin.processorNanos() / 1e6);
    }

    private void importAll() {
        int each = count / PRODUCTS;
        for (int product = 0; product < PRODUCTS; product++) {
            String key = productKey(product);
            if (registry.products().find(key).isPresent()) {
                continue;
            }
            var unused = registry.products().create(Optional.of(key), UnaryOperator.identity());
            for (int from = 0; from < each; from += DeviceRegistry.IMPORT_MAX) {
                int to = Math.min(each, from + DeviceRegistry.IMPORT_MAX);
                List<NewDevice> devices = new ArrayList<>(to - from);
                for (int i = from; i < to; i++) {
                    devices.add(device(i));
                }
                try (OtherWriter other = new OtherWriter(database)) {
                    Stopwatch begin = Stopwatch.start();
                    var taken = registry.importDevices(key, devices);
                    print("import of " + devices.size() + " devices, taken " + taken.size(), begin);
                    System.out.printf("%-40s %8.0f ms%n", "held", other.longestNanos() / 1e6);
                }
            }
        }
    }

    static String productKey(int product) {
        return "product-" + product;
    }

    static String deviceKey(int i) {
        return "device-%08d".formatted(i);
    }

    private static NewDevice device(int i) {
        return new NewDevice(
                deviceKey(i),
                Secret.generate(),
                i % 2 == 0 ? Optional.of("Pump %08d".formatted(i)) : Optional.empty(),
                tags(i));
    }

    private static Map<String, String> tags(int i) {
        Map<String, String> tags = new LinkedHashMap<>();
        for (int tag = 0; tag < TAGS; tag++) {
            switch (tag) {
                case 0 -> tags.put("site", "site-" + i % 1000);
                case 1 -> tags.put("hall", String.valueOf(i % 4));
                default -> tags.put("tag-" + tag, String.valueOf(i % 100));
            }
        }
        return tags;
    }

    private void disableSome() {
        if (registry.countDevices().values().stream().filter(many -> many > 0).count() > 1) {
            return;
        }
        Stopwatch begin = Stopwatch.start();
        States.disable(registry, count / PRODUCTS, DISABLED_ONE_IN);
        print("states written of " + count / DISABLED_ONE_IN + " devices", begin);
    }

    private void openDirectory() {
        Stopwatch begin = Stopwatch.start();
        DeviceDirectory directory =
                DeviceDirectory.open(
                        registry,
                        new ApplicationRegistry(database, Clock.systemUTC()),
                        new DirectorySettings(
                                100_000,
                                Duration.ofHours(1),
                                Duration.ZERO,
                                Duration.ofSeconds(1),
                                Duration.ofHours(1)),
                        Clock.systemUTC(),
                        Ticker.systemTicker());
        print("opening the directory " + directory.counts(), begin);
        directory.close();
    }
}
