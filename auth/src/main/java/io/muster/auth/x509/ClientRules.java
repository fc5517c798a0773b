package io.muster.auth.x509;

import io.muster.auth.x509.algorithm.KeyStrength;
import io.muster.auth.x509.path.CertificateRefusedException;
import io.muster.auth.x509.path.CertificateRules;
import io.muster.auth.x509.path.RefusalCause;
import java.security.cert.X509Certificate;

/**
 * What the certificate of a client must be, whoever issued it. Critical extensions that are not
 * known are found where its path is validated.
 */
final class ClientRules {

    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;

    private ClientRules() {}

    static void require(X509Certificate client) throws CertificateRefusedException {
        CertificateRules.requireSound(client, KeyStrength.DEVICE);
        CertificateRules.requireEndEntity(client);
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
    }
}
