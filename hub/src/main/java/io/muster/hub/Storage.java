package io.muster.hub;

import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.registry.RegistrySettings;
import io.muster.devices.registry.applications.ApplicationRegistry;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.devices.registry.sqlite.SqliteLibrary;
import io.muster.hub.config.HubConfig;
import java.nio.file.Path;
import java.time.Clock;

/**
 * What a hub keeps on disk. Its parts are shared.
 *
 * @param folder its files
 * @param cipher encrypts secrets in the database
 * @param operatorToken lets its bearer in at the management API
 * @param database holds all that is registered
 * @param devices products and devices in it
 * @param applications accounts of applications in it
 */
record Storage(
        DataFolder folder,
        SecretCipher cipher,
        String operatorToken,
        RegistryDatabase database,
        DeviceRegistry devices,
        ApplicationRegistry applications) {

    /**
     * Opens or makes it; blocks.
     *
     * @throws HubStartException naming what cannot be opened
     */
    static Storage open(HubConfig config, OpenParts open) {
        DataFolder folder = open.open(Part.DATA_FOLDER, () -> DataFolder.open(config.dataFolder()));
        SecretCipher cipher =
                open.run(Part.REGISTRY, () -> SecretCipher.load(folder.secretKeyFile()));
        RegistryDatabase database =
                open.open(
                        Part.REGISTRY,
                        () -> openDatabase(settings(config.registry()), folder, cipher));
        // Made when there is a registry: from then on one that is missing is lost.
        String token = open.run(Part.DATA_FOLDER, folder::operatorToken);
        return new Storage(
                folder,
                cipher,
                token,
                database,
                new DeviceRegistry(database, Clock.systemUTC()),
                new ApplicationRegistry(database, Clock.systemUTC()));
    }

    private static RegistryDatabase openDatabase(
            RegistrySettings settings, DataFolder folder, SecretCipher cipher) {
        if (settings.isSqlite()) {
            SqliteLibrary.keepIn(folder.path());
            folder.requireKept(Path.of(settings.sqliteFile()));
        }
        return RegistryDatabase.open(settings, cipher);
    }

    private static RegistrySettings settings(HubConfig.Registry registry) {
        return new RegistrySettings(
                registry.jdbcUrl(),
                registry.username(),
                registry.password(),
                registry.connectionsMax(),
                registry.timeout());
    }
}
