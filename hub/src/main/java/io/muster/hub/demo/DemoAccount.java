package io.muster.hub.demo;

/**
 * Who takes part in the demo; the first start of the hub made them.
 *
 * @param productKey the product of the device
 * @param deviceKey the device
 * @param deviceSecret the device signs with it
 * @param applicationUsername the application
 * @param applicationPassword its password
 */
public record DemoAccount(
        String productKey,
        String deviceKey,
        String deviceSecret,
        String applicationUsername,
        String applicationPassword) {

    /** The topic that the demo device publishes to. */
    public String telemetryTopic() {
        return productKey + "/" + deviceKey + "/telemetry";
    }

    /** The topic on which the hub tells the state of the demo device. */
    public String stateTopic() {
        return "$muster/devices/" + productKey + "/" + deviceKey + "/state";
    }

    /** The names only. */
    @Override
    public String toString() {
        return "DemoAccount[device=%s/%s, application=%s]"
                .formatted(productKey, deviceKey, applicationUsername);
    }
}
