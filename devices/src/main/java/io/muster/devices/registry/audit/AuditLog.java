package io.muster.devices.registry.audit;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.registry.RegistryDatabase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The audit log as it stands in the database; shared. Rows are added, told once how they ended, and
 * deleted when they are old; nothing else changes them. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 */
public final class AuditLog {

    /** Greater than each character that there is, in the order of bytes. */
    private static final String LAST_CHARACTER = new String(Character.toChars(0x10FFFF));

    private static final String PREFIX_MARK = "*";

    private final RegistryDatabase database;

    /** On an open database. */
    public AuditLog(RegistryDatabase database) {
        this.database = database;
    }

    /**
     * Adds entries, and tells rows how they ended; all of it is durable when this returns, or
     * nothing is written.
     *
     * @param entries in the order of their numbers
     * @param ended rows with what they say now; those that have ended already stay as they are
     * @return the number of the first entry; those behind follow one by one
     */
    public long write(List<AuditEntry> entries, List<AuditRow> ended) {
        return database.write(
                "write the audit log",
                handle -> {
                    long last = number(handle, entries.size());
                    long first = last - entries.size() + 1;
                    insert(handle, entries, first);
                    end(handle, ended);
                    return first;
                });
    }

    /** Holds the row until the transaction ends: who comes next gets greater numbers. */
    private static long number(Handle handle, int count) {
        return handle.createQuery(
                        "UPDATE audit_number SET last = last + :count WHERE id = 1 RETURNING last")
                .bind("count", count)
                .mapTo(Long.class)
                .one();
    }

    private static void insert(Handle handle, List<AuditEntry> entries, long first) {
        if (entries.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch(
                        """
                        INSERT INTO audit (id, time, actor, address, act, object, outcome, status,
                          detail)
                        VALUES (:id, :time, :actor, :address, :act, :object, :outcome, :status,
                          :detail)
                        """);
        for (int i = 0; i < entries.size(); i++) {
            AuditEntry entry = entries.get(i);
            batch.bind("id", first + i)
                    .bind("time", entry.time().toEpochMilli())
                    .bind("actor", entry.actor())
                    .bind("address", entry.address())
                    .bind("act", entry.act())
                    .bind("object", entry.object())
                    .bind("outcome", entry.outcome().code())
                    .bind("status", entry.status())
                    .bind("detail", entry.detail())
                    .add();
        }
        batch.execute();
    }

    private static void end(Handle handle, List<AuditRow> ended) {
        if (ended.isEmpty()) {
            return;
        }
        PreparedBatch batch =
                handle.prepareBatch(
                        """
                        UPDATE audit SET outcome = :outcome, status = :status, object = :object,
                          detail = :detail
                        WHERE id = :id AND outcome = 0
                        """);
        for (AuditRow row : ended) {
            batch.bind("id", row.id())
                    .bind("outcome", row.entry().outcome().code())
                    .bind("status", row.entry().status())
                    .bind("object", row.entry().object())
                    .bind("detail", row.entry().detail())
                    .add();
        }
        batch.execute();
    }

    /**
     * Rows to which {@code filter} applies, newest first.
     *
     * @param before only those with smaller numbers
     * @param limit at most so many
     */
    public List<AuditRow> list(AuditFilter filter, long before, int limit) {
        List<String> conditions = new ArrayList<>(List.of("id < :before"));
        Map<String, Object> values = new LinkedHashMap<>(Map.of("before", before, "limit", limit));
        filter.from()
                .ifPresent(from -> add(conditions, values, "time >= :from", from.toEpochMilli()));
        filter.to().ifPresent(to -> add(conditions, values, "time < :to", to.toEpochMilli()));
        addText(conditions, values, "actor", filter.actor());
        addText(conditions, values, "object", filter.object());
        addText(conditions, values, "act", filter.act());
        String sql =
                "SELECT * FROM audit WHERE "
                        + String.join(" AND ", conditions)
                        + " ORDER BY id DESC LIMIT :limit";
        return database.read(
                "list the audit log",
                handle ->
                        handle.createQuery(sql)
                                .bindMap(values)
                                .map((row, context) -> row(row))
                                .list());
    }

    private static void add(
            List<String> conditions, Map<String, Object> values, String condition, Object value) {
        conditions.add(condition);
        values.put(condition.substring(condition.indexOf(':') + 1), value);
    }

    /** {@code column} is one of ours, never what somebody sent. */
    private static void addText(
            List<String> conditions,
            Map<String, Object> values,
            String column,
            Optional<String> wanted) {
        if (wanted.isEmpty()) {
            return;
        }
        String text = wanted.get();
        if (!text.endsWith(PREFIX_MARK)) {
            add(conditions, values, column + " = :" + column, text);
            return;
        }
        String prefix = text.substring(0, text.length() - 1);
        add(conditions, values, column + " >= :" + column, prefix);
        add(conditions, values, column + " < :" + column + "End", prefix + LAST_CHARACTER);
    }

    /**
     * Deletes some of the oldest rows, if they are too old or too many.
     *
     * @param olderThan rows of before this time go
     * @param rowsMax and those that are more than so many
     * @param atOnce at most so many now
     * @return how many went
     */
    public int deleteOld(Instant olderThan, long rowsMax, int atOnce) {
        return database.write(
                "delete old rows of the audit log",
                handle ->
                        handle.createUpdate(
                                        """
                                        DELETE FROM audit
                                        WHERE id IN (SELECT id FROM audit ORDER BY id LIMIT :atOnce)
                                          AND (time < :olderThan
                                            OR id <= (SELECT last FROM audit_number) - :rowsMax)
                                        """)
                                .bind("atOnce", atOnce)
                                .bind("olderThan", olderThan.toEpochMilli())
                                .bind("rowsMax", rowsMax)
                                .execute());
    }

    private static AuditRow row(ResultSet row) throws SQLException {
        return new AuditRow(
                row.getLong("id"),
                new AuditEntry(
                        Instant.ofEpochMilli(row.getLong("time")),
                        row.getString("actor"),
                        row.getString("address"),
                        row.getString("act"),
                        row.getString("object"),
                        Outcome.ofCode(row.getInt("outcome")),
                        row.getInt("status"),
                        row.getString("detail")));
    }
}
