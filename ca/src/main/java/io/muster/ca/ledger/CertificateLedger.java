package io.muster.ca.ledger;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.SerialNumber;
import io.muster.ca.issuance.IssuedCertificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the authority writes down what it does, before it does it and afterwards. What a method has
 * changed when it returns is durable and stays; each change happens as a whole or not at all.
 * Shared by threads, and by processes that issue from one ledger. It blocks.
 *
 * <p>If it cannot answer, it throws any exception that is none of those below; then nobody knows
 * whether a change was made.
 */
public interface CertificateLedger {

    /** What became of a reservation. */
    enum Outcome {
        /** It is written down. */
        RESERVED,
        /** Its serial number was given before: take another. */
        SERIAL_TAKEN,
        /**
         * The owner has asked for it before, with the same key and request key, and that is not
         * revoked without a certificate: see {@link CertificateLedger#findRequest}.
         */
        ALREADY_REQUESTED,
        /** The key is in an entry of another owner. */
        KEY_OF_ANOTHER,
        /** The key is in an entry that is revoked since others know it. */
        KEY_COMPROMISED,
        /** The certificate by which it is renewed is not valid any more, or another owner's. */
        NOT_RENEWABLE
    }

    /**
     * Writes down that a certificate is going to be signed, unless something is against it. Between
     * the look and the writing nobody else writes anything that would be against it.
     */
    Outcome reserve(Reservation reservation);

    /**
     * Writes down what was signed, and with that binds it to its owner.
     *
     * @throws LedgerConflictException if the serial number is not reserved, or not any more
     */
    void record(CertificateId id, IssuedCertificate certificate);

    /**
     * Writes down a revocation, as {@link LedgerEntry#revoked} says, and tells what is true
     * afterwards. An entry that is reserved is revoked likewise, and can be recorded no more. Empty
     * if there is no such entry.
     */
    Optional<LedgerEntry> revoke(CertificateId id, Revocation revocation);

    /**
     * Writes down a revocation if the entry is still reserved; what was recorded in the meantime
     * stays as it is.
     */
    void abandon(CertificateId id, Revocation revocation);

    /** An entry. */
    Optional<LedgerEntry> find(CertificateId id);

    /**
     * The entry that stands in the way as {@link Outcome#ALREADY_REQUESTED}: of this owner, key and
     * request key, and not revoked without a certificate.
     */
    Optional<LedgerEntry> findRequest(String owner, KeyHash key, String requestKey);

    /** All entries for a key. */
    List<LedgerEntry> findByKey(KeyHash key);

    /** All entries of an owner that are not revoked and end after {@code time}. */
    List<LedgerEntry> findLive(String owner, Instant time);

    /** All entries that were renewed by means of that certificate. */
    List<LedgerEntry> findRenewedFrom(CertificateId id);

    /**
     * Revoked entries of an issuer in the order of their serial numbers, some at a time.
     *
     * @param after the last of those before; null at first
     * @param limit so many at most
     */
    List<LedgerEntry> findRevoked(IssuerId issuer, @Nullable SerialNumber after, int limit);

    /**
     * Entries that are reserved, since before that time.
     *
     * @param limit so many at most
     */
    List<LedgerEntry> findReserved(Instant before, int limit);
}
