package io.muster.auth.x509.crl;

import io.muster.auth.x509.encoding.DerReader;
import io.muster.auth.x509.encoding.MalformedException;

/**
 * The entries of a list, checked and counted, where they lie in its bytes: nothing of them is kept
 * besides, so that a million of them take no memory. Confined to one thread.
 *
 * <p>An entry whose serial number is not positive or has more than 20 octets names no certificate
 * that would be let in, and is not counted.
 */
final class CrlEntries {

    /** More entries than this are not taken. */
    static final int COUNT_MAX = 5_000_000;

    /** No serial number that anybody ever wrote has more octets. */
    private static final int SERIAL_OCTETS_MAX = 64;

    private static final int ENTRY_EXTENSIONS_MAX = 16;
    private static final int REASON_CODE = 21;
    private static final int HOLD_INSTRUCTION = 23;
    private static final int INVALIDITY_DATE = 24;
    private static final int CERTIFICATE_ISSUER = 29;
    private static final int REASON_MAX = 10;
    private static final int REASON_UNASSIGNED = 7;

    private final byte[] bytes;
    private final int from;
    private final int to;
    private int count;
    private int longest = 1;

    private CrlEntries(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /** A list without entries. */
    static CrlEntries none() {
        return new CrlEntries(new byte[0], 0, 0);
    }

    /**
     * Checks all.
     *
     * @param entries what is inside of revokedCertificates
     */
    static CrlEntries read(byte[] bytes, DerReader entries)
            throws MalformedException, CrlRefusedException {
        if (entries.isAtEnd()) {
            throw new CrlRefusedException(
                    CrlFailure.EMPTY_ENTRIES, "the list has a list of entries without any");
        }
        int from = entries.position();
        CrlEntries read = new CrlEntries(bytes, from, from + entries.remaining());
        while (!entries.isAtEnd()) {
            read.check(entries.enter(DerReader.SEQUENCE));
        }
        return read;
    }

    private void check(DerReader entry) throws MalformedException, CrlRefusedException {
        DerReader serial = entry.magnitude();
        int octets = serial.remaining();
        if (octets > SERIAL_OCTETS_MAX) {
            throw serial.malformed(
                    "a serial number has more than %d octets".formatted(SERIAL_OCTETS_MAX));
        }
        if (isSerial(octets)) {
            count++;
            longest = Math.max(longest, octets);
        }
        if (count > COUNT_MAX) {
            throw new CrlRefusedException(
                    CrlFailure.TOO_LARGE, "the list has more than %d entries".formatted(COUNT_MAX));
        }
        entry.skipTime();
        if (!entry.isAtEnd()) {
            checkExtensions(entry.enter(DerReader.SEQUENCE));
        }
        entry.requireEnd();
    }

    private static boolean isSerial(int octets) {
        return octets > 0 && octets <= SerialNumber.OCTETS_MAX;
    }

    private static void checkExtensions(DerReader extensions)
            throws MalformedException, CrlRefusedException {
        if (extensions.isAtEnd()) {
            throw extensions.malformed("an entry has a list of extensions without any");
        }
        for (int count = 0; !extensions.isAtEnd(); count++) {
            if (count == ENTRY_EXTENSIONS_MAX) {
                throw extensions.malformed(
                        "an entry has more than %d extensions".formatted(ENTRY_EXTENSIONS_MAX));
            }
            checkExtension(extensions.enter(DerReader.SEQUENCE));
        }
    }

    private static void checkExtension(DerReader extension)
            throws MalformedException, CrlRefusedException {
        int number = extension.extensionNumber();
        boolean isCritical = extension.flag(DerReader.BOOLEAN);
        DerReader value = extension.enter(DerReader.OCTET_STRING);
        extension.requireEnd();
        switch (number) {
            case REASON_CODE -> checkReason(value);
            case INVALIDITY_DATE -> {
                value.skipTime();
                value.requireEnd();
            }
            case HOLD_INSTRUCTION -> value.skip();
            case CERTIFICATE_ISSUER ->
                    throw new CrlRefusedException(
                            CrlFailure.INDIRECT, "an entry is of another issuer");
            default -> refuseIf(isCritical);
        }
    }

    private static void refuseIf(boolean isCritical) throws CrlRefusedException {
        if (isCritical) {
            throw new CrlRefusedException(
                    CrlFailure.CRITICAL_ENTRY_EXTENSION,
                    "an entry has an unknown critical extension");
        }
    }

    private static void checkReason(DerReader value) throws MalformedException {
        int reason = value.enumerated();
        value.requireEnd();
        if (reason > REASON_MAX || reason == REASON_UNASSIGNED) {
            throw value.malformed("there is no reason with the code " + reason);
        }
    }

    /** How many there are that can be those of certificates. */
    int count() {
        return count;
    }

    /** The set of them, made at a second reading. */
    RevokedSerials serials() throws MalformedException {
        int words = (longest + Long.BYTES - 1) / Long.BYTES;
        RevokedSerials.Builder builder = new RevokedSerials.Builder(count, words);
        DerReader entries = new DerReader(bytes, from, to);
        while (!entries.isAtEnd()) {
            DerReader serial = entries.enter(DerReader.SEQUENCE).magnitude();
            if (isSerial(serial.remaining())) {
                int start = serial.position();
                builder.add(bytes, start, start + serial.remaining());
            }
        }
        return builder.build();
    }
}
