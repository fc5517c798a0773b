package io.muster.auth.x509.crl;

import java.math.BigInteger;
import java.util.Collection;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * A set of serial numbers: positive, of at most 20 octets (RFC 5280, 4.1.2.2). Immutable, shared;
 * one look takes constant time.
 */
public final class RevokedSerials {

    private static final RevokedSerials NONE = new Builder(0, 1).build();

    private final SerialTable table;
    private final int size;

    private RevokedSerials(SerialTable table, int size) {
        this.table = table;
        this.size = size;
    }

    /** The empty set. */
    public static RevokedSerials none() {
        return NONE;
    }

    /**
     * The set of these.
     *
     * @throws IllegalArgumentException if one is not positive or has more than 20 octets
     */
    public static RevokedSerials of(Collection<BigInteger> serials) {
        return NONE.with(serials);
    }

    /** Whether it is in here. */
    public boolean contains(SerialNumber serial) {
        return table.contains(serial.low(), serial.middle(), serial.high());
    }

    /**
     * The same of a number that is not looked for often.
     *
     * @throws IllegalArgumentException if it is not positive or has more than 20 octets
     */
    public boolean contains(BigInteger serial) {
        return contains(SerialNumber.of(serial));
    }

    /** How many of these are not in another set. Takes some ten nanoseconds for each. */
    public int countNotIn(RevokedSerials other) {
        int[] count = new int[1];
        table.forEachNotIn(other.table, 0, Integer.MAX_VALUE, (low, middle, high) -> count[0]++);
        return count[0];
    }

    /**
     * Gives some of those that are not in another set, in an order that is always the same for this
     * one: none is kept besides.
     *
     * @param from 0, or what was returned before for the same two sets
     * @param limit how many it gives at most
     * @return where to go on; empty if there are no more
     */
    public OptionalInt forEachNotIn(
            RevokedSerials other, int from, int limit, Consumer<BigInteger> taker) {
        int place =
                table.forEachNotIn(
                        other.table,
                        from,
                        limit,
                        (low, middle, high) ->
                                taker.accept(new SerialNumber(high, middle, low).toBigInteger()));
        return place == table.places() ? OptionalInt.empty() : OptionalInt.of(place);
    }

    /**
     * Those of these that are in another set, too. Takes some ten nanoseconds for each of both, and
     * no memory where one has all of the other.
     */
    public RevokedSerials and(RevokedSerials other) {
        int without = countNotIn(other);
        if (without == 0) {
            return this;
        }
        if (other.countNotIn(this) == 0) {
            return other;
        }
        Builder builder = new Builder(size - without, table.stride());
        table.forEachNotIn(
                NONE.table,
                0,
                Integer.MAX_VALUE,
                (low, middle, high) -> {
                    SerialNumber serial = new SerialNumber(high, middle, low);
                    if (other.contains(serial)) {
                        builder.add(serial);
                    }
                });
        return builder.build();
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** What it takes of the heap, in bytes, but for a hundred. */
    public long bytes() {
        return table.bytes();
    }

    /**
     * These and others.
     *
     * @throws IllegalArgumentException if one is not positive or has more than 20 octets
     */
    public RevokedSerials with(Collection<BigInteger> others) {
        return withAll(others.stream().map(SerialNumber::of).toList());
    }

    /** The same. */
    public RevokedSerials withAll(Collection<SerialNumber> others) {
        int words = others.stream().mapToInt(SerialNumber::words).max().orElse(1);
        Builder builder =
                new Builder(Math.addExact(size, others.size()), Math.max(words, table.stride()));
        builder.addAll(this);
        others.forEach(builder::add);
        return builder.build();
    }

    /** Fills a set whose size is known before. Confined to one thread, good for one set. */
    static final class Builder {

        private final SerialTable table;
        private final int countMax;
        private int size;

        /**
         * Takes so many.
         *
         * @param words of 8 octets that the longest has: 1 to 3
         */
        Builder(int countMax, int words) {
            this.countMax = countMax;
            table = new SerialTable(countMax, words);
        }

        private void add(SerialNumber serial) {
            size += table.add(serial.low(), serial.middle(), serial.high()) ? 1 : 0;
        }

        /** Adds the positive number whose octets stand there, the most significant one first. */
        void add(byte[] bytes, int from, int to) {
            if (size == countMax && !table.contains(bytes, from, to)) {
                throw new IllegalStateException("more than " + countMax + " serial numbers");
            }
            size += table.add(bytes, from, to) ? 1 : 0;
        }

        private void addAll(RevokedSerials others) {
            size += table.addAll(others.table);
        }

        RevokedSerials build() {
            return new RevokedSerials(table, size);
        }
    }
}
