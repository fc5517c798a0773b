package io.muster.hub.protocol;

import io.muster.broker.message.Message;
import io.muster.devices.DeviceId;
import org.jspecify.annotations.Nullable;

/**
 * A topic on which a device speaks for itself, or its gateway for it: {@code
 * /sys/{productKey}/{deviceKey}/{rest}}, or the same behind {@code /ext/session}.
 *
 * @param root what is before the device
 * @param device whose it is
 * @param rest what follows the device, with slashes
 */
public record ServiceTopic(Root root, DeviceId device, String rest) {

    /** All topics on which devices report, ask and answer. */
    public static final String FILTER = "/sys/+/+/#";

    /** The topics on which gateways sign devices in and out, and answer what they were told. */
    public static final String SESSION_FILTER = "/ext/session/+/+/combine/#";

    /** What is behind the topic of a request on that of its answer. */
    public static final String REPLY = "_reply";

    /** What a topic of the device protocol begins with. */
    public enum Root {
        /** Data, commands, and what else is of a device. */
        SYSTEM("/sys/"),
        /** Who is signed in. */
        SESSION("/ext/session/");

        private final String prefix;

        Root(String prefix) {
            this.prefix = prefix;
        }

        /** The root of a topic, or null. */
        static @Nullable Root of(String topic) {
            if (topic.startsWith(SYSTEM.prefix)) {
                return SYSTEM;
            }
            return topic.startsWith(SESSION.prefix) ? SESSION : null;
        }

        /** The topic of a device for something. */
        public String topic(DeviceId device, String rest) {
            return prefix + device + "/" + rest;
        }
    }

    /** Knows who speaks for devices besides themselves. */
    @FunctionalInterface
    public interface Speakers {

        /** Nobody does. */
        Speakers NONE = (publisher, device) -> null;

        /**
         * The device that {@code publisher} speaks for at present, or null if that is none.
         *
         * @param device its name, {@code productKey/deviceKey}
         */
        @Nullable DeviceId find(String publisher, String device);
    }

    /**
     * The topic of a message if its device itself published it, or who speaks for it; else null.
     */
    public static @Nullable ServiceTopic of(Message message, Speakers speakers) {
        String topic = message.topic();
        Root root = Root.of(topic);
        if (root == null) {
            return null;
        }
        int deviceAt = root.prefix.length();
        String publisher = message.publisher();
        int publisherEnd = deviceAt + publisher.length();
        boolean isOwn =
                topic.length() > publisherEnd + 1
                        && topic.charAt(publisherEnd) == '/'
                        && topic.startsWith(publisher, deviceAt);
        if (isOwn) {
            DeviceId device = device(publisher);
            return device == null
                    ? null
                    : new ServiceTopic(root, device, topic.substring(publisherEnd + 1));
        }
        String name = deviceName(topic);
        DeviceId device = name == null ? null : speakers.find(publisher, name);
        return device == null || name == null
                ? null
                : new ServiceTopic(root, device, topic.substring(deviceAt + name.length() + 1));
    }

    /** Whether a topic belongs to the device protocol, whoever's it is. */
    public static boolean isOfProtocol(String topic) {
        return Root.of(topic) != null;
    }

    /**
     * The device that a topic or topic filter is of, {@code productKey/deviceKey}; null if it is of
     * none. Nothing is said of whether there is such a device.
     */
    public static @Nullable String deviceName(String topic) {
        Root root = Root.of(topic);
        if (root == null) {
            return null;
        }
        int deviceAt = root.prefix.length();
        int middle = topic.indexOf('/', deviceAt);
        int end = middle < 0 ? -1 : topic.indexOf('/', middle + 1);
        return end < 0 || end + 1 == topic.length() ? null : topic.substring(deviceAt, end);
    }

    /** The same, if a device could be called so: null for a filter that is about several. */
    public static @Nullable DeviceId deviceId(String topic) {
        String name = deviceName(topic);
        return name == null ? null : device(name);
    }

    private static @Nullable DeviceId device(String name) {
        int slash = name.indexOf('/');
        if (slash <= 0) {
            return null;
        }
        String productKey = name.substring(0, slash);
        String deviceKey = name.substring(slash + 1);
        return DeviceId.isProductKey(productKey) && DeviceId.isDeviceKey(deviceKey)
                ? new DeviceId(productKey, deviceKey)
                : null;
    }

    /** The topic of this device for something. */
    public static String of(DeviceId device, String rest) {
        return Root.SYSTEM.topic(device, rest);
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
        return root.topic(device, rest) + REPLY;
    }
}
