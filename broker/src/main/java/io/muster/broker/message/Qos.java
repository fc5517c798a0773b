package io.muster.broker.message;

/** Quality of service of a delivery [MQTT5 section 4.3]. */
public enum Qos {
    /** Delivered once or not at all. */
    AT_MOST_ONCE(0),
    /** Delivered once or more often. */
    AT_LEAST_ONCE(1),
    /** Delivered exactly once. */
    EXACTLY_ONCE(2);

    private static final Qos[] VALUES = values();

    private final int value;

    Qos(int value) {
        this.value = value;
    }

    /** The quality with the value 0, 1 or 2 on the wire. */
    public static Qos of(int value) {
        return VALUES[value];
    }

    /** The value on the wire. */
    public int value() {
        return value;
    }

    /**
     * The lower of two: what a message published with one and subscribed to with the other is
     * delivered with.
     */
    public static Qos min(Qos a, Qos b) {
        return a.value <= b.value ? a : b;
    }
}
