package io.muster.broker.session.memory;

import io.muster.broker.message.Delivery;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages sent with QoS 1 or 2 whose acknowledgement is not complete, and the packet
 * identifiers that they use. Identifiers go round from 1 to 65,535 [MQTT-2.2.1-3], so that a late
 * packet for an old one is recognised.
 *
 * <p>Each identifier has one place, given by its lowest bits; one whose place is taken is stepped
 * over. A quarter of the places or more are free, so that few are; and what is sent and soon
 * acknowledged costs no object.
 *
 * <p>Confined to the session's loop.
 */
final class Inflight {

    private static final int PACKET_ID_MAX = 65_535;
    private static final int FIRST_PLACES = 8;

    // A session that was never sent anything shares these with all others.
    private static final @Nullable Delivery[] NO_DELIVERIES = {};
    private static final char[] NO_PACKET_IDS = {};
    private static final long[] NO_TURNS = {};

    /** The number of places is a power of two, or none. */
    private @Nullable Delivery[] deliveries = NO_DELIVERIES;

    private char[] packetIds = NO_PACKET_IDS;

    /** The count of the sending, or the negative one of the release. */
    private long[] turns = NO_TURNS;

    private long lastTurn;
    private int lastPacketId;
    private int size;

    /**
     * Takes in a message and returns its packet identifier. The caller keeps the number of messages
     * far below 65,535.
     */
    int add(Delivery delivery) {
        if (size >= deliveries.length / 4 * 3) {
            grow();
        }
        do {
            lastPacketId = lastPacketId == PACKET_ID_MAX ? 1 : lastPacketId + 1;
        } while (deliveries[placeOf(lastPacketId)] != null);
        int place = placeOf(lastPacketId);
        deliveries[place] = delivery;
        packetIds[place] = (char) lastPacketId;
        turns[place] = ++lastTurn;
        size++;
        return lastPacketId;
    }

    private int placeOf(int packetId) {
        return packetId & (deliveries.length - 1);
    }

    /** What has different places has different ones among twice as many. */
    private void grow() {
        @Nullable Delivery[] oldDeliveries = deliveries;
        char[] oldPacketIds = packetIds;
        long[] oldTurns = turns;
        int places = Math.max(FIRST_PLACES, 2 * oldDeliveries.length);
        deliveries = new Delivery[places];
        packetIds = new char[places];
        turns = new long[places];
        for (int i = 0; i < oldDeliveries.length; i++) {
            if (oldDeliveries[i] != null) {
                int place = placeOf(oldPacketIds[i]);
                deliveries[place] = oldDeliveries[i];
                packetIds[place] = oldPacketIds[i];
                turns[place] = oldTurns[i];
            }
        }
    }

    @Nullable Delivery get(int packetId) {
        return isInUse(packetId) ? deliveries[placeOf(packetId)] : null;
    }

    private boolean isInUse(int packetId) {
        return size > 0
                && deliveries[placeOf(packetId)] != null
                && packetIds[placeOf(packetId)] == packetId;
    }

    boolean isReleased(int packetId) {
        return isInUse(packetId) && turns[placeOf(packetId)] < 0;
    }

    /** PUBREC: from now on it stands behind what was released before [MQTT-4.6.0-4]. */
    void release(int packetId) {
        if (isInUse(packetId) && !isReleased(packetId)) {
            turns[placeOf(packetId)] = - ++lastTurn;
        }
    }

    void remove(int packetId) {
        if (isInUse(packetId)) {
            deliveries[placeOf(packetId)] = null;
            size--;
        }
    }

    int size() {
        return size;
    }

    /**
     * All, as they are now: those not released as they were sent, the others as they were released.
     */
    List<Unacknowledged> inOrder() {
        if (size == 0) {
            return List.of();
        }
        record Sent(long turn, Unacknowledged message) {}
        List<Sent> sent = new ArrayList<>(size);
        for (int i = 0; i < deliveries.length; i++) {
            Delivery delivery = deliveries[i];
            if (delivery != null) {
                boolean isReleased = turns[i] < 0;
                sent.add(
                        new Sent(
                                Math.abs(turns[i]),
                                new Unacknowledged(packetIds[i], delivery, isReleased)));
            }
        }
        sent.sort(Comparator.comparingLong(Sent::turn));
        return sent.stream().map(Sent::message).toList();
    }
}
