package io.muster.broker.session.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * What is under way, and the packet identifiers noted, against collections that are easy to see
 * through.
 */
class InflightPropertyTest {

    private static final int SEND_MAX = 50;
    private static final int RELEASE_MAX = 70;

    /** Each number is a step; sends are half of them, so that the places grow. */
    @Property(tries = 200)
    void whatIsUnderWayIsFoundAndKeepsItsOrder(
            @ForAll @Size(max = 400) List<@IntRange(max = 100) Integer> steps) {
        Inflight inflight = new Inflight();
        Map<Integer, Delivery> sent = new LinkedHashMap<>();
        Map<Integer, Delivery> released = new LinkedHashMap<>();
        for (int step : steps) {
            List<Integer> present = new ArrayList<>(sent.keySet());
            present.addAll(released.keySet());
            int chosen = present.isEmpty() ? 1 : present.get(step % present.size());
            if (step < SEND_MAX) {
                Delivery delivery = delivery();
                int packetId = inflight.add(delivery);
                assertThat(present).doesNotContain(packetId);
                sent.put(packetId, delivery);
            } else if (step < RELEASE_MAX) {
                inflight.release(chosen);
                Delivery delivery = sent.remove(chosen);
                if (delivery != null) {
                    released.put(chosen, delivery);
                }
            } else {
                inflight.remove(chosen);
                sent.remove(chosen);
                released.remove(chosen);
            }
            check(inflight, sent, released);
        }
    }

    @Test
    void nothingIsLostWhileThePlacesGrowWhereverTheIdentifiersStand() {
        for (int before = 0; before < 130; before++) {
            for (int underWayBefore : new int[] {0, 3, 6, 11}) {
                Inflight inflight = new Inflight();
                for (int i = 0; i < before; i++) {
                    inflight.add(delivery());
                    inflight.remove(i + 1 - underWayBefore);
                }
                List<Integer> expected = new ArrayList<>(identifiers(inflight, false));
                for (int i = 0; i < 100; i++) {
                    expected.add(inflight.add(delivery()));
                }
                assertThat(identifiers(inflight, false)).isEqualTo(expected);
            }
        }
    }

    private static void check(
            Inflight inflight, Map<Integer, Delivery> sent, Map<Integer, Delivery> released) {
        assertThat(inflight.size()).isEqualTo(sent.size() + released.size());
        assertThat(identifiers(inflight, false)).containsExactlyElementsOf(sent.keySet());
        assertThat(identifiers(inflight, true)).containsExactlyElementsOf(released.keySet());
        for (int packetId = 0; packetId < 500; packetId++) {
            Delivery expected = sent.getOrDefault(packetId, released.get(packetId));
            assertThat(inflight.get(packetId)).isSameAs(expected);
            assertThat(inflight.isReleased(packetId)).isEqualTo(released.containsKey(packetId));
        }
    }

    private static List<Integer> identifiers(Inflight inflight, boolean released) {
        return inflight.inOrder().stream()
                .filter(each -> each.isReleased() == released)
                .<Integer>map(Unacknowledged::packetId)
                .toList();
    }

    private static Delivery delivery() {
        return new Delivery(
                Message.of("t", Payload.EMPTY, Qos.AT_LEAST_ONCE, false),
                Qos.AT_LEAST_ONCE,
                false,
                SubscriptionIdentifiers.NONE,
                null);
    }

    /** An identifier that is there is taken out, any other one put in; many share a place. */
    @Property(tries = 200)
    void packetIdentifiersAreASet(
            @ForAll @Size(max = 300) List<@IntRange(min = 1, max = 200) Integer> identifiers) {
        PacketIdentifiers noted = new PacketIdentifiers();
        Set<Integer> expected = new HashSet<>();
        for (int each : identifiers) {
            int packetId = each % 2 == 0 ? each : 65_536 - each;
            if (expected.contains(packetId)) {
                assertThat(noted.add(packetId)).isFalse();
                assertThat(noted.remove(packetId)).isTrue();
                expected.remove(packetId);
            } else {
                assertThat(noted.remove(packetId)).isFalse();
                assertThat(noted.add(packetId)).isTrue();
                expected.add(packetId);
            }
            assertThat(noted.size()).isEqualTo(expected.size());
        }
        for (int packetId = 1; packetId <= 65_535; packetId++) {
            assertThat(noted.remove(packetId)).isEqualTo(expected.contains(packetId));
        }
    }
}
