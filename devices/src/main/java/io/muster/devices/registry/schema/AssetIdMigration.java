package io.muster.devices.registry.schema;

import io.muster.devices.DeviceId;
import io.muster.devices.details.AssetId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.jspecify.annotations.Nullable;

/**
 * V14: devices are found by their asset identifiers. What these are no SQL can say that both
 * databases understand, so the rows that there are already are gone through here.
 */
public final class AssetIdMigration implements JavaMigration {

    private static final int TOGETHER = 1_000;

    private static final String PAGE =
            "SELECT product_key, device_key FROM device"
                    + " WHERE (product_key, device_key) > (?, ?)"
                    + " ORDER BY product_key, device_key LIMIT "
                    + TOGETHER;

    private static final String FILL =
            "UPDATE device SET asset = ? WHERE product_key = ? AND device_key = ?";

    @Override
    public MigrationVersion getVersion() {
        return MigrationVersion.fromVersion("14");
    }

    @Override
    public String getDescription() {
        return "asset identifiers";
    }

    @Override
    public @Nullable Integer getChecksum() {
        return null;
    }

    @Override
    public boolean canExecuteInTransaction() {
        return true;
    }

    /** The index comes last: filled at once, it is written in its order. */
    @Override
    public void migrate(Context context) throws SQLException {
        Connection connection = context.getConnection();
        execute(connection, "ALTER TABLE device ADD COLUMN asset BIGINT");
        try (PreparedStatement page = connection.prepareStatement(PAGE);
                PreparedStatement fill = connection.prepareStatement(FILL)) {
            List<DeviceId> ids = next(page, "", "");
            while (!ids.isEmpty()) {
                fill(fill, ids);
                DeviceId last = ids.get(ids.size() - 1);
                ids = next(page, last.productKey(), last.deviceKey());
            }
        }
        execute(connection, "CREATE INDEX device_asset ON device (asset)");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<DeviceId> next(PreparedStatement page, String productKey, String deviceKey)
            throws SQLException {
        page.setString(1, productKey);
        page.setString(2, deviceKey);
        List<DeviceId> ids = new ArrayList<>(TOGETHER);
        try (ResultSet rows = page.executeQuery()) {
            while (rows.next()) {
                ids.add(new DeviceId(rows.getString("product_key"), rows.getString("device_key")));
            }
        }
        return ids;
    }

    private static void fill(PreparedStatement fill, List<DeviceId> ids) throws SQLException {
        for (DeviceId id : ids) {
            fill.setLong(1, AssetId.of(id).number());
            fill.setString(2, id.productKey());
            fill.setString(3, id.deviceKey());
            fill.addBatch();
        }
        fill.executeBatch();
    }
}
