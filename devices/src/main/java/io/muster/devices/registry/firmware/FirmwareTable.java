package io.muster.devices.registry.firmware;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.ProductRegistry;
import io.muster.devices.registry.RegistryDatabase;
import io.muster.devices.text.Characters;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Firmware as it stands in the database; shared.
 *
 * <p>Every method blocks and throws {@link RegistryUnavailableException} when the database cannot
 * be asked. What is changed is durable when the method returns.
 */
public final class FirmwareTable {

    /** How many versions of a product are offered at once. */
    public static final int OFFERED_MAX = 20;

    private static final int VERSION_LENGTH_MAX = 64;
    private static final int STEP_LENGTH_MAX = 16;
    private static final int DESCRIPTION_LENGTH_MAX = 256;

    private final RegistryDatabase database;
    private final Clock clock;

    /** On an open database. */
    public FirmwareTable(RegistryDatabase database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Offers a firmware to the devices of a product; another one of the same version is replaced.
     *
     * @throws NotFoundException if there is no such product
     * @throws IllegalArgumentException if {@link #OFFERED_MAX} others are offered
     */
    public void offer(String productKey, Firmware firmware) {
        database.write(
                "offer firmware",
                handle -> {
                    ProductRegistry.requireKnown(handle, productKey);
                    put(handle, productKey, firmware);
                    requireFew(handle, productKey);
                    return null;
                });
    }

    private void put(Handle handle, String productKey, Firmware firmware) {
        handle.createUpdate(
                        """
                        INSERT INTO firmware (product_key, version, url, size, sign, sign_method,
                          created_at)
                        VALUES (:productKey, :version, :url, :size, :sign, :signMethod, :now)
                        ON CONFLICT (product_key, version) DO UPDATE SET
                          url = excluded.url, size = excluded.size, sign = excluded.sign,
                          sign_method = excluded.sign_method
                        """)
                .bind("productKey", productKey)
                .bind("version", firmware.version())
                .bind("url", firmware.url())
                .bind("size", firmware.size())
                .bind("sign", firmware.sign())
                .bind("signMethod", firmware.signMethod())
                .bind("now", clock.millis())
                .execute();
    }

    private static void requireFew(Handle handle, String productKey) {
        int count =
                handle.createQuery("SELECT COUNT(*) FROM firmware WHERE product_key = :productKey")
                        .bind("productKey", productKey)
                        .mapTo(Integer.class)
                        .one();
        if (count > OFFERED_MAX) {
            throw new IllegalArgumentException(
                    "%d versions are offered to product '%s'; at most %d can be"
                            .formatted(OFFERED_MAX, productKey, OFFERED_MAX));
        }
    }

    /** Offers a version no more; false if it was not offered. */
    public boolean withdraw(String productKey, String version) {
        return database.write(
                "withdraw firmware",
                handle ->
                        handle.createUpdate(
                                                """
                                                DELETE FROM firmware
                                                WHERE product_key = :productKey
                                                  AND version = :version
                                                """)
                                        .bind("productKey", productKey)
                                        .bind("version", version)
                                        .execute()
                                > 0);
    }

    /** What is offered to the devices of a product, the newest first; at most 20. */
    public List<Firmware> list(String productKey) {
        return database.read(
                "list firmware",
                handle ->
                        handle.createQuery(
                                        """
                                        SELECT * FROM firmware WHERE product_key = :productKey
                                        ORDER BY created_at DESC, version DESC
                                        """)
                                .bind("productKey", productKey)
                                .map((row, context) -> firmware(row))
                                .list());
    }

    /** One version that is offered. */
    public Optional<Firmware> find(String productKey, String version) {
        return list(productKey).stream().filter(each -> each.version().equals(version)).findFirst();
    }

    private static Firmware firmware(ResultSet row) throws SQLException {
        return new Firmware(
                row.getString("version"),
                row.getString("url"),
                row.getInt("size"),
                row.getString("sign"),
                row.getString("sign_method"));
    }

    /**
     * Notes the version that a device says it runs.
     *
     * @throws NotFoundException if there is no such device
     * @throws IllegalArgumentException if the version is not 1 to 64 characters
     */
    public void reportVersion(DeviceId device, String version) {
        requireLength("version", version, 1, VERSION_LENGTH_MAX);
        write(
                device,
                """
                INSERT INTO device_firmware (product_key, device_key, version, version_at)
                SELECT product_key, device_key, :version, :now FROM device
                WHERE product_key = :productKey AND device_key = :deviceKey
                ON CONFLICT (product_key, device_key) DO UPDATE SET
                  version = excluded.version, version_at = excluded.version_at
                """,
                Map.of("version", version));
    }

    /**
     * Notes how far a device says that its upgrade is.
     *
     * @throws NotFoundException if there is no such device
     * @throws IllegalArgumentException if the step is not 1 to 16 characters, or the description
     *     more than 256
     */
    public void reportProgress(DeviceId device, String step, String description) {
        requireLength("step", step, 1, STEP_LENGTH_MAX);
        requireLength("desc", description, 0, DESCRIPTION_LENGTH_MAX);
        write(
                device,
                """
                INSERT INTO device_firmware (product_key, device_key, step, description, step_at)
                SELECT product_key, device_key, :step, :description, :now FROM device
                WHERE product_key = :productKey AND device_key = :deviceKey
                ON CONFLICT (product_key, device_key) DO UPDATE SET
                  step = excluded.step, description = excluded.description,
                  step_at = excluded.step_at
                """,
                Map.of("step", step, "description", description));
    }

    private void write(DeviceId device, String statement, Map<String, String> texts) {
        int written =
                database.write(
                        "note the firmware of a device",
                        handle ->
                                handle.createUpdate(statement)
                                        .bind("productKey", device.productKey())
                                        .bind("deviceKey", device.deviceKey())
                                        .bindMap(texts)
                                        .bind("now", clock.millis())
                                        .execute());
        if (written == 0) {
            throw new NotFoundException("device '" + device + "' is unknown");
        }
    }

    private static void requireLength(String name, String text, int min, int max) {
        if (text.length() < min || text.length() > max || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "%s is not %d to %d characters".formatted(name, min, max));
        }
        Characters.requireWhole(name, text);
    }

    /** What a device last said; nothing if it is unknown. */
    public ReportedFirmware reported(DeviceId device) {
        return database.read(
                        "find the firmware of a device",
                        handle ->
                                handle.createQuery(
                                                """
                                                SELECT * FROM device_firmware
                                                WHERE product_key = :productKey
                                                  AND device_key = :deviceKey
                                                """)
                                        .bind("productKey", device.productKey())
                                        .bind("deviceKey", device.deviceKey())
                                        .map((row, context) -> reported(row))
                                        .findOne())
                .orElse(ReportedFirmware.NOTHING);
    }

    private static ReportedFirmware reported(ResultSet row) throws SQLException {
        Instant versionAt = Instant.ofEpochMilli(row.getLong("version_at"));
        Instant stepAt = Instant.ofEpochMilli(row.getLong("step_at"));
        String description = row.getString("description");
        return new ReportedFirmware(
                Optional.ofNullable(row.getString("version"))
                        .map(version -> new ReportedFirmware.Running(version, versionAt)),
                Optional.ofNullable(row.getString("step"))
                        .map(step -> new ReportedFirmware.Progress(step, description, stepAt)));
    }
}
