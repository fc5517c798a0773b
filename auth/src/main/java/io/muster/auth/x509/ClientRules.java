package io.muster.auth.x509;

import io.muster.auth.x509.algorithm.KeyStrength;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.CertificateRules;
import io.muster.auth.x509.path.RefusalCause;
import java.security.cert.X509Certificate;
import java.util.Set;

/** What the certificate of a client must be, whoever issued it. */
final class ClientRules {

    /** Alternative name, key usage, constraints, policies, extended key usage. */
    private static final Set<String> KNOWN =
            Set.of("2.5.29.17", "2.5.29.15", "2.5.29.19", "2.5.29.32", "2.5.29.37");

    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;

    private ClientRules() {}

    static void require(X509Certificate client) throws CertificateRefusedException {
        CertificateRules.requireSound(client, KeyStrength.DEVICE);
        boolean[] usage = client.getKeyUsage();
        if (client.getBasicConstraints() >= 0 || (usage != null && usage[KEY_CERT_SIGN])) {
            throw CertificateRules.refused(
                    RefusalCause.IS_AUTHORITY, client, "is an authority's, not a client's");
        }
        if (usage == null || !usage[DIGITAL_SIGNATURE]) {
            throw CertificateRules.refused(
                    RefusalCause.KEY_USAGE, client, "has no key usage with digitalSignature");
        }
        CertificateRules.requireClient(client);
        Set<String> critical = client.getCriticalExtensionOIDs();
        if (critical != null && !KNOWN.containsAll(critical)) {
            throw CertificateRules.refused(
                    RefusalCause.CRITICAL_EXTENSION,
                    client,
                    "has critical extensions of which one is unknown: " + critical);
        }
    }
}
