package io.muster.devices.registry.certificates;

import io.muster.devices.RegistryUnavailableException;
import io.muster.devices.certificate.CertificateId;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.devices.registry.RegistryDatabase;
import java.util.Optional;

/** Lists certificates, as they stand in the database; shared. */
public final class CertificateList {

    private final RegistryDatabase database;

    /** On an open database. */
    public CertificateList(RegistryDatabase database) {
        this.database = database;
    }

    /**
     * A page of the certificates that are asked for. Those of a product come by device, and those
     * of a device by their end; those with a status by their end; and else by issuer and serial
     * number. Blocks, but looks at 10,000 certificates at most.
     *
     * @param after where the page before ended; empty for the first
     * @param limit 1 to {@link DeviceRegistry#PAGE_MAX}
     * @throws IllegalArgumentException if {@code after} is no certificate that there is
     * @throws RegistryUnavailableException if the database cannot be asked
     */
    public CertificatePage page(
            CertificateSearch search, Optional<CertificateId> after, int limit) {
        DeviceRegistry.requireLimit(limit);
        return database.read(
                "list certificates",
                handle -> new CertificateWalk(handle, search, limit).from(after));
    }
}
