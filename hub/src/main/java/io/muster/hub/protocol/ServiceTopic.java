package io.muster.hub.protocol;

import io.muster.broker.message.Message;
import io.muster.devices.DeviceId;
import org.jspecify.annotations.Nullable;

/**
 * A topic on which a device speaks for itself: {@code /sys/{productKey}/{deviceKey}/{rest}}.
 *
 * @param device whose it is
 * @param rest what follows the device, with slashes
 */
public record ServiceTopic(DeviceId device, String rest) {

    /** All topics of devices. */
    public static final String FILTER = "/sys/+/+/#";

    /** What is behind the topic of a request on that of its answer. */
    public static final String REPLY = "_reply";

    private static final String ROOT = "/sys/";

    /** The topic of a message if its device itself published it, else null. */
    public static @Nullable ServiceTopic of(Message message) {
        String topic = message.topic();
        String publisher = message.publisher();
        int slash = publisher.indexOf('/');
        int restAt = ROOT.length() + publisher.length() + 1;
        boolean isOwn =
                slash > 0
                        && topic.length() > restAt
                        && topic.startsWith(ROOT)
                        && topic.startsWith(publisher, ROOT.length())
                        && topic.charAt(restAt - 1) == '/';
        if (!isOwn) {
            return null;
        }
        String productKey = publisher.substring(0, slash);
        String deviceKey = publisher.substring(slash + 1);
        return DeviceId.isProductKey(productKey) && DeviceId.isDeviceKey(deviceKey)
                ? new ServiceTopic(new DeviceId(productKey, deviceKey), topic.substring(restAt))
                : null;
    }

    /** The topic of this device for something. */
    public static String of(DeviceId device, String rest) {
        return ROOT + device + "/" + rest;
    }

    /** Whether something is answered here that the hub asked. */
    public boolean isReply() {
        return rest.endsWith(REPLY);
    }

    /** The method that belongs to the topic: its end, with dots. */
    public String method() {
        return rest.replace('/', '.');
    }

    /** Where a request that came here is answered. */
    public String replyTopic() {
        return of(device, rest) + REPLY;
    }
}
