package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.AssetId;
import io.muster.devices.details.NewDevice;
import io.muster.devices.registry.change.Turn;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds many devices in one transaction, all or none; shared.
 *
 * <p>The rows are put into temporary tables first, which no other connection sees or waits for:
 * SQLite keeps them in a file of their own, that has its own lock. The transaction then takes them
 * over by two statements, in the order of their keys. So others wait for a second or two, and not
 * for the time that it takes to bring a hundred thousand devices to the database.
 */
final class DeviceImport {

    /** Rows that go to the database together. */
    private static final int TOGETHER = 1_000;

    /** So few rows are written by a call like any other. */
    private static final int FEW = 1_000;

    private static final Logger log = LoggerFactory.getLogger(DeviceImport.class);

    private final RegistryDatabase database;
    private final Turn turn;

    /** Taking over the rows is one of the changes that go one after the other. */
    DeviceImport(RegistryDatabase database, Turn turn) {
        this.database = database;
        this.turn = turn;
    }

    /**
     * A device as its row will be.
     *
     * @param secret encrypted
     */
    record Row(
            Device device,
            String secret,
            Optional<String> name,
            Map<String, String> tags,
            Map<String, String> attributes) {

        int count() {
            return 1 + tags.size() + attributes.size();
        }
    }

    /** Encrypts the secret of a device; asks the database nothing. */
    Row row(Device device, NewDevice details) {
        String owner = Rows.deviceOwner(device.id());
        return new Row(
                device,
                database.cipher().encrypt(device.secret(), owner),
                details.name(),
                details.tags(),
                details.attributes());
    }

    /**
     * Adds devices of these products.
     *
     * @param limit the longest that one statement may take, if they are many
     * @param more what else is written in the same transaction, once they are there; perhaps again,
     *     if that is tried again
     * @param inTurn is given the taking over when it is its turn, and makes it; that says whose
     *     names are taken, or {@link RegistryUnavailableException} if it may be made or not
     * @return those whose names are taken; if there are any, none was added
     * @throws NotFoundException if there is no such product
     * @throws RegistryUnavailableException if the database cannot be asked
     */
    Set<DeviceId> insert(
            Duration limit,
            Set<String> productKeys,
            Collection<Row> rows,
            Consumer<Handle> more,
            Function<Supplier<Set<DeviceId>>, Set<DeviceId>> inTurn) {
        String purpose = "import devices of " + productKeys;
        long values = rows.stream().mapToLong(Row::count).sum();
        if (values <= FEW) {
            return turn.take(
                    () ->
                            inTurn.apply(
                                    () ->
                                            database.write(
                                                    purpose,
                                                    handle -> {
                                                        stage(handle, rows);
                                                        return takeOver(handle, productKeys, more);
                                                    })));
        }
        return database.apart(
                purpose,
                limit,
                apart -> {
                    leaveCheckpoints(apart);
                    apart.useTransaction(handle -> stage(handle, rows));
                    Set<DeviceId> taken =
                            turn.take(
                                    () ->
                                            inTurn.apply(
                                                    () ->
                                                            database.inLine(
                                                                    purpose,
                                                                    apart,
                                                                    handle ->
                                                                            takeOver(
                                                                                    handle,
                                                                                    productKeys,
                                                                                    more))));
                    checkpoint(apart);
                    return taken;
                });
    }

    /** Nobody waits until the pages have been copied from the log to the file. */
    private void leaveCheckpoints(Handle apart) {
        if (database.settings().isSqlite()) {
            apart.execute("PRAGMA wal_autocheckpoint = 0");
        }
    }

    /** The devices are there, however this ends: whoever writes next does it otherwise. */
    private void checkpoint(Handle apart) {
        if (database.settings().isSqlite()) {
            try {
                apart.execute("PRAGMA wal_checkpoint(PASSIVE)");
            } catch (JdbiException failed) {
                log.warn("devices imported, log of the registry file not copied yet", failed);
            }
        }
    }

