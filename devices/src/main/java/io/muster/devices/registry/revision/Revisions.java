package io.muster.devices.registry.revision;

import io.muster.devices.DeviceId;
import io.muster.devices.NotFoundException;
import io.muster.devices.product.RevisionConflictException;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * Revisions, within a transaction that changes something. What is thrown here undoes the
 * transaction.
 */
public final class Revisions {

    /** Sets a row's next revision: one that no row of its name had before {@code :now}. */
    public static final String NEXT =
            "revision = CASE WHEN revision < :now THEN :now ELSE revision + 1 END";

    private Revisions() {}

    /**
     * Makes the revision of a device the next one, and so locks its row: of two that change it at a
     * time, the second finds the revision of the first.
     *
     * @param expected the revision that it must have; empty if any will do
     * @throws NotFoundException if there is no such device
     * @throws RevisionConflictException if it has another
     */
    public static void next(Handle handle, DeviceId id, OptionalLong expected) {
        advance(handle, id, 1, expected);
    }

    /** Locks the row of a device and leaves its revision; otherwise like {@link #next}. */
    public static void require(Handle handle, DeviceId id, OptionalLong expected) {
        advance(handle, id, 0, expected);
    }

    private static void advance(Handle handle, DeviceId id, int step, OptionalLong expected) {
        long next =
                handle.createQuery(
                                """
                                UPDATE device SET revision = revision + :step
                                WHERE product_key = :productKey AND device_key = :deviceKey
                                RETURNING revision
                                """)
                        .bind("step", step)
                        .bind("productKey", id.productKey())
                        .bind("deviceKey", id.deviceKey())
                        .mapTo(Long.class)
                        .findOne()
                        .orElseThrow(() -> new NotFoundException("device '" + id + "' is unknown"));
        long present = next - step;
        require("device '" + id + "'", expected, present);
    }

    /**
     * The revision of an account, whose row is locked until the transaction ends; empty if there is
     * no such account.
     *
     * @param table of accounts that have a {@code username}
     */
    public static Optional<Long> ofAccount(Handle handle, String table, String username) {
        return handle.createQuery(
                        "UPDATE %s SET revision = revision WHERE username = :username RETURNING revision"
                                .formatted(table))
                .bind("username", username)
                .mapTo(Long.class)
                .findOne();
    }

    /**
     * Looks whether something has the revision that it must have.
     *
     * @param what it is, such as {@code product 'pump'}
     * @param expected empty if any will do; 0 if there must be none
     * @param present 0 if there is none
     * @throws RevisionConflictException if it has another
     */
    public static void require(String what, OptionalLong expected, long present) {
        if (expected.isPresent() && expected.getAsLong() != present) {
            throw new RevisionConflictException(what, expected.getAsLong(), present);
        }
    }
}
