package io.muster.hub.certificates;

import io.muster.devices.certificate.CertificateId;
import java.util.Collection;

/** Certificates with which somebody is connected. Shared by threads; must not block. */
@FunctionalInterface
public interface ConnectedCertificates {

    /**
     * Those of whoever is connected as a device of a product. Some may be bound to nobody, as who
     * has signed in with a secret besides.
     */
    Collection<CertificateId> ofProduct(String productKey);
}
