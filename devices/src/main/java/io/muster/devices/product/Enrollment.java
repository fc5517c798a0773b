package io.muster.devices.product;

/**
 * How devices come to be registered and to their secrets, other than by an operator.
 *
 * @param dynamicActivation whether a device may fetch its secret with that of the product
 * @param selfRegistration whether one that does so need not be registered before; means nothing
 *     without {@code dynamicActivation}
 * @param gatewayRegistration whether a gateway may register devices of this product
 */
public record Enrollment(
        boolean dynamicActivation, boolean selfRegistration, boolean gatewayRegistration) {

    /** Operators register devices, and carry their secrets to them. */
    public static final Enrollment BY_OPERATOR = new Enrollment(false, false, false);
}
