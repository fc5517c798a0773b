package io.muster.hub;

/**
 * What the first start made to try the hub with.
 *
 * @param productKey the demo product
 * @param deviceKey the demo device
 * @param deviceSecret the demo device signs in with it
 * @param applicationUsername the demo application
 * @param applicationPassword the demo application signs in with it
 */
public record FirstStart(
        String productKey,
        String deviceKey,
        String deviceSecret,
        String applicationUsername,
        String applicationPassword) {

    /** The names only, since the rest is secret. */
    @Override
    public String toString() {
        return "FirstStart[productKey=%s, deviceKey=%s, applicationUsername=%s]"
                .formatted(productKey, deviceKey, applicationUsername);
    }
}
