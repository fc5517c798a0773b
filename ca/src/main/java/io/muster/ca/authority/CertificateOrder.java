package io.muster.ca.authority;

import io.muster.ca.KeyHash;
import io.muster.ca.Owner;
import io.muster.ca.issuance.AlternativeName;
import io.muster.ca.issuance.IssuanceProfile;
import io.muster.ca.issuance.Subject;
import io.muster.ca.key.SigningKey;
import io.muster.ca.request.AcceptedRequest;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that is wanted, for a key of which is known that the owner has it: by a request
 * that passed all rules, or since whoever orders has it. Immutable.
 */
public final class CertificateOrder {

    /** How many live certificates a device may have, unless something else is said. */
    public static final int DEFAULT_LIVE_MAX = 2;

    private final Wanted wanted;
    private final Terms terms;

    /** What the certificate is to be like. */
    private record Wanted(
            IssuanceProfile profile,
            Subject subject,
            PublicKey key,
            KeyHash keyHash,
            @Nullable Duration life) {}

    /** Who wants it, and on what terms. */
    private record Terms(
            Owner owner,
            String actor,
            @Nullable String requestKey,
            @Nullable String renewedFrom,
            @Nullable String replaces,
            int liveMax) {

        Terms withRequestKey(@Nullable String other) {
            return new Terms(owner, actor, other, renewedFrom, replaces, liveMax);
        }

        Terms withRenewedFrom(@Nullable String other) {
            return new Terms(owner, actor, requestKey, other, replaces, liveMax);
        }

        Terms withReplaces(@Nullable String other) {
            return new Terms(owner, actor, requestKey, renewedFrom, other, liveMax);
        }

        Terms withLiveMax(int other) {
            return new Terms(owner, actor, requestKey, renewedFrom, replaces, other);
        }
    }

    private CertificateOrder(Wanted wanted, Terms terms) {
        this.wanted = wanted;
        this.terms = terms;
    }

    /**
     * For the key of a request that passed, and for as long as was granted. It cannot be repeated.
     *
     * @param profile what certificates of its kind may be like
     * @param subject how the owner is named in it
     * @param actor who asks: 1 to 200 characters in one line
     * @throws IllegalArgumentException if such a certificate cannot belong to that owner, or the
     *     subject is another device
     */
    public static CertificateOrder of(
            IssuanceProfile profile,
            Subject subject,
            AcceptedRequest request,
            Owner owner,
            String actor) {
        Wanted wanted =
                new Wanted(
                        profile,
                        subject,
                        request.publicKey(),
                        request.keyHash(),
                        request.lifetime());
        return of(wanted, owner, actor);
    }

    /** The same for a key that whoever orders has himself, and for as long as is usual. */
    public static CertificateOrder ofOwnKey(
            IssuanceProfile profile, Subject subject, SigningKey key, Owner owner, String actor) {
        return ofProvenKey(profile, subject, key.publicKey(), owner, actor);
    }

    /** Whoever calls knows that the owner has the key. */
    static CertificateOrder ofProvenKey(
            IssuanceProfile profile, Subject subject, PublicKey key, Owner owner, String actor) {
        return of(new Wanted(profile, subject, key, KeyHash.of(key), null), owner, actor);
    }

    private static CertificateOrder of(Wanted wanted, Owner owner, String actor) {
        if (!wanted.profile.kind().isOf(owner)) {
            throw new IllegalArgumentException(
                    "a certificate of a " + wanted.profile.kind() + " cannot belong to " + owner);
        }
        boolean isAnother =
                owner instanceof Owner.Device device
                        && !wanted.subject
                                .alternativeNames()
                                .equals(List.of(AlternativeName.of(device.urn())));
        if (isAnother) {
            throw new IllegalArgumentException("the subject of the certificate is not " + owner);
        }
        return new CertificateOrder(
                wanted, new Terms(owner, actor, null, null, null, DEFAULT_LIVE_MAX));
    }

    /** The same for so long; null for as long as is usual. */
    public CertificateOrder withLife(@Nullable Duration life) {
        return new CertificateOrder(
                new Wanted(wanted.profile, wanted.subject, wanted.key, wanted.keyHash, life),
                terms);
    }

    /**
     * The same, which can be repeated.
     *
     * @param requestKey what tells this from other orders of the same owner for the same key: 1 to
     *     200 characters in one line; null if it cannot be repeated
     */
    public CertificateOrder withRequestKey(@Nullable String requestKey) {
        return new CertificateOrder(wanted, terms.withRequestKey(requestKey));
    }

    /**
     * The same, by means of that certificate, by which the owner proved who asks.
     *
     * @param renewedFrom that one, as the ledger calls it; null if there is none
     */
    public CertificateOrder withRenewedFrom(@Nullable String renewedFrom) {
        return new CertificateOrder(wanted, terms.withRenewedFrom(renewedFrom));
    }

    /**
     * The same, to be used in the place of another one.
     *
     * @param replaces that one, as the ledger calls it; null if there is none
     */
    public CertificateOrder withReplaces(@Nullable String replaces) {
        return new CertificateOrder(wanted, terms.withReplaces(replaces));
    }

    /**
     * The same if a device has fewer than so many certificates that are neither revoked nor
     * expired, of all authorities.
     */
    public CertificateOrder withLiveMax(int liveMax) {
        return new CertificateOrder(wanted, terms.withLiveMax(liveMax));
    }

    IssuanceProfile profile() {
        return wanted.profile;
    }

    Subject subject() {
        return wanted.subject;
    }

    PublicKey key() {
        return wanted.key;
    }

    KeyHash keyHash() {
        return wanted.keyHash;
    }

    @Nullable Duration life() {
        return wanted.life;
    }

    Owner owner() {
        return terms.owner;
    }

    String actor() {
        return terms.actor;
    }

    @Nullable String requestKey() {
        return terms.requestKey;
    }

    @Nullable String renewedFrom() {
        return terms.renewedFrom;
    }

    @Nullable String replaces() {
        return terms.replaces;
    }

    int liveMax() {
        return terms.liveMax;
    }
}
