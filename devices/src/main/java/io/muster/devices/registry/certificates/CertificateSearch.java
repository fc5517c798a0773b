package io.muster.devices.registry.certificates;

import io.muster.devices.DeviceId;
import io.muster.devices.certificate.CertificateStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * Which certificates are asked for: those to which all of it applies.
 *
 * @param productKey of devices of this product
 * @param deviceKey of this device of the product
 * @param status with this status
 * @param expiresFrom and which do not end before this time
 * @param expiresBefore and which end before this time
 */
public record CertificateSearch(
        Optional<String> productKey,
        Optional<String> deviceKey,
        Optional<CertificateStatus> status,
        Optional<Instant> expiresFrom,
        Optional<Instant> expiresBefore) {

    /** All certificates. */
    public static final CertificateSearch ALL =
            new CertificateSearch(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /**
     * Checks that it can be answered.
     *
     * @throws IllegalArgumentException saying what is missing, or which key is wrong
     */
    public CertificateSearch {
        productKey.ifPresent(DeviceId::requireProductKey);
        if (deviceKey.isPresent()) {
            if (productKey.isEmpty()) {
                throw new IllegalArgumentException("deviceKey needs a productKey");
            }
            var unused = new DeviceId(productKey.get(), deviceKey.get());
        }
        if (status.isEmpty() && (expiresFrom.isPresent() || expiresBefore.isPresent())) {
            throw new IllegalArgumentException("expiresFrom and expiresBefore need a status");
        }
    }

    /** All of the devices of a product. */
    public static CertificateSearch of(String productKey) {
        return new CertificateSearch(
                Optional.of(productKey),
                ALL.deviceKey,
                ALL.status,
                ALL.expiresFrom,
                ALL.expiresBefore);
    }

    /** Of these only those of one device. */
    public CertificateSearch withDevice(String key) {
        return new CertificateSearch(
                productKey, Optional.of(key), status, expiresFrom, expiresBefore);
    }

    /** Of these only those with a status. */
    public CertificateSearch with(CertificateStatus wanted) {
        return new CertificateSearch(
                productKey, deviceKey, Optional.of(wanted), expiresFrom, expiresBefore);
    }

    /** Of these only those that are valid and end within a time. */
    public CertificateSearch expiring(Instant from, Instant before) {
        return new CertificateSearch(
                productKey,
                deviceKey,
                Optional.of(CertificateStatus.VALID),
                Optional.of(from),
                Optional.of(before));
    }
}