    private static void stage(Handle handle, Collection<Row> rows) throws SQLException {
        handle.execute(
                """
                CREATE TEMPORARY TABLE IF NOT EXISTS imported_device AS
                SELECT product_key, device_key, secret, status, version, since, created_at, name,
                  asset
                FROM device WHERE 1 = 0
                """);
        handle.execute(
                """
                CREATE TEMPORARY TABLE IF NOT EXISTS imported_value AS
                SELECT product_key, device_key, kind, name, value FROM device_value WHERE 1 = 0
                """);
        handle.execute("DELETE FROM imported_device");
        handle.execute("DELETE FROM imported_value");
        try (PreparedStatement statement =
                handle.getConnection()
                        .prepareStatement(
                                "INSERT INTO imported_device VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            int waiting = 0;
            for (Row row : rows) {
                bind(statement, row);
                waiting = add(statement, waiting);
            }
            statement.executeBatch();
        }
        try (PreparedStatement statement =
                handle.getConnection()
                        .prepareStatement("INSERT INTO imported_value VALUES (?, ?, ?, ?, ?)")) {
            int waiting = 0;
            for (Row row : rows) {
                waiting = add(statement, row, DeviceValues.Kind.TAG, row.tags(), waiting);
                waiting =
                        add(statement, row, DeviceValues.Kind.ATTRIBUTE, row.attributes(), waiting);
            }
            statement.executeBatch();
        }
    }

    private static int add(PreparedStatement statement, int waiting) throws SQLException {
        statement.addBatch();
        if (waiting + 1 < TOGETHER) {
            return waiting + 1;
        }
        statement.executeBatch();
        return 0;
    }

    private static void bind(PreparedStatement statement, Row row) throws SQLException {
        Device device = row.device();
        DeviceState state = device.state();
        statement.setString(1, device.id().productKey());
        statement.setString(2, device.id().deviceKey());
        statement.setString(3, row.secret());
        statement.setInt(4, Rows.code(state.status()));
        statement.setLong(5, state.version());
        statement.setLong(6, state.since().toEpochMilli());
        statement.setLong(7, device.createdAt().toEpochMilli());
        statement.setString(8, row.name().orElse(null));
        statement.setLong(9, AssetId.of(device.id()).number());
    }

    private static int add(
            PreparedStatement statement,
            Row row,
            DeviceValues.Kind kind,
            Map<String, String> values,
            int before)
            throws SQLException {
        int waiting = before;
        for (Map.Entry<String, String> value : values.entrySet()) {
            statement.setString(1, row.device().id().productKey());
            statement.setString(2, row.device().id().deviceKey());
            statement.setInt(3, kind.code());
            statement.setString(4, value.getKey());
            statement.setString(5, value.getValue());
            waiting = add(statement, waiting);
        }
        return waiting;
    }

    /** Those that are taken are found by who writes last, and then nothing is written. */
    private Set<DeviceId> takeOver(Handle handle, Set<String> productKeys, Consumer<Handle> more) {
        new TreeSet<>(productKeys).forEach(key -> lockProduct(handle, key));
        Set<DeviceId> taken =
                new HashSet<>(
                        handle.createQuery(
                                        """
                                        SELECT device.product_key, device.device_key FROM device
                                        JOIN imported_device
                                          ON imported_device.product_key = device.product_key
                                          AND imported_device.device_key = device.device_key
                                        """)
                                .map((row, context) -> Rows.deviceId(row))
                                .list());
        if (taken.isEmpty()) {
            handle.createUpdate(
                            """
                            INSERT INTO device
                              (product_key, device_key, secret, status, version, since,
                               created_at, name, asset)
                            SELECT product_key, device_key, secret, status,
                              CASE WHEN version < :versionMin THEN :versionMin ELSE version END,
                              since, created_at, name, asset
                            FROM imported_device ORDER BY product_key, device_key
                            """)
                    .bind("versionMin", DeviceTable.deletedVersion(handle) + 1)
                    .execute();
            handle.execute(
                    """
                    INSERT INTO device_value (product_key, device_key, kind, name, value)
                    SELECT product_key, device_key, kind, name, value
                    FROM imported_value ORDER BY product_key, device_key, kind, name
                    """);
            more.accept(handle);
        }
        return taken;
    }

    /**
     * By an update that changes nothing: nobody deletes it before the transaction ends. Whoever has
     * the row keeps others waiting no longer than by any other call, since they have their turns
     * after this one.
     */
    private void lockProduct(Handle handle, String productKey) {
        int locked =
                handle.createUpdate(
                                "UPDATE product SET name = name WHERE product_key = :productKey")
                        .setQueryTimeout(database.timeoutSeconds())
                        .bind("productKey", productKey)
                        .execute();
        if (locked == 0) {
            throw new NotFoundException("product '" + productKey + "' is unknown");
        }
    }
}
