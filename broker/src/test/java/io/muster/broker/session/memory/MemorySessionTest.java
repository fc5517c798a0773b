package io.muster.broker.session.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.broker.message.Delivery;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import io.muster.broker.spi.StoredSubscription;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class MemorySessionTest {

    private final MemorySession session = new MemorySession("principal", 3, 100);

    private static Delivery delivery(String topic, Qos qos, int bytes) {
        return new Delivery(
                Message.of(topic, Payload.of(new byte[bytes]), qos, false),
                qos,
                false,
                SubscriptionIdentifiers.NONE,
                null);
    }

    private static Delivery delivery(String topic) {
        return delivery(topic, Qos.AT_LEAST_ONCE, 1);
    }

    // ----------------------------------------------------------------- MessageQueue

    @Test
    void givesOutFirstWhatCameFirst() {
        session.enqueue(delivery("a"));
        session.enqueue(delivery("b"));
        assertThat(session.dequeue().message().topic()).isEqualTo("a");
        assertThat(session.dequeue().message().topic()).isEqualTo("b");
        assertThat(session.queuedMessages()).isZero();
        assertThatThrownBy(session::dequeue).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void findsTheOldestOfQosZeroWhateverWaitsBefore() {
        assertThat(session.queuedQosZero()).isZero();
        session.enqueue(delivery("a", Qos.EXACTLY_ONCE, 1));
        session.enqueue(delivery("b", Qos.AT_MOST_ONCE, 1));
        session.enqueue(delivery("c", Qos.AT_MOST_ONCE, 1));
        assertThat(session.queuedQosZero()).isEqualTo(2);
        assertThat(session.queuedQosZeroBytes()).isPositive().isLessThan(session.queuedBytes());
        for (String topic : new String[] {"b", "c"}) {
            assertThat(session.dequeueQosZero())
                    .extracting(each -> each.message().topic())
                    .isEqualTo(topic);
        }
        assertThat(session.dequeueQosZero()).isNull();
        assertThat(session.queuedQosZero()).isZero();
        assertThat(session.dequeue().message().topic()).isEqualTo("a");
    }

    @Test
    void refusesTheMessageBeyondTheCountAndThenTakesMore() {
        for (String topic : new String[] {"a", "b", "c"}) {
            assertThat(session.enqueue(delivery(topic))).isTrue();
        }
        assertThat(session.enqueue(delivery("d"))).isFalse();
        session.dequeue();
        assertThat(session.enqueue(delivery("d"))).isTrue();
    }

    @Test
    void refusesTheMessageBeyondTheBytesAndThenTakesMore() {
        assertThat(session.enqueue(delivery("a", Qos.AT_LEAST_ONCE, 59))).isTrue();
        assertThat(session.enqueue(delivery("b", Qos.AT_LEAST_ONCE, 40))).isFalse();
        assertThat(session.enqueue(delivery("b", Qos.AT_LEAST_ONCE, 39))).isTrue();
        session.dequeue();
        assertThat(session.enqueue(delivery("c", Qos.AT_LEAST_ONCE, 60))).isFalse();
        assertThat(session.enqueue(delivery("c", Qos.AT_LEAST_ONCE, 59))).isTrue();
    }

    @Test
    void dropsQosZeroAndItsBytesButKeepsTheRestInOrder() {
        session.enqueue(delivery("a", Qos.AT_LEAST_ONCE, 9));
        session.enqueue(delivery("b", Qos.AT_MOST_ONCE, 79));
        session.enqueue(delivery("c", Qos.EXACTLY_ONCE, 9));
        assertThat(session.removeQueued(each -> each.qos() == Qos.AT_MOST_ONCE)).isEqualTo(1);
        assertThat(session.removeQueued(each -> each.qos() == Qos.AT_MOST_ONCE)).isZero();
        assertThat(session.enqueue(delivery("d", Qos.AT_LEAST_ONCE, 80))).isFalse();
        assertThat(session.enqueue(delivery("d", Qos.AT_LEAST_ONCE, 79))).isTrue();
        assertThat(session.dequeue().message().topic()).isEqualTo("a");
        assertThat(session.dequeue().message().topic()).isEqualTo("c");
        assertThat(session.dequeue().message().topic()).isEqualTo("d");
    }

    @Test
    void countsTopicsAndPropertiesAsWellAsPayloads() {
        assertThat(session.enqueue(delivery("t".repeat(101), Qos.AT_LEAST_ONCE, 0))).isFalse();
        assertThat(session.enqueue(withCorrelation(100))).isFalse();
        assertThat(session.enqueue(withCorrelation(90))).isTrue();
        assertThat(session.queuedBytes()).isEqualTo(91);
        assertThat(session.enqueue(delivery("t", Qos.AT_LEAST_ONCE, 9))).isFalse();
        assertThat(session.enqueue(delivery("t", Qos.AT_LEAST_ONCE, 8))).isTrue();
        session.dequeue();
        assertThat(session.queuedBytes()).isEqualTo(9);
    }

    private static Delivery withCorrelation(int bytes) {
        PublishProperties properties =
                new PublishProperties(-1, null, null, Payload.of(new byte[bytes]), List.of());
        return delivery(Message.NEVER, Qos.AT_LEAST_ONCE, properties);
    }

    private static Delivery delivery(long expiresAt, Qos qos, PublishProperties properties) {
        Message message = new Message("t", Payload.EMPTY, qos, false, "", expiresAt, properties);
        return new Delivery(message, qos, false, SubscriptionIdentifiers.NONE, null);
    }

    private static Delivery expiring(long at, Qos qos) {
        return delivery(at, qos, PublishProperties.NONE);
    }

    @Test
    void removesWhatHasExpiredFromWhereverItStands() {
        MemorySession roomy = new MemorySession("principal", 10, 1_000);
        assertThat(roomy.earliestExpiryMillis()).isEqualTo(Message.NEVER);
        roomy.enqueue(expiring(30, Qos.AT_LEAST_ONCE));
        roomy.enqueue(expiring(20, Qos.AT_MOST_ONCE));
        roomy.enqueue(delivery("lasting"));
        roomy.enqueue(expiring(10, Qos.EXACTLY_ONCE));
        roomy.enqueue(expiring(20, Qos.AT_LEAST_ONCE));
        assertThat(roomy.earliestExpiryMillis()).isEqualTo(10);

        assertThat(roomy.removeExpired(9)).isZero();
        assertThat(roomy.removeExpired(20)).isEqualTo(3);

        assertThat(roomy.earliestExpiryMillis()).isEqualTo(30);
        assertThat(roomy.queuedMessages()).isEqualTo(2);
        assertThat(roomy.queuedBytes()).isEqualTo(1 + 8);
        assertThat(roomy.dequeue().message().expiresAtMillis()).isEqualTo(30);
        assertThat(roomy.earliestExpiryMillis()).as("it left by itself").isEqualTo(Message.NEVER);
        assertThat(roomy.removeExpired(Message.NEVER - 1)).isZero();
        assertThat(roomy.dequeue().message().topic()).isEqualTo("lasting");
    }

    @Test
    void forgetsTheExpiryOfWhatWasRemovedOtherwise() {
        session.enqueue(expiring(10, Qos.AT_MOST_ONCE));
        session.enqueue(expiring(20, Qos.AT_MOST_ONCE));
        session.enqueue(expiring(30, Qos.AT_LEAST_ONCE));
        session.dequeueQosZero();
        assertThat(session.earliestExpiryMillis()).isEqualTo(20);
        session.removeQueued(each -> each.qos() == Qos.AT_MOST_ONCE);
        assertThat(session.earliestExpiryMillis()).isEqualTo(30);
    }

    @Test
    void emptyQueuesShareNothing() {
        MemorySession other = new MemorySession("principal", 3, 100);
        session.enqueue(delivery("a"));
        session.dequeue();
        session.enqueue(delivery("b"));
        other.enqueue(delivery("c"));
        assertThat(session.queuedMessages()).isEqualTo(1);
        assertThat(other.dequeue().message().topic()).isEqualTo("c");
    }

    // --------------------------------------------------------------------- Inflight

    @Test
    void packetIdentifiersGoRoundFromOneToTheLargest() {
        for (int expected = 1; expected <= 65_535; expected++) {
            assertThat(session.send(delivery("t"))).isEqualTo(expected);
            session.complete(expected);
        }
        assertThat(session.send(delivery("t"))).isEqualTo(1);
    }

    @Test
    void stepsOverPacketIdentifiersThatAreInUse() {
        assertThat(session.send(delivery("slow"))).isEqualTo(1);
        assertThat(session.send(delivery("slow"))).isEqualTo(2);
        for (int i = 0; i < 3 * 65_535; i++) {
            int packetId = session.send(delivery("t"));
            assertThat(packetId).isBetween(3, 65_535);
            session.complete(packetId);
        }
        assertThat(identifiers(false)).containsExactly(1, 2);
    }

    @Test
    void keepsMessagesInTheOrderSentAndReleasesInTheOrderOfPubrec() {
        for (String topic : new String[] {"a", "b", "c", "d", "e"}) {
            session.send(delivery(topic));
        }
        session.release(4);
        session.release(1);
        session.release(4);
        session.complete(2);
        session.release(2);
        session.complete(99);
        assertThat(session.unacknowledgedCount()).isEqualTo(4);
        assertThat(session.isReleased(4)).isTrue();
        assertThat(session.isReleased(5)).isFalse();
        assertThat(session.isReleased(4 + 64)).as("of the same place").isFalse();
        assertThat(session.unacknowledged(5 + 64)).as("of the same place").isNull();
        assertThat(identifiers(false)).containsExactly(3, 5);
        assertThat(identifiers(true)).containsExactly(4, 1);
        assertThat(session.unacknowledged(2)).isNull();
    }

    private List<Integer> identifiers(boolean released) {
        return session.unacknowledged().stream()
                .filter(each -> each.isReleased() == released)
                .<Integer>map(Unacknowledged::packetId)
                .toList();
    }

    // ----------------------------------------------------------------- the rest of it

    @Test
    void holdsOneSubscriptionForEachFilter() {
        StoredSubscription first = new StoredSubscription("a/#", Qos.AT_MOST_ONCE, false, false, 0);
        StoredSubscription second = new StoredSubscription("a/#", Qos.EXACTLY_ONCE, true, true, 0);
        assertThat(session.subscribe(first)).isTrue();
        assertThat(session.subscribe(second)).isFalse();
        assertThat(session.subscriptions()).containsExactly(second);
        assertThat(session.unsubscribe("a/#")).isTrue();
        assertThat(session.unsubscribe("a/#")).isFalse();
    }

    @Test
    void remembersReceivedIdentifiersUntilReleased() {
        assertThat(session.receive(1)).isTrue();
        assertThat(session.receive(1)).isFalse();
        assertThat(session.receive(2)).isTrue();
        assertThat(session.receivedCount()).isEqualTo(2);
        assertThat(session.releaseReceived(1)).isTrue();
        assertThat(session.releaseReceived(1)).isFalse();
        assertThat(session.receivedCount()).isEqualTo(1);
    }

    @Test
    void aNewSessionHasNoExpiry() {
        assertThat(session.expirySeconds()).isZero();
        session.expirySeconds(7);
        assertThat(session.expirySeconds()).isEqualTo(7);
    }

    // ------------------------------------------------------------------------- store

    @Test
    void theStoreFindsWhatItCreatedUntilItIsRemoved() {
        MemorySessionStore store = new MemorySessionStore(1, 10);
        assertThat(store.find("a").toCompletableFuture().join()).isEmpty();
        StoredSession created = store.create("a", "principal").toCompletableFuture().join();
        assertThat(store.find("a").toCompletableFuture().join()).containsSame(created);
        assertThat(store.find("b").toCompletableFuture().join()).isEmpty();
        store.remove("a").toCompletableFuture().join();
        assertThat(store.find("a").toCompletableFuture().join()).isEmpty();
    }

    @Test
    void theStoreCreatesAnEmptySessionInPlaceOfAnOldOne() {
        MemorySessionStore store = new MemorySessionStore(1, 10);
        StoredSession old = store.create("a", "principal").toCompletableFuture().join();
        assertThat(old.enqueue(delivery("t"))).isTrue();
        assertThat(old.enqueue(delivery("t"))).as("bounded as configured").isFalse();
        StoredSession created = store.create("a", "principal").toCompletableFuture().join();
        assertThat(created.queuedMessages()).isZero();
        assertThat(store.find("a").toCompletableFuture().join()).containsSame(created);
    }
}
