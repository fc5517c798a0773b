package io.muster.broker.message;

/**
 * The payload of a message. It owns its bytes: whoever makes one hands them over and does not touch
 * them again, and whoever reads them does not write.
 */
public final class Payload {

    /** The payload of no bytes. */
    public static final Payload EMPTY = new Payload(new byte[0]);

    /** Stands for a payload that could not be read, of a message that is delivered to nobody. */
    public static final Payload UNREADABLE = new Payload(new byte[0]);

    private final byte[] bytes;

    private Payload(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes over {@code bytes} without copying them. */
    public static Payload of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Payload(bytes);
    }

    /** The bytes themselves, not a copy; only to be read. */
    public byte[] bytes() {
        return bytes;
    }

    /** Whether it is anything else than {@link #UNREADABLE}. */
    @SuppressWarnings("ReferenceEquality") // An empty payload is readable.
    public boolean isReadable() {
        return this != UNREADABLE;
    }

    /** Number of bytes. */
    public int size() {
        return bytes.length;
    }

    /** Whether there are no bytes. */
    public boolean isEmpty() {
        return bytes.length == 0;
    }
}
