package io.muster.devices.product;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a product's devices need a certificate, and which ones the hub issues for them. What is
 * empty is as the hub is configured.
 *
 * @param required whether a device must present a certificate too when it signs in
 * @param issued whether the hub issues certificates for them
 * @param keyTypes the keys that get one, at least one type
 * @param validDays for how many days one is good if nobody asks for another time, 1 to 3650
 * @param validDaysMax for how many days one may be asked for, 1 to 3650
 * @param sameKeyRenewal whether a device whose certificate is still good gets another one for the
 *     same key
 */
public record CertificatePolicy(
        boolean required,
        boolean issued,
        Set<KeyType> keyTypes,
        Optional<Integer> validDays,
        Optional<Integer> validDaysMax,
        Optional<Boolean> sameKeyRenewal) {

    /** The most days that a certificate may be asked for. */
    public static final int DAYS_MAX = 3650;

    /** Of a product that nobody has decided anything of: none is needed, all can be had. */
    public static final CertificatePolicy AS_CONFIGURED =
            new CertificatePolicy(
                    false,
                    true,
                    EnumSet.allOf(KeyType.class),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the value that is wrong and what is allowed
     */
    public CertificatePolicy {
        if (keyTypes.isEmpty()) {
            throw new IllegalArgumentException(
                    "keyTypes is empty; it names at least one of "
                            + Arrays.toString(KeyType.values()));
        }
        keyTypes = Collections.unmodifiableSet(EnumSet.copyOf(keyTypes));
        validDays.ifPresent(days -> requireDays("validDays", days));
        validDaysMax.ifPresent(days -> requireDays("validDaysMax", days));
        if (validDays.isPresent()
                && validDaysMax.isPresent()
                && validDays.get() > validDaysMax.get()) {
            throw new IllegalArgumentException(
                    "validDays %d is more than validDaysMax %d"
                            .formatted(validDays.get(), validDaysMax.get()));
        }
    }

    private static void requireDays(String what, int days) {
        if (days < 1 || days > DAYS_MAX) {
            throw new IllegalArgumentException(
                    what + " " + days + " is not a whole number from 1 to " + DAYS_MAX);
        }
    }

    /** The same but for {@link #required}. */
    public CertificatePolicy withRequired(boolean other) {
        return new CertificatePolicy(
                other, issued, keyTypes, validDays, validDaysMax, sameKeyRenewal);
    }

    /** The same but for {@link #issued}. */
    public CertificatePolicy withIssued(boolean other) {
        return new CertificatePolicy(
                required, other, keyTypes, validDays, validDaysMax, sameKeyRenewal);
    }

    /** The same but for {@link #keyTypes}. */
    public CertificatePolicy withKeyTypes(Set<KeyType> others) {
        return new CertificatePolicy(
                required, issued, others, validDays, validDaysMax, sameKeyRenewal);
    }

    /** The same but for both numbers of days. */
    public CertificatePolicy withDays(Optional<Integer> usual, Optional<Integer> most) {
        return new CertificatePolicy(required, issued, keyTypes, usual, most, sameKeyRenewal);
    }

    /** The same but for {@link #sameKeyRenewal}. */
    public CertificatePolicy withSameKeyRenewal(Optional<Boolean> other) {
        return new CertificatePolicy(required, issued, keyTypes, validDays, validDaysMax, other);
    }
}
