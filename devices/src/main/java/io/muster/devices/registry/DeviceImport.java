package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.details.NewDevice;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * Adds many devices in one transaction, all or none; shared. Secrets are encrypted before it
 * begins, so that others wait for the database as short as can be.
 */
final class DeviceImport {

    /** Rows of one statement: what is saved is the way to the database and back. */
    private static final int TOGETHER = 100;

    private static final int COLUMNS = 8;

    private static final int VALUE_COLUMNS = 5;

    private final RegistryDatabase database;

    DeviceImport(RegistryDatabase database) {
        this.database = database;
    }

    /** Some names are taken, so that the transaction is given up. */
    private static final class TakenException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Set<DeviceId> ids;

        private TakenException(Set<DeviceId> ids) {
            super("names are taken", null, false, false);
            this.ids = ids;
        }
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
            Map<String, String> attributes) {}

    private record ValueRow(DeviceId id, DeviceValues.Kind kind, String name, String value) {}

    /** Encrypts the secret of a device; asks the database nothing. */
    Row row(Device device, NewDevice details, Map<String, String> attributes) {
        String owner = Rows.deviceOwner(device.id());
        return new Row(
                device,
                database.cipher().encrypt(device.secret(), owner),
                details.name(),
                details.tags(),
                attributes);
    }

    /**
     * Adds devices of these products.
     *
     * @param more what else is to be written in the same transaction, once they are there
     * @return those whose names are taken; if there are any, none was added
     * @throws NotFoundException if there is no such product
     * @throws RegistryUnavailableException if the database cannot be asked
     */
    Set<DeviceId> insert(Set<String> productKeys, List<Row> rows, Consumer<Handle> more) {
        try {
            return database.write(
                    "import devices of " + productKeys,
                    handle -> {
                        productKeys.forEach(key -> DeviceTable.requireProduct(handle, key));
                        Set<DeviceId> none = insertAll(handle, rows);
                        more.accept(handle);
                        return none;
                    });
        } catch (TakenException given) {
            return given.ids;
        }
    }

    private Set<DeviceId> insertAll(Handle handle, List<Row> rows) {
        long versionMin = DeviceTable.deletedVersion(handle) + 1;
        Set<DeviceId> taken = new HashSet<>();
        int whole = rows.size() - rows.size() % TOGETHER;
        try {
            insert(handle, rows.subList(0, whole), TOGETHER, versionMin, taken);
            insert(
                    handle,
                    rows.subList(whole, rows.size()),
                    rows.size() - whole,
                    versionMin,
                    taken);
        } catch (SQLException failed) {
            throw new RegistryUnavailableException("registry cannot import devices", failed);
        }
        if (!taken.isEmpty()) {
            throw new TakenException(taken);
        }
        insertValues(handle, rows);
        return taken;
    }

    private void insertValues(Handle handle, List<Row> rows) {
        List<ValueRow> values = new ArrayList<>();
        for (Row row : rows) {
            DeviceId id = row.device().id();
            row.tags().forEach((name, value) -> values.add(tag(id, name, value)));
            row.attributes().forEach((name, value) -> values.add(attribute(id, name, value)));
        }
        try {
            for (int from = 0; from < values.size(); from += TOGETHER) {
                insertTogether(
                        handle, values.subList(from, Math.min(from + TOGETHER, values.size())));
            }
        } catch (SQLException failed) {
            throw new RegistryUnavailableException("registry cannot import values", failed);
        }
    }

    private static ValueRow tag(DeviceId id, String name, String value) {
        return new ValueRow(id, DeviceValues.Kind.TAG, name, value);
    }

    private static ValueRow attribute(DeviceId id, String name, String value) {
        return new ValueRow(id, DeviceValues.Kind.ATTRIBUTE, name, value);
    }

    private void insertTogether(Handle handle, List<ValueRow> values) throws SQLException {
        String rows = String.join(",", Collections.nCopies(values.size(), "(?, ?, ?, ?, ?)"));
        try (PreparedStatement statement =
                handle.getConnection()
                        .prepareStatement(
                                "INSERT INTO device_value"
                                        + " (product_key, device_key, kind, name, value) VALUES "
                                        + rows)) {
            statement.setQueryTimeout(database.timeoutSeconds());
            for (int i = 0; i < values.size(); i++) {
                ValueRow value = values.get(i);
                int before = i * VALUE_COLUMNS;
                statement.setString(before + 1, value.id().productKey());
                statement.setString(before + 2, value.id().deviceKey());
                statement.setInt(before + 3, value.kind().code());
                statement.setString(before + 4, value.name());
                statement.setString(before + 5, value.value());
            }
            statement.executeUpdate();
        }
    }

    /** By one statement for so many rows together, which their number is a multiple of. */
    private void insert(
            Handle handle, List<Row> rows, int together, long versionMin, Set<DeviceId> taken)
            throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try (PreparedStatement statement =
                handle.getConnection().prepareStatement(insertOf(together))) {
            statement.setQueryTimeout(database.timeoutSeconds());
            for (int from = 0; from < rows.size(); from += together) {
                List<Row> some = rows.subList(from, from + together);
                for (int i = 0; i < together; i++) {
                    bind(statement, i * COLUMNS, some.get(i), versionMin);
                }
                some.forEach(row -> taken.add(row.device().id()));
                try (ResultSet inserted = statement.executeQuery()) {
                    while (inserted.next()) {
                        taken.remove(Rows.deviceId(inserted));
                    }
                }
            }
        }
    }

    private static String insertOf(int rows) {
        return """
                INSERT INTO device
                  (product_key, device_key, secret, status, version, since, created_at, name)
                VALUES %s
                ON CONFLICT (product_key, device_key) DO NOTHING
                RETURNING product_key, device_key
                """
                .formatted(String.join(",", Collections.nCopies(rows, "(?, ?, ?, ?, ?, ?, ?, ?)")));
    }

    private static void bind(PreparedStatement statement, int before, Row row, long versionMin)
            throws SQLException {
        Device device = row.device();
        DeviceState state = device.state();
        statement.setString(before + 1, device.id().productKey());
        statement.setString(before + 2, device.id().deviceKey());
        statement.setString(before + 3, row.secret());
        statement.setInt(before + 4, Rows.code(state.status()));
        statement.setLong(before + 5, Math.max(state.version(), versionMin));
        statement.setLong(before + 6, state.since().toEpochMilli());
        statement.setLong(before + 7, device.createdAt().toEpochMilli());
        statement.setString(before + 8, row.name().orElse(null));
    }
}
