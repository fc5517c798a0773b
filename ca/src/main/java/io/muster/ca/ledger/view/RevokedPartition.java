package io.muster.ca.ledger.view;

import io.muster.ca.RevocationReason;
import io.muster.ca.SerialNumber;
import io.muster.ca.crl.RevokedCertificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Revoked certificates in some arrays, at 33 to 66 bytes for each. Not for several threads at once.
 */
final class RevokedPartition {

    private static final int ROOM = 16;

    /** Where each serial number stands, plus one; 0 is free. Twice as long as what follows. */
    private int[] places = new int[2 * ROOM];

    private long[] serials = new long[ROOM];
    private long[] revokedAt = new long[ROOM];
    private long[] notAfter = new long[ROOM];
    private byte[] reasons = new byte[ROOM];
    private int size;

    /** Adds one, or replaces what was known of it. */
    void put(RevokedCertificate certificate) {
        if (size == serials.length) {
            grow();
        }
        long serial = certificate.serial().value();
        int slot = slot(serial);
        int place = places[slot] - 1;
        if (place < 0) {
            place = size++;
            places[slot] = place + 1;
        }
        serials[place] = serial;
        revokedAt[place] = certificate.revokedAt().toEpochMilli();
        notAfter[place] = certificate.notAfter().toEpochMilli();
        reasons[place] = (byte) certificate.reason().code();
    }

    private void grow() {
        int room = 2 * serials.length;
        serials = Arrays.copyOf(serials, room);
        revokedAt = Arrays.copyOf(revokedAt, room);
        notAfter = Arrays.copyOf(notAfter, room);
        reasons = Arrays.copyOf(reasons, room);
        places = new int[2 * room];
        for (int place = 0; place < size; place++) {
            places[slot(serials[place])] = place + 1;
        }
    }

    /** Serial numbers are random, so their own bits spread them. */
    private int slot(long serial) {
        int mask = places.length - 1;
        int slot = (int) (serial ^ (serial >>> 32)) & mask;
        while (places[slot] != 0 && serials[places[slot] - 1] != serial) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** What is known of one. */
    Optional<RevokedCertificate> find(SerialNumber serial) {
        int place = places[slot(serial.value())] - 1;
        return place < 0 ? Optional.empty() : Optional.of(at(place));
    }

    /** Those that expire then or later. */
    List<RevokedCertificate> expiringFrom(Instant since) {
        List<RevokedCertificate> found = new ArrayList<>();
        for (int place = 0; place < size; place++) {
            if (!Instant.ofEpochMilli(notAfter[place]).isBefore(since)) {
                found.add(at(place));
            }
        }
        return found;
    }

    private RevokedCertificate at(int place) {
        return new RevokedCertificate(
                new SerialNumber(serials[place]),
                Instant.ofEpochMilli(revokedAt[place]),
                RevocationReason.of(reasons[place]).orElseThrow(),
                Instant.ofEpochMilli(notAfter[place]));
    }
}
