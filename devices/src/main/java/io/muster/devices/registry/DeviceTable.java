package io.muster.devices.registry;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceState;
import io.muster.devices.NotFoundException;
import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.details.AssetId;
import io.muster.devices.details.WantedDevice;
import io.muster.devices.product.RevisionConflictException;
import io.muster.devices.registry.DeviceValues.Kind;
import io.muster.devices.registry.revision.Revisions;
import io.muster.devices.registry.revocation.Revocations;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * The rows of devices, which come and go; shared. Every method blocks and throws {@link
 * RegistryUnavailableException} when the database cannot be asked.
 *
 * <p>The version of a new row is greater than those of all rows that were deleted: so consumers are
 * not fooled by a device that is deleted and registered again, and a state that is written late for
 * the old one does not reach the new one. Its certificates go likewise: those of whom is deleted
 * are revoked in the same transaction.
 */
final class DeviceTable {

    private final RegistryDatabase database;
    private final Rows rows;

    /**
     * What a deletion took.
     *
     * @param state that the row of the device had
     * @param certificates that are revoked with it
     */
    record Deleted(DeviceState state, Set<CertificateId> certificates) {

        /** The same with the certificates of another deletion of that name, which came before. */
        Deleted after(Deleted before) {
            Set<CertificateId> both = new HashSet<>(certificates);
            both.addAll(before.certificates);
            return new Deleted(state, Set.copyOf(both));
        }
    }

    DeviceTable(RegistryDatabase database, Rows rows) {
        this.database = database;
        this.rows = rows;
    }

    /**
     * Adds a device; empty if its key is taken.
     *
     * @param details what else is stored of it
     * @return the device with the version that it has got
     * @throws NotFoundException if there is no such product
     */
    Optional<Device> insert(Device device, WantedDevice details) {
        String secret = database.cipher().encrypt(device.secret(), Rows.deviceOwner(device.id()));
        return database.write(
                        "create device " + device.id(),
                        handle -> {
                            ProductRegistry.requireKnown(handle, device.id().productKey());
                            Optional<Long> version = insert(handle, device, secret, details.name());
                            if (version.isPresent()) {
                                DeviceValues.put(handle, device.id(), Kind.TAG, details.tags());
                                DeviceValues.put(
                                        handle, device.id(), Kind.ATTRIBUTE, details.attributes());
                            }
                            return version;
                        })
                .map(device::withVersion);
    }

    private static Optional<Long> insert(
            Handle handle, Device device, String secret, Optional<String> name) {
        return handle.createQuery(
                        """
                        INSERT INTO device (product_key, device_key, asset, secret, name,
                          status, version, since, created_at)
                        SELECT :productKey, :deviceKey, :asset, :secret, :name, :status,
                          CASE WHEN version < :version THEN :version ELSE version + 1 END,
                          :since, :createdAt
                        FROM deleted_version WHERE id = 1
                        ON CONFLICT (product_key, device_key) DO NOTHING
                        RETURNING version
                        """)
                .bind("productKey", device.id().productKey())
                .bind("deviceKey", device.id().deviceKey())
                .bind("asset", AssetId.of(device.id()).number())
                .bind("secret", secret)
                .bind("name", name)
                .bind("status", Rows.code(device.status()))
                .bind("version", device.state().version())
                .bind("since", device.state().since().toEpochMilli())
                .bind("createdAt", device.createdAt().toEpochMilli())
                .mapTo(Long.class)
                .findOne();
    }

    /** The greatest version that a state of a deleted device had. */
    static long deletedVersion(Handle handle) {
        return handle.createQuery("SELECT version FROM deleted_version WHERE id = 1")
                .mapTo(Long.class)
                .one();
    }

    /** See {@link DeviceRegistry#requireRevision}. */
    void requireRevision(DeviceId id, OptionalLong revision) {
        database.<Boolean>write(
                "look at device " + id,
                handle -> {
                    Revisions.require(handle, id, revision);
                    return true;
                });
    }

