package io.muster.ca.authority;

import io.muster.ca.IssuerId;
import io.muster.ca.Owner;
import io.muster.ca.RefusalCode;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.crl.CrlIssuer;
import io.muster.ca.crl.CrlTimes;
import io.muster.ca.issuance.CertificateKind;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.ca.issuance.Issuer;
import io.muster.ca.issuance.IssuerAddresses;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyStorage;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.key.SigningKey;
import io.muster.ca.key.StoredKey;
import io.muster.ca.ledger.CertificateId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
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

    /** Who asks for certificates of authorities. */
    private static final String ACTOR = "ca";

    private final HierarchySettings settings;
    private final AuthorityFolder folder;
    private final KeyStorage keys;
    private final Issuance issuance;
    private final Clock clock;
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

    private HierarchyState load() {
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
                    if (kind != CertificateKind.ROOT && isHeld(id)) {
                        issuers.put(id, issuer(id, kind, certificate));
                    }
                });
        return new HierarchyState(
                certificates, crossCertificates, issuers, folder.active(), addresses, revoked);
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

    private boolean isHeld(IssuerId id) {
        boolean held = keys.holds(id.toString());
        if (!held) {
            LOG.warn("key of issuer is not here, so it signs nothing: issuer={}", id);
        }
        return held;
    }

    private Issuer issuer(IssuerId id, CertificateKind kind, IssuedCertificate certificate) {
        SigningKey key = keys.load(id.toString());
        try {
            return Issuer.of(id, kind, certificate, key, folder.addresses(id));
        } catch (IllegalArgumentException anotherKey) {
            throw new HierarchyUnusableException(
                    "file " + id + ".crt: " + anotherKey.getMessage(), anotherKey);
        }
    }

    private IssuedCertificate create(AuthoritySettings authority, IssuerId id) {
        if (!keys.holds(id.toString())) {
            requireNobodys(id);
        }
        Issuer root = authority.kind() == CertificateKind.ROOT ? null : signingRoot();
        IssuerAddresses addresses = settings.addresses().of(id, authority.kind());
        folder.setAddresses(id, addresses);
        SigningKey key = key(id, authority.key());
        Subject subject = authority.subject(id, settings.organization());
        Issuer signer = root == null ? Issuer.rootToBe(id, subject, key, addresses) : root;
        IssuedCertificate certificate =
                issue(signer, authority.profile(), subject, key, id, id.toString());
        folder.add(id.toString(), certificate);
        LOG.info("made an authority: issuer={} signedBy={}", id, signer.id());
        return certificate;
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
        issuance.findLive(new Owner.Authority(id))
                .ifPresent(
                        there -> {
                            throw new HierarchyUnusableException(
                                    "the ledger knows authority "
                                            + id
                                            + ", by certificate "
                                            + there
                                            + ", but neither its certificate nor its key is in "
                                            + folder.path()
                                            + ": put that folder and the keys back as they were;"
                                            + " or, if another hub with this ledger has them, let"
                                            + " this one have no authority");
                        });
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
                now.issuer(id)
                        .map(Issuer::key)
                        .orElseGet(
                                () ->
                                        new StoredKey(
                                                keys,
                                                id.toString(),
                                                certificate.toJava().getPublicKey()));
        return new CrlIssuer(certificate.holder(), key, now.address(id).lists(), times, clock);
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

    /** Whether the certificate of a root or an issuer is revoked. */
    public boolean isRevoked(IssuerId id) {
        return state.isRevoked(id);
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
     * neither expired nor been revoked.
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
     * never active, it is completed if need be, and no other is made. The next root and the one
     * that is active sign each other, unless one of them is revoked.
     *
     * @throws KeyUnusableException if a key of a root is needed and not here
     * @throws IllegalArgumentException if there is no such authority
     */
    public synchronized IssuerId prepareNext(String authority) {
        AuthoritySettings known = settings.of(authority);
        IssuerId active = state.activeId(authority);
        IssuerId newest = state.newest(authority).orElseThrow();
        boolean prepared = newest.generation() > active.generation();
        IssuerId next = prepared ? newest : active.next();
        boolean crossSigns = known.kind() == CertificateKind.ROOT && !state.isRevoked(active);
        if (crossSigns) {
            root(active);
        }
        if (!prepared) {
            create(known, newest.next());
            next = newest.next();
            state = load();
        }
        if (crossSigns && !state.isRevoked(next)) {
            crossSign(root(active), root(next));
            crossSign(root(next), root(active));
            state = load();
        }
        return next;
    }

    private void crossSign(Issuer signer, Issuer signed) {
        String name = signed.id() + ".by." + signer.id();
        if (state.crossCertificates().containsKey(name)) {
            return;
        }
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

    /**
     * Lets a generation issue from now on, in place of the one that did. Whoever checks
     * certificates must trust it before.
     *
     * @throws IllegalArgumentException if there is no such generation, or it is revoked
     * @throws KeyUnusableException if its key is not here
     */
    public synchronized void activate(IssuerId id) {
        AuthoritySettings authority = settings.of(id.authority());
        if (!state.certificates().containsKey(id)) {
            throw new IllegalArgumentException(
                    "there is no issuer "
                            + id
                            + "; there are "
                            + new ArrayList<>(state.certificates().keySet()));
        }
        if (state.isRevoked(id)) {
            throw new IllegalArgumentException("issuer " + id + " is revoked");
        }
        issuer(id, authority.kind(), state.certificate(id));
        issuance.audit().key(id, "activated");
        setActive(id);
        LOG.info("an authority issues with another key: issuer={}", id);
    }
}
