package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.crl.CrlIssuer;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.IssuerAddresses;
import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import io.muster.ca.key.StoredKey;
import io.muster.ca.ledger.CertificateId;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roots and the issuers, their keys and certificates, and which generation of each issues.
 *
 * <p>A new key is a new generation with a name of its own. It is made ({@link #prepareNext}), those
 * who check certificates come to trust it ({@link #bundle}), and only then does it issue ({@link
 * #activate}); the one before goes on signing revocation lists. The key of the root is read when
 * something needs it, and may be elsewhere at all other times.
 *
 * <p>Shared by threads. What only asks does not block; what changes something blocks, one after the
 * other.
 */
public final class Hierarchy {

    static final Comparator<IssuerId> ORDER =
            Comparator.comparing(IssuerId::authority).thenComparing(IssuerId::generation);

    private static final Logger LOG = LoggerFactory.getLogger(Hierarchy.class);

    private final HierarchySettings settings;
    private final AuthorityFolder folder;
    private final KeyStorage keys;
    private final Issuance issuance;
    private final Clock clock;
    private final KeyCeremony ceremony;
    private final DestroyedKeys destroyed;
    private volatile HierarchyState state;

    private Hierarchy(
            Path folder,
            HierarchySettings settings,
            KeyStorage keys,
            Issuance issuance,
            Clock clock) {
        this.settings = settings;
        this.folder = new AuthorityFolder(folder);
        this.keys = keys;
        this.issuance = issuance;
        this.clock = clock;
        this.ceremony = new KeyCeremony(settings, this.folder, keys, issuance, clock);
        this.destroyed = new DestroyedKeys(this.folder);
        this.folder.tidy();
        this.state = load();
    }

    /**
     * Opens the authorities of a folder. Those of the settings that are not there are made; it goes
     * on where a process has ended while doing so.
     *
     * @throws HierarchyUnusableException if files are damaged or do not fit together
     * @throws KeyUnusableException if a key is there and cannot be read, or the root's is needed
     *     for another authority and is not there
     */
    public static Hierarchy open(
            Path folder,
            HierarchySettings settings,
            KeyStorage keys,
            Issuance issuance,
            Clock clock) {
        Hierarchy hierarchy = new Hierarchy(folder, settings, keys, issuance, clock);
        hierarchy.createMissing();
        return hierarchy;
    }

    private synchronized void createMissing() {
        for (AuthoritySettings authority : settings.all()) {
            String name = authority.name();
            if (state.newest(name).isEmpty()) {
                create(authority, new IssuerId(name, 1));
                state = load();
            }
            List<IssuerId> generations = state.generations(name);
            if (!state.hasActive(name) && generations.size() == 1) {
                setActive(generations.get(0));
            }
            state.certificate(state.activeId(name));
        }
    }

    private void setActive(IssuerId id) {
        Map<String, Integer> active = new TreeMap<>(state.active());
        active.put(id.authority(), id.generation());
        folder.setActive(active);
        state = load();
    }

    /** Reads everything anew, as keys may have come or gone. */
    public synchronized void reload() {
        state = load();
    }

    /**
     * Looks for keys: one of an issuer that has come back is used from the return on. To be called
     * from time to time.
     *
     * @return why issuers that issue now cannot sign
     */
    public synchronized Map<IssuerId, String> lookForKeys() {
        Map<IssuerId, String> missing = missingKeys();
        boolean isBack =
                missing.keySet().stream().anyMatch(id -> state.issuer(id).isEmpty() && isBack(id));
        if (!isBack) {
            return missing;
        }
        state = load();
        return missingKeys();
    }

    private boolean isBack(IssuerId id) {
        try {
            return !isDestroyed(id) && keys.holds(id.toString());
        } catch (KeyUnusableException away) {
            return false;
        }
    }

    private Map<IssuerId, String> missingKeys() {
        Map<IssuerId, String> missing = new TreeMap<>(ORDER);
        for (AuthoritySettings authority : settings.issuing()) {
            IssuerId id = state.activeId(authority.name());
            Optional<Issuer> issuer = state.issuer(id);
            if (issuer.isEmpty()) {
                missing.put(id, "its key is " + (isDestroyed(id) ? "destroyed" : "not here"));
            } else {
                unusable(issuer.get().key()).ifPresent(why -> missing.put(id, why));
            }
        }
        return missing;
    }

    private static Optional<String> unusable(SigningKey key) {
        try {
            key.requireUsable();
            return Optional.empty();
        } catch (KeyUnusableException away) {
            return Optional.of(String.valueOf(away.getMessage()));
        }
    }

    private HierarchyState load() {
        destroyed.load();
        Map<IssuerId, IssuedCertificate> certificates = folder.certificates();
        Map<String, IssuedCertificate> crossCertificates = folder.crossCertificates();
        Map<String, IssuerId> signers = HierarchyState.signers(certificates, crossCertificates);
        Set<String> revoked = new TreeSet<>();
        certificates.forEach((id, one) -> addIfRevoked(revoked, id.toString(), one, signers));
        crossCertificates.forEach((name, one) -> addIfRevoked(revoked, name, one, signers));
        Map<IssuerId, IssuerAddresses> addresses = new TreeMap<>(ORDER);
        Map<IssuerId, Issuer> issuers = new TreeMap<>(ORDER);
        certificates.forEach(
                (id, certificate) -> {
                    addresses.put(id, folder.addresses(id));
                    CertificateKind kind = HierarchyState.kind(certificate);
                    if (kind != CertificateKind.ROOT && isUsable(id)) {
                        issuers.put(id, issuer(id, kind, certificate));
                    }
                });
        return new HierarchyState(
                certificates,
                crossCertificates,
                issuers,
                folder.active(),
                addresses,
                revoked,
                folder.retired(),
                signers);
    }

    private void addIfRevoked(
            Set<String> revoked,
            String name,
            IssuedCertificate certificate,
            Map<String, IssuerId> signers) {
        IssuerId signer = Objects.requireNonNull(signers.get(name));
        if (issuance.isRevoked(new CertificateId(signer, certificate.serial()))) {
            LOG.warn("certificate of an authority is revoked, it issues nothing: name={}", name);
            revoked.add(name);
        }
    }

    private boolean isUsable(IssuerId id) {
        boolean held = keys.holds(id.toString());
        if (!held && !isDestroyed(id)) {
            LOG.warn("key of issuer is not here, so it signs nothing: issuer={}", id);
        }
        if (held && isDestroyed(id)) {
            LOG.warn("key of issuer is here although it was destroyed, unused: issuer={}", id);
        }
        return held && !isDestroyed(id);
    }

    private Issuer issuer(IssuerId id, CertificateKind kind, IssuedCertificate certificate) {
        SigningKey key = destroyed.untilDestroyed(id, keys.load(id.toString()));
        try {
            return Issuer.of(id, kind, certificate, key, folder.addresses(id));
        } catch (IllegalArgumentException anotherKey) {
            throw new HierarchyUnusableException(
                    "file " + id + ".crt: " + anotherKey.getMessage(), anotherKey);
        }
    }

    private void create(AuthoritySettings authority, IssuerId id) {
        boolean isRoot = authority.kind() == CertificateKind.ROOT;
        ceremony.make(authority, id, () -> isRoot ? Optional.empty() : Optional.of(signingRoot()));
    }

    /**
     * The root that signs now, with its key, for what is to be signed at once.
     *
     * @throws KeyUnusableException if its key is not here; the message says which it is
     */
    public Issuer root() {
        IssuerId id = state.activeId(settings.root().name());
        return root(id);
    }

    private Issuer signingRoot() {
        IssuerId id = state.activeId(settings.root().name());
        if (state.isRevoked(id)) {
            throw new HierarchyUnusableException(
                    "root " + id + " is revoked and signs nothing; prepare the next one");
        }
        return root(id);
    }

    private Issuer root(IssuerId id) {
        return issuer(id, CertificateKind.ROOT, state.certificate(id));
    }

    /**
     * The issuer of this authority that issues now.
     *
     * @throws RequestRefusedException if its key is not here, or it is revoked
     * @throws IllegalArgumentException if there is no such authority
     */
    public Issuer active(String authority) {
        settings.of(authority);
        HierarchyState now = state;
        IssuerId id = now.activeId(authority);
        if (now.isRevoked(id)) {
            throw new RequestRefusedException(
                    RefusalCode.ISSUER_UNAVAILABLE,
                    "issuer " + id + " is revoked and signs revocation lists only");
        }
        return now.issuer(id)
                .orElseThrow(
                        () ->
                                new RequestRefusedException(
                                        RefusalCode.ISSUER_UNAVAILABLE,
                                        "the key of issuer " + id + " is not here"));
    }

    /** An issuer of any generation, no root, if its key is here. */
    public Optional<Issuer> issuer(IssuerId id) {
        return state.issuer(id);
    }

    /** The issuers of all generations, no roots, whose keys are here. */
    public List<Issuer> issuers() {
        return List.copyOf(state.issuers().values());
    }

    /**
     * What signs the revocation lists of a root or an issuer of any generation. If its key is not
     * here now, it is fetched when a list is to be signed.
     *
     * @throws HierarchyUnusableException if there is no such root or issuer
     */
    public CrlIssuer crlIssuer(IssuerId id, CrlTimes times) {
        HierarchyState now = state;
        IssuedCertificate certificate = now.certificate(id);
        SigningKey key =
                now.issuer(id).map(Issuer::key).orElseGet(() -> storedKey(id, certificate));
        return new CrlIssuer(certificate.holder(), key, now.address(id).lists(), times, clock);
    }

    private SigningKey storedKey(IssuerId id, IssuedCertificate certificate) {
        PublicKey publicKey = certificate.toJava().getPublicKey();
        return destroyed.untilDestroyed(id, new StoredKey(keys, id.toString(), publicKey));
    }

    /**
     * The generation of an authority that issues, whether its key is here or not.
     *
     * @throws IllegalArgumentException if there is no such authority
     */
    public IssuerId activeId(String authority) {
        settings.of(authority);
        return state.activeId(authority);
    }

    /**
     * What a generation is there for now.
     *
     * @throws IllegalArgumentException if there is no such one
     */
    public GenerationState stateOf(IssuerId id) {
        requireKnown(id);
        return state.stateOf(id);
    }

    /** What a root or an issuer may sign; a root signs issuers and roots. */
    public CertificateKind kindOf(IssuerId id) {
        requireKnown(id);
        return HierarchyState.kind(state.certificate(id));
    }

    /** Whether the key of a root or an issuer is here. Asks where keys are, if it is a root. */
    public boolean holdsKey(IssuerId id) {
        requireKnown(id);
        return state.issuer(id).isPresent() || keys.holds(id.toString());
    }

    private void requireKnown(IssuerId id) {
        if (!state.certificates().containsKey(id)) {
            throw new IllegalArgumentException(
                    "there is no issuer "
                            + id
                            + "; there are "
                            + new ArrayList<>(state.certificates().keySet()));
        }
    }

    /** The certificates for the key of an authority, its own first, as the ledger knows them. */
    Collection<CertificateId> certificatesOf(IssuerId id) {
        requireKnown(id);
        return state.certificatesOf(id).values();
    }

    /**
     * Whether an authority may be revoked.
     *
     * @throws IllegalArgumentException if there is no such one
     * @throws AuthorityStateException if it is the root that signs now, without which nothing could
     *     take the place of what is revoked with it, or one of issuers that issue now: they would
     *     issue what nobody takes
     */
    void requireRevocable(IssuerId id) {
        requireKnown(id);
        if (kindOf(id) == CertificateKind.ROOT && state.stateOf(id) == GenerationState.ACTIVE) {
            throw new AuthorityStateException(
                    "root "
                            + id
                            + " signs all others now: prepare and activate the next root, and"
                            + " issuers that it signs, before");
        }
        List<IssuerId> issuing =
                state.below(id).stream()
                        .filter(each -> state.stateOf(each) == GenerationState.ACTIVE)
                        .toList();
        if (!issuing.isEmpty()) {
            throw new AuthorityStateException(
                    "root "
                            + id
                            + " has signed "
                            + issuing
                            + ", which issue now; activate other generations of them before");
        }
    }

    /** The certificates for its key are revoked; it issues nothing from the return on. */
    synchronized void revoked(IssuerId id) {
        state = state.withRevoked(state.certificatesOf(id).keySet());
        LOG.warn("an authority is revoked, it issues nothing: issuer={}", id);
    }

    /** Whether the certificate of a root or an issuer is revoked, or that of an issuer's root. */
    public boolean isRevoked(IssuerId id) {
        return state.isRevoked(id);
    }

    /** Whether what a root or an issuer has signed may be taken: it is not revoked, nor retired. */
    public boolean isStanding(IssuerId id) {
        return state.isStanding(id);
    }

    /**
     * Issuers, no roots, that are revoked, each with the certificate by which it is: its own, or
     * else its root's.
     */
    Map<IssuerId, CertificateId> revokedIssuers() {
        HierarchyState now = state;
        Map<IssuerId, CertificateId> all = new TreeMap<>(ORDER);
        now.revokedIssuers().forEach(id -> all.put(id, now.revokedBy(id)));
        return all;
    }

    /**
     * Where a root or an issuer of any generation publishes.
     *
     * @throws HierarchyUnusableException if there is no such root or issuer
     */
    public IssuerAddresses addresses(IssuerId id) {
        return state.address(id);
    }

    /** The certificates of all roots and issuers, whether their keys are here or not. */
    public Map<IssuerId, IssuedCertificate> certificates() {
        return state.certificates();
    }

    /** Keys of roots that are signed by other roots, for those who trust only one of the two. */
    public List<IssuedCertificate> crossCertificates() {
        return List.copyOf(state.crossCertificates().values());
    }

    /**
     * What others are to trust: roots, the same signed by each other, issuers; those that have
     * neither expired nor been revoked or retired.
     */
    public List<IssuedCertificate> trusted() {
        Instant time = clock.instant();
        return state.trusted().stream()
                .filter(certificate -> !time.isAfter(certificate.validity().notAfter()))
                .toList();
    }

    /** The same in PEM. */
    public String bundle() {
        StringBuilder bundle = new StringBuilder();
        trusted().forEach(certificate -> bundle.append(certificate.pem()));
        return bundle.toString();
    }

    /**
     * Makes the next generation of an authority, which does not issue yet. If there is one that was
     * never active, and the root that signs now has signed it, it is completed if need be, and no
     * other is made. The next root and the one that is active sign each other, unless one of them
     * is revoked.
     *
     * @throws KeyUnusableException if a key of a root is needed and not here
     * @throws IllegalArgumentException if there is no such authority
     */
    public synchronized IssuerId prepareNext(String authority) {
        AuthoritySettings known = settings.of(authority);
        IssuerId active = state.activeId(authority);
        IssuerId newest = state.newest(authority).orElseThrow();
        boolean prepared =
                state.stateOf(newest) == GenerationState.NEXT
                        && (known.kind() == CertificateKind.ROOT || isBelowSigningRoot(newest));
        IssuerId next = prepared ? newest : newest.next();
        boolean crossSigns = known.kind() == CertificateKind.ROOT && !state.isRevoked(active);
        if (crossSigns) {
            root(active);
        }
        if (!prepared) {
            create(known, next);
            state = load();
        }
        if (crossSigns && !state.isRevoked(next)) {
            crossSign(root(active), root(next));
            crossSign(root(next), root(active));
            state = load();
        }
        return next;
    }

    private boolean isBelowSigningRoot(IssuerId issuer) {
        return state.activeId(settings.root().name())
                .equals(state.signers().get(issuer.toString()));
    }

    private void crossSign(Issuer signer, Issuer signed) {
        if (!state.crossCertificates().containsKey(KeyCeremony.crossName(signer, signed))) {
            ceremony.crossSign(signer, signed);
        }
    }

    /**
     * Lets a generation issue from now on, in place of the one that did. Whoever checks
     * certificates must trust it before.
     *
     * @throws IllegalArgumentException if there is no such generation
     * @throws AuthorityStateException if it is revoked or retired
     * @throws KeyUnusableException if its key is not here
     */
    public synchronized void activate(IssuerId id) {
        AuthoritySettings authority = settings.of(id.authority());
        requireKnown(id);
        if (state.isRevoked(id) || state.isRetired(id)) {
            throw new AuthorityStateException(
                    "issuer " + id + " is " + (state.isRevoked(id) ? "revoked" : "retired"));
        }
        issuer(id, authority.kind(), state.certificate(id));
        issuance.audit().key(id, "activated");
        setActive(id);
        LOG.info("an authority issues with another key: issuer={}", id);
    }

    /**
     * Lets nobody take any more what a generation has issued, without revoking it: it leaves what
     * others are to trust, and goes on signing revocation lists. For ever.
     *
     * @throws IllegalArgumentException if there is no such generation
     * @throws AuthorityStateException if it issues now, or is a root of others that are not retired
     */
    public synchronized void retire(IssuerId id) {
        requireKnown(id);
        if (state.activeId(id.authority()).equals(id)) {
            throw new AuthorityStateException(
                    "issuer " + id + " issues now; activate another generation before");
        }
        List<IssuerId> below = state.below(id);
        if (!below.isEmpty()) {
            throw new AuthorityStateException(
                    "root " + id + " has signed " + below + "; retire these before");
        }
        if (state.isRetired(id)) {
            return;
        }
        Set<IssuerId> retired = new TreeSet<>(ORDER);
        retired.addAll(state.retired());
        retired.add(id);
        issuance.audit().key(id, "retired");
        folder.setRetired(retired);
        state = state.withRetired(retired);
        LOG.info("what an authority has issued is not taken any more: issuer={}", id);
    }

    /**
     * Whether the key of a generation may be deleted.
     *
     * @throws IllegalArgumentException if there is no such generation
     * @throws AuthorityStateException if it is neither retired nor revoked
     */
    public void requireDestructible(IssuerId id) {
        requireKnown(id);
        if (state.isStanding(id)) {
            throw new AuthorityStateException(
                    "authority "
                            + id
                            + " is "
                            + state.stateOf(id)
                            + "; only the key of one that is retired or revoked is destroyed");
        }
    }

    /**
     * Deletes the key of a generation that is retired or revoked, for ever: not even revocation
     * lists are signed with it any more. In this order, each step durable: in the audit chain;
     * written down, and taken from all who sign with it; deleted. Where the last fails, or a
     * process ends before, the key is here and unused: repeated, it makes sure that it is deleted.
     *
     * @param why in words, for the audit chain
     * @throws IllegalArgumentException if there is no such generation
     * @throws AuthorityStateException if it is neither retired nor revoked
     * @throws KeyUnusableException if the key is not here to be deleted, with nothing written; or
     *     cannot be
     */
    public synchronized void destroyKey(IssuerId id, String why) {
        requireDestructible(id);
        if (!isDestroyed(id) && !keys.holds(id.toString())) {
            throw new KeyUnusableException(
                    "the key of " + id + " is not here: bring it here to have it destroyed");
        }
        issuance.audit().destroyed(id, why);
        destroyed.add(id);
        state = state.withoutKey(id);
        keys.destroy(id.toString());
        LOG.warn("the key of an authority is destroyed: issuer={}", id);
    }

    /** Whether the key of a generation was destroyed: it signs nothing, also if a copy is here. */
    public boolean isDestroyed(IssuerId id) {
        return destroyed.contains(id);
    }
}
