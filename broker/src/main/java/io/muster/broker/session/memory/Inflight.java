package io.muster.broker.session.memory;

import io.muster.broker.message.Delivery;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages sent with QoS 1 or 2 whose acknowledgement is not complete, in the order in which
 * they are to be sent again, and the packet identifiers that they use. Identifiers go round from 1
 * to 65,535 [MQTT-2.2.1-3], so that a late packet for an old one is recognised.
 *
 * <p>Confined to the session's loop.
 */
final class Inflight {

    private static final int PACKET_ID_MAX = 65_535;

    private final Map<Integer, Entry> entries = new LinkedHashMap<>(4);
    private int lastPacketId;

    /**
     * Takes in a message and returns its packet identifier. The caller keeps the number of entries
     * far below 65,535.
     */
    int add(Delivery delivery) {
        do {
            lastPacketId = lastPacketId == PACKET_ID_MAX ? 1 : lastPacketId + 1;
        } while (entries.containsKey(lastPacketId));
        entries.put(lastPacketId, new Entry(lastPacketId, delivery));
        return lastPacketId;
    }

    @Nullable Entry get(int packetId) {
        return entries.get(packetId);
    }

    /** PUBREC: from now on it stands behind what was released before [MQTT-4.6.0-4]. */
    void release(int packetId) {
        Entry entry = entries.get(packetId);
        if (entry != null && !entry.released) {
            entry.released = true;
            entries.remove(packetId);
            entries.put(packetId, entry);
        }
    }

    void remove(int packetId) {
        entries.remove(packetId);
    }

    Collection<Entry> inOrder() {
        return entries.values();
    }

    /** One message and how far its acknowledgement has come. */
    static final class Entry implements Unacknowledged {
        private final int packetId;
        private final Delivery delivery;
        private boolean released;

        private Entry(int packetId, Delivery delivery) {
            this.packetId = packetId;
            this.delivery = delivery;
        }

        @Override
        public int packetId() {
            return packetId;
        }

        @Override
        public Delivery delivery() {
            return delivery;
        }

        @Override
        public boolean isReleased() {
            return released;
        }
    }
}
