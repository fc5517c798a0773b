package io.muster.ca.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.issuance.IssuedCertificate;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the authority writes down what it does, before it does it and afterwards. What a method has
 * changed when it returns is durable and stays; each change happens as a whole or not at all.
 * Shared by threads, and by processes that issue from one ledger. It blocks.
 *
 * <p>If it cannot answer, it throws any exception that is none of those below; then nobody knows
 * whether a change was made, and the same may be asked for again.
 */
public interface CertificateLedger {

    /** The most entries that are read at once. */
    int PAGE_MAX = 1000;

    /** The most that are changed at once. */
    int STEP_MAX = 200;

    /**
     * What became of a reservation. In this order it is looked, and the first that holds is told.
     */
    enum Outcome {
        /** It is written down. */
        RESERVED,
        /** There is no such owner. */
        OWNER_UNKNOWN,
        /** The owner is disabled, and gets nothing until it is enabled. */
        OWNER_DISABLED,
        /** Its serial number was given before: take another. */
        SERIAL_TAKEN,
        /** The owner has asked for it before: see {@link CertificateLedger#findRequest}. */
        ALREADY_REQUESTED,
        /** The certificate by which it is renewed is not valid any more, or another owner's. */
        NOT_RENEWABLE,
        /** The owner has as many certificates as it may have. */
        LIMIT_REACHED,
        /** The key is in an entry of another owner. */
        KEY_OF_ANOTHER,
        /** Others know the key. */
        KEY_COMPROMISED
    }

    // ---------------------------------------------------------------------------------- issuing

    /**
     * Writes down that a certificate is going to be signed, unless something is against it. Between
     * the look and the writing nobody else writes anything that would be against it. The same
     * reservation once more, while it is not recorded, is {@link Outcome#RESERVED} again.
     *
     * @param liveMax how many certificates of a device may be neither revoked nor expired, with
     *     those that are reserved and this one; of other owners all may be
     */
    Outcome reserve(Reservation reservation, int liveMax);

    /**
     * Writes down what was signed, and with that binds it to its owner.
     *
     * @return whether it is valid; if not, it was revoked since it was reserved, as happens when
     *     its device is deleted, and must not be handed out
     * @throws LedgerConflictException if the serial number was never reserved, or another
     *     certificate has it
     */
    boolean record(CertificateId id, IssuedCertificate certificate, Instant time);

    /**
     * Writes down a revocation, without a reason, if the entry is still reserved: it is recorded no
     * more as valid. What was recorded in the meantime stays as it is.
     *
     * @return whether it did
     */
    boolean abandon(CertificateId id, Revocation revocation);

    /**
     * The same for entries that are reserved since before that time.
     *
     * @param limit 1 to {@link #STEP_MAX}
     * @return those that it revoked; if there are none, none is left
     */
    List<CertificateId> abandonReserved(Instant before, Revocation revocation, int limit);

    // --------------------------------------------------------------------------------- revoking

    /**
     * Writes down a revocation, as {@link Revocation#followedBy} says. An entry that is reserved is
     * revoked likewise. If the reason is that others know the key, all is done that {@link
     * #revokeKey} does.
     *
     * @return empty if there is no such entry
     */
    Optional<Revoked> revoke(CertificateId id, Revocation revocation);

    /**
     * Writes down that others know a key, if that is the reason, so that no certificate is reserved
     * for it any more, even if it has none yet; and revokes all of its entries, and what is
     * reserved by means of one of them. All of it at once.
     *
     * @return those that were revoked now, or whose reason has changed
     */
    Set<CertificateId> revokeKey(KeyHash key, Revocation revocation);

    /**
     * Revokes the entries of an owner that have not expired, some at a time; those that it gets
     * meanwhile may be missed.
     *
     * @return those that were revoked now, or whose reason has changed
     */
    Set<CertificateId> revokeAll(Owner owner, Revocation revocation);

    // ---------------------------------------------------------------------------------- finding

    /** An entry. */
    Optional<LedgerEntry> find(CertificateId id);

    /**
     * The entry that stands in the way as {@link Outcome#ALREADY_REQUESTED}: of this owner, key and
     * request key, and neither revoked nor expired at that time.
     */
    Optional<LedgerEntry> findRequest(Owner owner, KeyHash key, String requestKey, Instant time);

    /**
     * Entries for a key, whatever became of them; those that end last come first.
     *
     * @param limit 1 to {@link #PAGE_MAX}
     */
    List<LedgerEntry> findByKey(KeyHash key, int limit);

    /**
     * What is known of a key.
     *
     * @param holder whose it is; null if it was never in an entry
     * @param inUse whether one of its entries is neither revoked nor expired
     * @param compromised whether others know it, as far as was ever told
     */
    record KeyUse(@Nullable Owner holder, boolean inUse, boolean compromised) {}

    /** What is known of a key at that time. */
    KeyUse useOf(KeyHash key, Instant time);

    /**
     * Entries of an owner that are not revoked, also those that are reserved, and end at {@code
     * time} or later; those that end last come first.
     *
     * @param limit 1 to {@link #PAGE_MAX}
     */
    List<LedgerEntry> findLive(Owner owner, Instant time, int limit);

    /**
     * How many entries of an issuer, revoked or not, have not expired at a time; those that expire
     * on its day (UTC) may be among them.
     */
    long countUnexpired(IssuerId issuer, Instant time);

    /**
     * The day (UTC) on which the last entry of an issuer expires, revoked or not; empty if it has
     * none that are not reserved only.
     */
    Optional<LocalDate> lastDay(IssuerId issuer);

    /**
     * Entries that were asked for since a time by means of any certificate for a key, in the order
     * of their names, whatever became of them.
     *
     * @param since {@link Instant#MIN} for all
     * @param after the last of those before; null at first
     * @param limit 1 to {@link #PAGE_MAX}
     */
    List<LedgerEntry> findRenewedByKey(
            KeyHash key, Instant since, @Nullable CertificateId after, int limit);
}
