package io.muster.auth.secret;

import io.muster.auth.TopicPolicy;
import io.muster.auth.spi.TopicPermissions;
import io.muster.devices.Product;
import java.util.Map;

/** Says which topics a device may use. Asked at sign-ins, on any thread; answers at once. */
@FunctionalInterface
public interface DevicePermissions {

    /** Each device has its own topics and no others, whatever its product says. */
    DevicePermissions OWN_TOPICS = (product, facts) -> TopicPolicy.forDevice(facts);

    /**
     * The permissions of a device that has proven who it is.
     *
     * @param product as it is at this moment. What is returned lives as long as the session; if it
     *     is to follow changes of the product, it looks for them itself when it is asked
     * @param facts of the device: its {@code productKey} and {@code deviceKey}, and what else there
     *     is; the attributes of its identity
     */
    TopicPermissions of(Product product, Map<String, String> facts);
}
