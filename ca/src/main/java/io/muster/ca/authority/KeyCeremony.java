package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.Owner;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.IssuerAddresses;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.SigningKey;
import io.muster.ca.ledger.CertificateId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How authorities come into being: their keys, and the certificates for them. Each step may be
 * repeated. For whoever holds the lock of the hierarchy; it blocks.
 */
final class KeyCeremony {

    private static final Logger LOG = LoggerFactory.getLogger(KeyCeremony.class);

    /** Who asks for certificates of authorities. */
    private static final String ACTOR = "ca";

    private final HierarchySettings settings;
    private final AuthorityFolder folder;
    private final KeyStorage keys;
    private final Issuance issuance;
    private final Clock clock;

    KeyCeremony(
            HierarchySettings settings,
            AuthorityFolder folder,
            KeyStorage keys,
            Issuance issuance,
            Clock clock) {
        this.settings = settings;
        this.folder = folder;
        this.keys = keys;
        this.issuance = issuance;
        this.clock = clock;
    }

    /**
     * Makes an authority, or goes on where a process has ended while doing so.
     *
     * @param root who signs it; empty of a root, which signs itself. Asked for before anything is
     *     made
     * @throws HierarchyUnusableException if the ledger or the place of the keys knows another one
     *     of this name
     */
    void make(AuthoritySettings authority, IssuerId id, Supplier<Optional<Issuer>> root) {
        requireNobodys(id);
        Optional<Issuer> present = root.get();
        IssuerAddresses addresses = settings.addresses().of(id, authority.kind());
        folder.setAddresses(id, addresses);
        SigningKey key = key(id, authority.key());
        Subject subject = authority.subject(id, settings.organization());
        Issuer signer = present.orElseGet(() -> Issuer.rootToBe(id, subject, key, addresses));
        IssuedCertificate certificate =
                issue(signer, authority.profile(), subject, key, id, id.toString());
        folder.add(id.toString(), certificate);
        LOG.info("made an authority: issuer={} signedBy={}", id, signer.id());
    }

    /** One that is there without a certificate was made by a process that ended then. */
    private SigningKey key(IssuerId id, KeyKind kind) {
        String name = id.toString();
        if (keys.holds(name)) {
            return keys.load(name);
        }
        SigningKey key = keys.generate(name, kind);
        issuance.audit().key(id, "made");
        return key;
    }

    /** Two keys under one name break the look-up of lists, and the trust of those who know one. */
    private void requireNobodys(IssuerId id) {
        if (!keys.holds(id.toString())) {
            issuance.findLive(new Owner.Authority(id))
                    .ifPresent(
                            there -> {
                                throw isKnown(id, there);
                            });
        } else if (!folder.hasAddresses(id)) {
            throw new HierarchyUnusableException(
                    "there is a key "
                            + id
                            + " already, which was not made for "
                            + folder.path()
                            + ": where another hub has its keys in this place, take another one,"
                            + " such as another token; or put that folder back as it was");
        }
    }

    private HierarchyUnusableException isKnown(IssuerId id, CertificateId there) {
        return new HierarchyUnusableException(
                "the ledger knows authority "
                        + id
                        + ", by certificate "
                        + there
                        + ", but neither its certificate nor its key is in "
                        + folder.path()
                        + ": put that folder and the keys back as they were; or, if another hub"
                        + " with this ledger has them, let this one have no authority");
    }

    private IssuedCertificate issue(
            Issuer signer,
            IssuanceProfile profile,
            Subject subject,
            SigningKey key,
            IssuerId owner,
            String requestKey) {
        CertificateOrder order =
                CertificateOrder.ofOwnKey(profile, subject, key, new Owner.Authority(owner), ACTOR)
                        .withRequestKey(requestKey);
        issuance.abandonUnfinished(order);
        if (issuance.wasRevoked(order)) {
            throw new HierarchyUnusableException(
                    "the certificate "
                            + requestKey
                            + " was issued before and is revoked; begin a new generation");
        }
        return issuance.issue(signer, order).requireCertificate();
    }

    /** What the certificate of a root is called that another one has signed. */
    static String crossName(Issuer signer, Issuer signed) {
        return signed.id() + ".by." + signer.id();
    }

    /** Signs the key of a root by another root. */
    void crossSign(Issuer signer, Issuer signed) {
        String name = crossName(signer, signed);
        IssuedCertificate own = signed.certificate();
        Instant end =
                Stream.of(own, signer.certificate())
                        .map(certificate -> certificate.validity().notAfter())
                        .min(Comparator.naturalOrder())
                        .orElseThrow();
        // A minute less than there is, as time passes until it is signed.
        Instant begin = clock.instant().minus(IssuanceProfile.BACKDATED);
        Duration life = Duration.between(begin, end).minusMinutes(1);
        IssuanceProfile profile =
                IssuanceProfile.of(CertificateKind.CROSS)
                        .withKeys(Set.of(KeyKind.of(signed.key().publicKey()).orElseThrow()))
                        .withLife(life, life);
        Subject subject = settings.root().subject(signed.id(), settings.organization());
        folder.add(name, issue(signer, profile, subject, signed.key(), signed.id(), name));
        LOG.info("signed a root by another: root={} signedBy={}", signed.id(), signer.id());
    }
}
