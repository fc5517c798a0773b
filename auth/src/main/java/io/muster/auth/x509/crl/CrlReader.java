package io.muster.auth.x509.crl;

import io.muster.auth.x509.algorithm.KeyStrength;
import io.muster.auth.x509.encoding.DistributionPointName;
import io.muster.auth.x509.encoding.Extensions;
import io.muster.auth.x509.encoding.MalformedException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Takes a list or says why not. Stricter than RFC 5280, 6.3: one key signs an issuer's certificates
 * and its lists, no list is about other issuers or some reasons, each has a number and says when
 * the next one comes. Besides its bytes, reading one takes the memory of the set that it becomes.
 *
 * <p>Shared. Takes its time, a second for a million entries: never on an event loop.
 */
public final class CrlReader {

    /** A file of more octets is not taken. */
    public static final int OCTETS_MAX = 96 * 1024 * 1024;

    private static final Duration CLOCK_SKEW_MAX = Duration.ofMinutes(5);
    private static final int CRL_SIGN = 6;

    private final CrlExpectation expected;

    /** Takes lists that are as expected. */
    public CrlReader(CrlExpectation expected) {
        this.expected = expected;
    }

    /**
     * Reads one.
     *
     * @param before the list that was taken before
     * @throws CrlRefusedException if it is not as expected
     */
    public AcceptedCrl read(EncodedCrl list, Optional<AcceptedCrl> before, Instant now)
            throws CrlRefusedException {
        try {
            CrlDocument document = list.document();
            checkOrigin(document);
            checkScope(document.extensions());
            BigInteger number = number(document, before);
            Instant nextUpdate = nextUpdate(document, now);
            return new AcceptedCrl(
                    number, document.thisUpdate(), nextUpdate, document.entries().serials());
        } catch (MalformedException e) {
            throw new CrlRefusedException(
                    CrlFailure.MALFORMED, "not a list of revocations: " + e.getMessage(), e);
        }
    }

    private void checkOrigin(CrlDocument document) throws CrlRefusedException, MalformedException {
        X509Certificate issuer = expected.issuer();
        if (!document.issuer().equals(issuer.getSubjectX500Principal())) {
            throw new CrlRefusedException(
                    CrlFailure.ISSUER,
                    "the list is of '%s', expected was '%s'"
                            .formatted(document.issuer(), issuer.getSubjectX500Principal()));
        }
        Optional<String> key = document.extensions().authorityKey();
        String expectedKey = Extensions.subjectKey(issuer);
        if (key.isEmpty() || !key.get().equals(expectedKey)) {
            throw new CrlRefusedException(
                    CrlFailure.AUTHORITY_KEY,
                    "the list is signed by key %s, expected was %s"
                            .formatted(key.orElse("that it does not name"), expectedKey));
        }
        boolean[] usage = issuer.getKeyUsage();
        if (usage == null || !usage[CRL_SIGN]) {
            throw new CrlRefusedException(
                    CrlFailure.ISSUER_MAY_NOT_SIGN, "the issuer's key usage is not cRLSign");
        }
        Optional<String> objection = KeyStrength.AUTHORITY.objection(issuer.getPublicKey());
        if (objection.isPresent()) {
            throw new CrlRefusedException(
                    CrlFailure.ISSUER_MAY_NOT_SIGN,
                    "the issuer's key is not taken: " + objection.get());
        }
        if (!document.signed().isSignedBy(issuer.getPublicKey())) {
            throw new CrlRefusedException(
                    CrlFailure.SIGNATURE, "the list is not signed by the issuer's key");
        }
    }

    private void checkScope(CrlExtensions extensions) throws CrlRefusedException {
        if (extensions.isDelta()) {
            throw new CrlRefusedException(
                    CrlFailure.DELTA, "the list has only changes since another one");
        }
        if (extensions.announcesDeltas() && !expected.completeListsSuffice()) {
            throw new CrlRefusedException(
                    CrlFailure.DELTAS_ANNOUNCED,
                    "the issuer publishes changes of the list besides, which are not read");
        }
        IssuingDistributionPoint point = extensions.distributionPoint();
        Set<DistributionPointName> names = point.names();
        boolean isExpected =
                expected.distributionPoint().map(names::contains).orElse(names.isEmpty());
        if (!isExpected) {
            throw new CrlRefusedException(
                    CrlFailure.DISTRIBUTION_POINT,
                    "the list is for distribution point %s, expected was %s"
                            .formatted(
                                    names,
                                    expected.distributionPoint()
                                            .map(DistributionPointName::toString)
                                            .orElse("a list without one")));
        }
        if (point.scope().isPresent() && point.scope().get() != expected.scope()) {
            throw new CrlRefusedException(
                    CrlFailure.SCOPE,
                    "the list is about %s, expected was %s"
                            .formatted(point.scope().get(), expected.scope()));
        }
    }

    /** The same number again is the same list, unless its issuer made another one of it later. */
    private static BigInteger number(CrlDocument document, Optional<AcceptedCrl> before)
            throws CrlRefusedException {
        BigInteger number =
                document.extensions()
                        .number()
                        .orElseThrow(
                                () ->
                                        new CrlRefusedException(
                                                CrlFailure.NO_NUMBER, "the list has no number"));
        if (before.isPresent() && isEarlier(number, document.thisUpdate(), before.get())) {
            throw new CrlRefusedException(
                    CrlFailure.ROLLBACK,
                    "the list has number %s and is of %s, the one before had %s and was of %s"
                            .formatted(
                                    number,
                                    document.thisUpdate(),
                                    before.get().number(),
                                    before.get().thisUpdate()));
        }
        return number;
    }

    private static boolean isEarlier(BigInteger number, Instant thisUpdate, AcceptedCrl before) {
        int order = number.compareTo(before.number());
        return order < 0 || (order == 0 && thisUpdate.isBefore(before.thisUpdate()));
    }

    private static Instant nextUpdate(CrlDocument document, Instant now)
            throws CrlRefusedException, MalformedException {
        if (document.thisUpdate().isAfter(now.plus(CLOCK_SKEW_MAX))) {
            throw new CrlRefusedException(
                    CrlFailure.NOT_YET_VALID,
                    "the list is from the future: " + document.thisUpdate());
        }
        Instant nextUpdate =
                document.nextUpdate()
                        .orElseThrow(
                                () ->
                                        new CrlRefusedException(
                                                CrlFailure.NO_NEXT_UPDATE,
                                                "the list does not say when the next one comes"));
        if (nextUpdate.isBefore(document.thisUpdate())) {
            throw new MalformedException("the next list comes before this one");
        }
        return nextUpdate;
    }
}
