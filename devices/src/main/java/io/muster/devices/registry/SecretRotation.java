package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.Product;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.Secret;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.registry.secret.SecretCipher;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Changes the secrets in the rows of products and devices; shared. Every method blocks and throws
 * {@link RegistryUnavailableException} when the database cannot be asked.
 */
final class SecretRotation {

    /** Rows that one transaction tidies up. */
    private static final int ENDED_TOGETHER = 1000;

    private final RegistryDatabase database;
    private final Rows rows;

    SecretRotation(RegistryDatabase database, Rows rows) {
        this.database = database;
        this.rows = rows;
    }

    /** A row whose secret is changed: where it is, and under which name secrets are encrypted. */
    private record Place(
            String table, String what, String condition, Map<String, String> keys, String owner) {}

    /** By what it is replaced, how long it stays good, and when. */
    private record Replacement(Secret next, Duration overlap, Instant now) {}

    private interface Read<T> {
        T from(ResultSet row) throws SQLException;
    }

    /** Gives a device another secret; returns it as it is then, if there is one. */
    Optional<Device> rotate(
            DeviceId id, OptionalLong expected, Secret next, Duration overlap, Instant now) {
        return rotate(
                new Place(
                        "device",
                        "device '" + id + "'",
                        "product_key = :productKey AND device_key = :deviceKey",
                        Map.of("productKey", id.productKey(), "deviceKey", id.deviceKey()),
                        Rows.deviceOwner(id)),
                expected,
                new Replacement(next, overlap, now),
                rows::device);
    }

    /** Gives a product another secret; returns it as it is then, if there is one. */
    Optional<Product> rotate(
            String productKey, OptionalLong expected, Secret next, Duration overlap, Instant now) {
        return rotate(
                new Place(
                        "product",
                        "product '" + productKey + "'",
                        "product_key = :productKey",
                        Map.of("productKey", productKey),
                        Rows.productOwner(productKey)),
                expected,
                new Replacement(next, overlap, now),
                rows::product);
    }

    /**
     * The row is locked by an update that changes nothing, so that of two rotations at a time the
     * second finds the secret of the first. Without an overlap the present secret is not looked at:
     * so a row whose secret cannot be decrypted gets one that can.
     */
    private <T> Optional<T> rotate(
            Place place, OptionalLong expected, Replacement by, Read<T> read) {
        String sealed = database.cipher().encrypt(by.next(), place.owner());
        return database.write(
                "change the secret of " + place.owner(),
                handle ->
                        lockedSecret(handle, place, expected)
                                .map(
                                        present ->
                                                bindPrevious(
                                                                replacing(handle, place),
                                                                place,
                                                                present,
                                                                by)
                                                        .bind("next", sealed)
                                                        .map((row, context) -> read.from(row))
                                                        .one()));
    }

    private static Optional<String> lockedSecret(
            Handle handle, Place place, OptionalLong expected) {
        return handle.createQuery(
                        "UPDATE %s SET secret = secret WHERE %s RETURNING secret, revision"
                                .formatted(place.table(), place.condition()))
                .bindMap(place.keys())
                .map(
                        (row, context) -> {
                            Revisions.require(place.what(), expected, row.getLong("revision"));
                            return row.getString("secret");
                        })
                .findOne();
    }

    private static Query replacing(Handle handle, Place place) {
        return handle.createQuery(
                        """
                        UPDATE %s SET secret = :next, previous_secret = :previous,
                          previous_secret_until = :until, revision = revision + 1
                        WHERE %s RETURNING *
                        """
                                .formatted(place.table(), place.condition()))
                .bindMap(place.keys());
    }

    private Query bindPrevious(Query query, Place place, String present, Replacement by) {
        if (by.overlap().isZero()) {
            return query.bind("previous", (String) null).bind("until", (Long) null);
        }
        SecretCipher cipher = database.cipher();
        return query.bind(
                        "previous",
                        cipher.encrypt(
                                cipher.decrypt(present, place.owner()),
                                Rows.previousOf(place.owner())))
                .bind("until", by.now().plus(by.overlap()).toEpochMilli());
    }

    /** Removes the previous secrets that are not good any more; returns how many. */
    int removeEnded(Instant now) {
        int removed = removeEnded("product", "product_key", now);
        int together = ENDED_TOGETHER;
        while (together == ENDED_TOGETHER) {
            together = removeEnded("device", "product_key, device_key", now);
            removed += together;
        }
        return removed;
    }

    private int removeEnded(String table, String keys, Instant now) {
        return database.write(
                "remove previous secrets",
                handle ->
                        handle.createUpdate(
                                        """
                                        UPDATE %s SET previous_secret = NULL,
                                          previous_secret_until = NULL
                                        WHERE previous_secret_until <= :now AND (%s) IN (
                                          SELECT %s FROM %s WHERE previous_secret_until <= :now
                                          LIMIT :together)
                                        """
                                                .formatted(table, keys, keys, table))
                                .bind("now", now.toEpochMilli())
                                .bind("together", ENDED_TOGETHER)
                                .execute());
    }
}
