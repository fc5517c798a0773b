package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.DeviceStatus;
import io.muster.devices.Product;
import io.muster.devices.RotatingSecret;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.LastClient;
import io.muster.devices.registry.secret.SecretCipher;
import io.muster.devices.registry.secret.SecretUnreadableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns rows into values and values into columns; shared. */
public final class Rows {

    private final SecretCipher cipher;

    private volatile long leastVersion;

    Rows(SecretCipher cipher) {
        this.cipher = cipher;
    }

    Product product(ResultSet row) throws SQLException {
        String productKey = row.getString("product_key");
        return new Product(
                productKey,
                secrets(row, productOwner(productKey)),
                ProductColumns.read(row),
                row.getLong("revision"),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }

    /**
     * A device out of its whole row.
     *
     * @throws SecretUnreadableException if its secret cannot be decrypted
     */
    public Device device(ResultSet row) throws SQLException {
        DeviceId id = deviceId(row);
        return new Device(
                id,
                secrets(row, deviceOwner(id)),
                state(row),
                Instant.ofEpochMilli(row.getLong("created_at")),
                instant(row, "activated_at"),
                instant(row, "last_online_at"),
                instant(row, "last_offline_at"));
    }

    /** What is known of a device besides, out of its whole row. */
    public static DeviceDetails details(ResultSet row) throws SQLException {
        int protocolLevel = row.getInt("last_protocol_level");
        return new DeviceDetails(
                Optional.ofNullable(row.getString("name")),
                row.getLong("revision"),
                protocolLevel == 0
                        ? Optional.empty()
                        : Optional.of(
                                new LastClient(
                                        Optional.ofNullable(row.getString("last_address")),
                                        protocolLevel,
                                        row.getInt("last_keep_alive"),
                                        Optional.ofNullable(row.getString("last_software")),
                                        Optional.ofNullable(row.getString("last_own_address")))));
    }

    /** The secrets of a row that are encrypted for {@code owner}. */
    public RotatingSecret secrets(ResultSet row, String owner) throws SQLException {
        String previous = row.getString("previous_secret");
        return new RotatingSecret(
                cipher.decrypt(row.getString("secret"), owner),
                previous == null
                        ? Optional.empty()
                        : Optional.of(
                                new RotatingSecret.Previous(
                                        cipher.decrypt(previous, previousOf(owner)),
                                        Instant.ofEpochMilli(
                                                row.getLong("previous_secret_until")))));
    }

    /**
     * No state is read with a smaller version from now on. What is told of a device is written a
     * moment later, so a crash may leave a row whose version is smaller than one that was told.
     */
    void leastVersion(long version) {
        leastVersion = version;
    }

    /** The version that a state has at least. */
    long leastVersion() {
        return leastVersion;
    }

    /** The name of a device out of its keys. */
    public static DeviceId deviceId(ResultSet row) throws SQLException {
        return new DeviceId(row.getString("product_key"), row.getString("device_key"));
    }

    DeviceState state(ResultSet row) throws SQLException {
        return new DeviceState(
                status(row.getInt("status")),
                Math.max(row.getLong("version"), leastVersion),
                Instant.ofEpochMilli(row.getLong("since")));
    }

    /** The name under which a product's secret is encrypted. */
    static String productOwner(String productKey) {
        return "product " + productKey;
    }

    /** The name under which a device's secret is encrypted. */
    static String deviceOwner(DeviceId id) {
        return "device " + id;
    }

    /**
     * The name under which an owner's previous secret is encrypted: another one, so that nobody who
     * can write rows only makes it the present one again.
     */
    public static String previousOf(String owner) {
        return "before " + owner;
    }

    /** The number that stands for a status in the database, for ever. */
    public static int code(DeviceStatus status) {
        return switch (status) {
            case INACTIVE -> 0;
            case ONLINE -> 1;
            case OFFLINE -> 2;
            case DISABLED -> 3;
        };
    }

    /** An unknown number bars the device: a newer version wrote what this one does not know. */
    public static DeviceStatus status(int code) {
        return switch (code) {
            case 0 -> DeviceStatus.INACTIVE;
            case 1 -> DeviceStatus.ONLINE;
            case 2 -> DeviceStatus.OFFLINE;
            default -> DeviceStatus.DISABLED;
        };
    }

    static @Nullable Long millis(Optional<Instant> time) {
        return time.map(Instant::toEpochMilli).orElse(null);
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