    /**
     * Deletes a device; returns what that took, if there was one.
     *
     * @param now when its certificates are revoked
     * @param perhaps is given what may be deleted, though this fails
     * @throws RevisionConflictException if it has not this revision
     */
    Optional<Deleted> delete(
            DeviceId id, OptionalLong revision, Instant now, Map<DeviceId, Deleted> perhaps) {
        return Optional.ofNullable(
                database.write(
                                "delete device " + id,
                                handle -> {
                                    if (revision.isPresent()) {
                                        Revisions.require(handle, id, revision);
                                    }
                                    return delete(
                                            handle,
                                            "device_key = :deviceKey",
                                            Map.of(
                                                    "productKey",
                                                    id.productKey(),
                                                    "deviceKey",
                                                    id.deviceKey()),
                                            now,
                                            perhaps);
                                })
                        .get(id));
    }

    /**
     * Deletes the first devices of a product, not more than {@code max}.
     *
     * @param now when their certificates are revoked
     * @param perhaps is given what may be deleted, though this fails
     */
    Map<DeviceId, Deleted> deleteSome(
            String productKey, int max, Instant now, Map<DeviceId, Deleted> perhaps) {
        return database.write(
                "delete devices of product " + productKey,
                handle -> {
                    ProductRegistry.requireKnown(handle, productKey);
                    return delete(
                            handle,
                            """
                            device_key IN (
                              SELECT device_key FROM device WHERE product_key = :productKey
                              ORDER BY device_key LIMIT :max)
                            """,
                            Map.of("productKey", productKey, "max", max),
                            now,
                            perhaps);
                });
    }

    /**
     * The device, after a change of it that may be under way in the database: its row is locked for
     * a moment.
     */
    Optional<Device> findSurely(DeviceId id) {
        return database.write(
                "find device " + id,
                handle ->
                        handle.createQuery(
                                        """
                                        UPDATE device SET revision = revision
                                        WHERE product_key = :productKey AND device_key = :deviceKey
                                        RETURNING *
                                        """)
                                .bind("productKey", id.productKey())
                                .bind("deviceKey", id.deviceKey())
                                .map((row, context) -> rows.device(row))
                                .findOne());
    }

    private Map<DeviceId, Deleted> delete(
            Handle handle,
            String which,
            Map<String, ?> arguments,
            Instant now,
            Map<DeviceId, Deleted> perhaps) {
        Map<DeviceId, DeviceState> states = new LinkedHashMap<>();
        handle.createQuery(
                        """
                        DELETE FROM device WHERE product_key = :productKey AND %s
                        RETURNING product_key, device_key, status, version, since
                        """
                                .formatted(which))
                .bindMap(arguments)
                .map((row, context) -> Map.entry(Rows.deviceId(row), rows.state(row)))
                .forEach(entry -> states.put(entry.getKey(), entry.getValue()));
        states.values().stream()
                .mapToLong(DeviceState::version)
                .max()
                .ifPresent(version -> noteDeleted(handle, version));
        Map<DeviceId, Set<CertificateId>> revoked =
                Revocations.ofDeleted(handle, states.keySet(), now);
        Map<DeviceId, Deleted> deleted = new LinkedHashMap<>();
        states.forEach(
                (id, state) ->
                        deleted.put(id, new Deleted(state, revoked.getOrDefault(id, Set.of()))));
        perhaps.clear();
        perhaps.putAll(deleted);
        return deleted;
    }

    /** A state of a deleted device had this version, whatever its row said. */
    void noteDeleted(long version) {
        var unused =
                database.write(
                        "note the version of a deleted device",
                        handle -> noteDeleted(handle, version));
    }

    private static int noteDeleted(Handle handle, long version) {
        return handle.createUpdate(
                        "UPDATE deleted_version SET version = :version"
                                + " WHERE id = 1 AND version < :version")
                .bind("version", version)
                .execute();
    }
}
