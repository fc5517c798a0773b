package io.muster.auth.x509.path;

import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertPathValidatorException.Reason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The JDK's validation of paths, without revocation, which is judged elsewhere and faster. */
public final class Pkix {

    private static final Map<Reason, RefusalCause> CAUSES =
            Map.of(
                    BasicReason.EXPIRED, RefusalCause.EXPIRED,
                    BasicReason.NOT_YET_VALID, RefusalCause.NOT_YET_VALID,
                    BasicReason.INVALID_SIGNATURE, RefusalCause.SIGNATURE,
                    BasicReason.ALGORITHM_CONSTRAINED, RefusalCause.KEY_NOT_ALLOWED,
                    PKIXReason.NOT_CA_CERT, RefusalCause.NOT_AN_AUTHORITY,
                    PKIXReason.INVALID_KEY_USAGE, RefusalCause.KEY_USAGE,
                    PKIXReason.NO_TRUST_ANCHOR, RefusalCause.UNKNOWN_ISSUER,
                    PKIXReason.PATH_TOO_LONG, RefusalCause.PATH_LENGTH,
                    PKIXReason.UNRECOGNIZED_CRIT_EXT, RefusalCause.CRITICAL_EXTENSION);

    private Pkix() {}

    /**
     * Whether a path is right; any policy will do.
     *
     * @param anchor of which only name and key count
     * @param below the one that the anchor issued first
     */
    public static void validate(X509Certificate anchor, List<X509Certificate> below, Instant now)
            throws CertificateRefusedException {
        List<X509Certificate> path = new ArrayList<>(below);
        Collections.reverse(path);
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
            parameters.setRevocationEnabled(false);
            parameters.setPolicyQualifiersRejected(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(path),
                            parameters);
        } catch (CertPathValidatorException e) {
            throw new CertificateRefusedException(
                    CAUSES.getOrDefault(e.getReason(), RefusalCause.PATH),
                    "the path to '%s': %s"
                            .formatted(path.get(0).getSubjectX500Principal(), e.getMessage()),
                    e);
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("the JDK cannot validate paths", e);
        } catch (CertificateException | RuntimeException e) {
            // Of certificates that only look like some, whose parts are read late.
            throw new CertificateRefusedException(
                    RefusalCause.MALFORMED, "a certificate of the path cannot be read", e);
        }
    }
}
