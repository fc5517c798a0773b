package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.SigningKey;
import io.muster.ca.ledger.CertificateId;
import io.muster.ca.ledger.CertificateLedger;
import io.muster.ca.ledger.LedgerEntry;
import io.muster.ca.ledger.Reservation;
import io.muster.ca.ledger.Revocation;
import io.muster.ca.ledger.Revoked;
import java.io.OutputStream;
import java.security.PublicKey;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.operator.ContentSigner;
import org.jspecify.annotations.Nullable;

/**
 * Ends a process, as it were, at the n-th of the moments at which that makes a difference: before
 * and after whatever is durable, and around the signature. Confined to a thread.
 */
final class CrashPoints {

    /** The process has ended; an error, so that nobody carries on. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;

        Crash(String point) {
            super(point);
        }
    }

    private final int at;
    private final List<String> reached = new ArrayList<>();

    CrashPoints(int at) {
        this.at = at;
    }

    /** What was reached, in this order. */
    List<String> reached() {
        return reached;
    }

    private void reach(String point) {
        reached.add(point);
        if (reached.size() - 1 == at) {
            throw new Crash(point);
        }
    }

    SigningKey around(SigningKey key) {
        return new SigningKey() {
            @Override
            public PublicKey publicKey() {
                return key.publicKey();
            }

            @Override
            public AlgorithmIdentifier algorithm() {
                return key.algorithm();
            }

            @Override
            public ContentSigner signer() {
                return around(key.signer());
            }
        };
    }

    private ContentSigner around(ContentSigner signer) {
        return new ContentSigner() {
            @Override
            public AlgorithmIdentifier getAlgorithmIdentifier() {
                return signer.getAlgorithmIdentifier();
            }

            @Override
            public OutputStream getOutputStream() {
                return signer.getOutputStream();
            }

            @Override
            public byte[] getSignature() {
                reach("before the signature");
                byte[] signature = signer.getSignature();
                reach("after the signature");
                return signature;
            }
        };
    }

    KeyStorage around(KeyStorage keys) {
        return new KeyStorage() {
            @Override
            public boolean holds(String name) {
                return keys.holds(name);
            }

            @Override
            public SigningKey load(String name) {
                return around(keys.load(name));
            }

            @Override
            public SigningKey generate(String name, KeyKind kind) {
                reach("before the key");
                SigningKey key = keys.generate(name, kind);
                reach("after the key");
                return around(key);
            }

            @Override
            public void destroy(String name) {
                reach("before the key is deleted");
                keys.destroy(name);
                reach("after the key is deleted");
            }
        };
    }

    CertificateLedger around(CertificateLedger ledger) {
        return new CrashingLedger(ledger);
    }

    private final class CrashingLedger implements CertificateLedger {

        private final CertificateLedger ledger;

        CrashingLedger(CertificateLedger ledger) {
            this.ledger = ledger;
        }

        @Override
        public Outcome reserve(Reservation reservation, int liveMax) {
            reach("before the reservation");
            Outcome outcome = ledger.reserve(reservation, liveMax);
            reach("after the reservation");
            return outcome;
        }

        @Override
        public boolean record(CertificateId id, IssuedCertificate certificate, Instant time) {
            reach("before the record");
            boolean valid = ledger.record(id, certificate, time);
            reach("after the record");
            return valid;
        }

        @Override
        public boolean abandon(CertificateId id, Revocation revocation) {
            return ledger.abandon(id, revocation);
        }

        @Override
        public List<CertificateId> abandonReserved(
                Instant before, Revocation revocation, int limit) {
            return ledger.abandonReserved(before, revocation, limit);
        }

        @Override
        public Optional<Revoked> revoke(CertificateId id, Revocation revocation) {
            return ledger.revoke(id, revocation);
        }

        @Override
        public Set<CertificateId> revokeKey(KeyHash key, Revocation revocation) {
            return ledger.revokeKey(key, revocation);
        }

        @Override
        public Set<CertificateId> revokeAll(Owner owner, Revocation revocation) {
            return ledger.revokeAll(owner, revocation);
        }

        @Override
        public Optional<LedgerEntry> find(CertificateId id) {
            return ledger.find(id);
        }

        @Override
        public Optional<LedgerEntry> findRequest(
                Owner owner, KeyHash key, String requestKey, Instant time) {
            return ledger.findRequest(owner, key, requestKey, time);
        }

        @Override
        public List<LedgerEntry> findByKey(KeyHash key, int limit) {
            return ledger.findByKey(key, limit);
        }

        @Override
        public KeyUse useOf(KeyHash key, Instant time) {
            return ledger.useOf(key, time);
        }

        @Override
        public List<LedgerEntry> findLive(Owner owner, Instant time, int limit) {
            return ledger.findLive(owner, time, limit);
        }

        @Override
        public Optional<LocalDate> lastDay(IssuerId issuer) {
            return ledger.lastDay(issuer);
        }

        @Override
        public long countUnexpired(IssuerId issuer, Instant time) {
            return ledger.countUnexpired(issuer, time);
        }

        @Override
        public List<LedgerEntry> findRenewedByKey(
                KeyHash key, Instant since, @Nullable CertificateId after, int limit) {
            return ledger.findRenewedByKey(key, since, after, limit);
        }
    }
}
