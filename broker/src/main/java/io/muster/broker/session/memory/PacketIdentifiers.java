package io.muster.broker.session.memory;

/**
 * A set of packet identifiers, 1 to 65,535, without objects for them: each stands in the first free
 * place from the one on that its lowest bits give.
 *
 * <p>Confined to the session's loop.
 */
final class PacketIdentifiers {

    private static final int FIRST_PLACES = 8;
    private static final char FREE = 0;
    private static final char[] NONE = {};

    /** The number of places is a power of two, or none; half of them or more are free. */
    private char[] places = NONE;

    private int size;

    /** Adds an identifier; false if it is there already. */
    boolean add(int packetId) {
        if (contains(packetId)) {
            return false;
        }
        if (2 * size >= places.length) {
            grow();
        }
        places[find(packetId)] = (char) packetId;
        size++;
        return true;
    }

    /** Removes an identifier; false if it is not there. */
    boolean remove(int packetId) {
        if (!contains(packetId)) {
            return false;
        }
        int place = find(packetId);
        places[place] = FREE;
        size--;
        moveUp(next(place));
        return true;
    }

    int size() {
        return size;
    }

    private boolean contains(int packetId) {
        return size > 0 && places[find(packetId)] == packetId;
    }

    /** Where the identifier is, or else the free place that it would have. */
    private int find(int packetId) {
        int place = packetId & (places.length - 1);
        while (places[place] != FREE && places[place] != packetId) {
            place = next(place);
        }
        return place;
    }

    private int next(int place) {
        return (place + 1) & (places.length - 1);
    }

    /** A place before has become free, which those that follow without a gap may be meant for. */
    private void moveUp(int from) {
        for (int place = from; places[place] != FREE; place = next(place)) {
            char packetId = places[place];
            places[place] = FREE;
            places[find(packetId)] = packetId;
        }
    }

    private void grow() {
        char[] present = places;
        places = new char[Math.max(FIRST_PLACES, 2 * present.length)];
        for (char packetId : present) {
            if (packetId != FREE) {
                places[find(packetId)] = packetId;
            }
        }
    }
}
