package io.muster.loadtest.payload;

import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a message says about itself, so that a receiver can check it. Stands in a payload as bytes,
 * at its beginning, or as hexadecimal digits, anywhere.
 *
 * @param run tells messages of one run from those of others
 * @param publisher index of the publisher in its run
 * @param sequence number of the message, from 0
 * @param dueNanos when it was due (closed loop: sent), by {@link System#nanoTime} of this process;
 *     on the wire it is wall-clock time, so that another load tester can read it too
 */
public record Stamp(int run, int publisher, long sequence, long dueNanos) {

    /** How many bytes a stamp has. */
    public static final int BYTES = 28;

    /** How many hexadecimal digits it has. */
    static final int DIGITS = 2 * BYTES;

    /** "MLT1" */
    private static final int MAGIC = 0x4d4c5431;

    private static final byte[] MAGIC_DIGITS = {'4', 'd', '4', 'c', '5', '4', '3', '1'};

    /** The wall-clock time when {@link System#nanoTime} was 0; fixed, so it never jumps. */
    private static final long EPOCH_NANOS = epochNanos();

    private static long epochNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
    }

    void writeTo(ByteBuf payload) {
        payload.writeInt(MAGIC)
                .writeInt(run)
                .writeInt(publisher)
                .writeLong(sequence)
                .writeLong(dueNanos + EPOCH_NANOS);
    }

    void writeDigitsTo(ByteBuf payload) {
        writeDigits(payload, MAGIC, Integer.SIZE);
        writeDigits(payload, run, Integer.SIZE);
        writeDigits(payload, publisher, Integer.SIZE);
        writeDigits(payload, sequence, Long.SIZE);
        writeDigits(payload, dueNanos + EPOCH_NANOS, Long.SIZE);
    }

    private static void writeDigits(ByteBuf payload, long value, int bits) {
        for (int shift = bits - 4; shift >= 0; shift -= 4) {
            payload.writeByte(Character.forDigit((int) (value >>> shift) & 0xf, 16));
        }
    }

    /** Finds the stamp of a payload, which stays as it is; null when there is none. */
    public static @Nullable Stamp read(ByteBuf payload) {
        int at = payload.readerIndex();
        if (payload.readableBytes() < BYTES) {
            return null;
        }
        if (payload.getInt(at) == MAGIC) {
            return of(
                    payload.getInt(at + 4),
                    payload.getInt(at + 8),
                    payload.getLong(at + 12),
                    payload.getLong(at + 20));
        }
        return readDigits(payload);
    }

    private static @Nullable Stamp readDigits(ByteBuf payload) {
        int last = payload.writerIndex() - DIGITS;
        // A search whose end is before its beginning would run backwards.
        int at =
                payload.readerIndex() > last
                        ? -1
                        : payload.indexOf(payload.readerIndex(), last + 1, MAGIC_DIGITS[0]);
        while (at >= 0) {
            if (isStamp(payload, at)) {
                return of(
                        (int) digits(payload, at + 8, 8),
                        (int) digits(payload, at + 16, 8),
                        digits(payload, at + 24, 16),
                        digits(payload, at + 40, 16));
            }
            at = at < last ? payload.indexOf(at + 1, last + 1, MAGIC_DIGITS[0]) : -1;
        }
        return null;
    }

    private static boolean isStamp(ByteBuf payload, int at) {
        for (int i = 0; i < MAGIC_DIGITS.length; i++) {
            if (payload.getByte(at + i) != MAGIC_DIGITS[i]) {
                return false;
            }
        }
        for (int i = MAGIC_DIGITS.length; i < DIGITS; i++) {
            if (Character.digit(payload.getByte(at + i), 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private static long digits(ByteBuf payload, int at, int count) {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 4 | Character.digit(payload.getByte(at + i), 16);
        }
        return value;
    }

    private static Stamp of(int run, int publisher, long sequence, long dueEpochNanos) {
        return new Stamp(run, publisher, sequence, dueEpochNanos - EPOCH_NANOS);
    }
}
