package io.muster.devices;

import java.util.regex.Pattern;

/**
 * Names a device: the key of its product and its own key within it. Valid by construction, so that
 * it can be part of a topic.
 *
 * @param productKey 1 to 20 letters, digits, {@code _} and {@code -}
 * @param deviceKey 1 to 64 letters, digits and {@code _ - . : @ &}
 */
public record DeviceId(String productKey, String deviceKey) {

    private static final Pattern PRODUCT_KEY = Pattern.compile("[A-Za-z0-9_-]{1,20}");
    private static final Pattern DEVICE_KEY = Pattern.compile("[A-Za-z0-9_.:@&-]{1,64}");

    /**
     * Checks both keys.
     *
     * @throws IllegalArgumentException naming the key that is wrong and what is allowed
     */
    public DeviceId {
        requireProductKey(productKey);
        if (!isDeviceKey(deviceKey)) {
            throw new IllegalArgumentException(
                    "deviceKey '" + deviceKey + "' is not 1 to 64 letters, digits and _ - . : @ &");
        }
    }

    /** Whether {@code text} may be a product key. */
    public static boolean isProductKey(String text) {
        return PRODUCT_KEY.matcher(text).matches();
    }

    /** Whether {@code text} may be a device key. */
    public static boolean isDeviceKey(String text) {
        return DEVICE_KEY.matcher(text).matches();
    }

    /**
     * Returns {@code productKey} if it is one.
     *
     * @throws IllegalArgumentException saying what is allowed, if it is not
     */
    public static String requireProductKey(String productKey) {
        if (!isProductKey(productKey)) {
            throw new IllegalArgumentException(
                    "productKey '" + productKey + "' is not 1 to 20 letters, digits, _ and -");
        }
        return productKey;
    }

    /** The canonical client identifier of the device: {@code productKey/deviceKey}. */
    @Override
    public String toString() {
        return productKey + "/" + deviceKey;
    }
}
