package io.muster.auth.secret;

import io.muster.devices.DeviceId;
import java.util.List;

/**
 * What a gateway sends to show that it knows the secret of a device. Immutable.
 *
 * @param id the device
 * @param mode {@code 2} for its own secret, {@code 3} for that of its product
 * @param forms what may have been signed: one of them must fit. At least one; all by one method and
 *     with one timestamp
 * @param sign the signature, as sent; never printed
 * @param toldBefore whether this gateway was told the secret of the device before and may be told
 *     it again, though that counts as activated
 */
public record DeviceClaim(
        DeviceId id, String mode, List<DeviceSignature> forms, String sign, boolean toldBefore) {

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if it is empty
     */
    public DeviceClaim {
        forms = List.copyOf(forms);
        if (forms.isEmpty()) {
            throw new IllegalArgumentException("nothing was signed");
        }
    }

    /** One of a device whose secret the gateway was not told. */
    public DeviceClaim(DeviceId id, String mode, List<DeviceSignature> forms, String sign) {
        this(id, mode, forms, sign, false);
    }

    /** The same of a device whose secret the gateway was told before. */
    public DeviceClaim withToldBefore() {
        return new DeviceClaim(id, mode, forms, sign, true);
    }

    /** The user name of the device at a CONNECT. */
    public String username() {
        return username(id);
    }

    /** The user name of any device at a CONNECT. */
    public static String username(DeviceId id) {
        return id.deviceKey() + "&" + id.productKey();
    }

    /**
     * What the device would send itself: the first of the forms is signed as at a CONNECT. No part
     * of what the gateway sent can be read as another: a bar, which the SDK for C takes for its
     * text and which ends that at a CONNECT, is an underscore.
     */
    public SignedConnect asConnect() {
        DeviceSignature signature = forms.get(0);
        return new SignedConnect(
                "%s|securemode=%s,signmethod=%s,timestamp=%s|"
                        .formatted(
                                signature.clientId().replace('|', '_'),
                                mode,
                                signature.method().option(),
                                signature.timestamp()),
                username(),
                sign);
    }

    /** Everything but the signature. */
    @Override
    public String toString() {
        return "DeviceClaim[id=" + id + ", mode=" + mode + "]";
    }
}
