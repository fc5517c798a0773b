package io.muster.broker.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.message.UserProperty;
import io.muster.broker.routing.RetainedMessages.Outcome;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetainedMessagesTest {

    private static final long NOW = 1_000;

    private final RetainedMessages retained = new RetainedMessages(10, 1 << 20);

    @Test
    void keepsTheLastMessageOfATopic() {
        Message last = message("a/b", "second");

        assertThat(retained.store(message("a/b", "first"))).isEqualTo(Outcome.STORED);
        assertThat(retained.store(last)).isEqualTo(Outcome.STORED);

        assertThat(matches(retained, "a/b")).containsExactly(last);
        assertThat(retained.size()).isEqualTo(1);
    }

    @Test
    void removesTheMessageWhenAnEmptyOneComes() {
        retained.store(message("a/b", "x"));

        assertThat(retained.store(message("a/b", ""))).isEqualTo(Outcome.REMOVED);
        assertThat(retained.store(message("a/b", ""))).isEqualTo(Outcome.NOTHING_TO_REMOVE);
        assertThat(retained.store(message("never/seen", ""))).isEqualTo(Outcome.NOTHING_TO_REMOVE);
        assertThat(retained.size()).isZero();
        assertThat(retained.bytes()).isZero();
        assertThat(retained.root.isBare()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "#, a a/b a//c d /",
        "a/#, a a/b a//c",
        "a/+, a/b",
        "+, a d",
        "+/+, a/b /",
        "a/+/c, a//c",
        "a//c, a//c",
        "$SYS/#, $SYS/x $SYS/x/y",
        "$SYS/+, $SYS/x",
        "+/x, ''",
        "a/b/c, ''",
        "x/#, ''"
    })
    void findsWhatAFilterMatches(String filter, String topics) {
        for (String topic : "a a/b a//c d / $SYS/x $SYS/x/y".split(" ", -1)) {
            retained.store(message(topic, "x"));
        }

        assertThat(
                        String.join(
                                        " ",
                                        matches(retained, filter).stream()
                                                .map(Message::topic)
                                                .toList())
                                .split(" ", -1))
                .containsExactlyInAnyOrder(topics.split(" ", -1));
    }

    @Test
    void refusesMoreMessagesThanAllowed() {
        RetainedMessages two = new RetainedMessages(2, 1 << 20);
        two.store(message("a", "x"));
        two.store(message("b", "x"));

        assertThat(two.store(message("c", "x"))).isEqualTo(Outcome.FULL);
        assertThat(two.refused()).isEqualTo(1);
        assertThat(two.store(message("b", "y")))
                .as("in place of another")
                .isEqualTo(Outcome.STORED);
        two.store(message("a", ""));
        assertThat(two.store(message("c", "x"))).as("room again").isEqualTo(Outcome.STORED);
        assertThat(two.size()).isEqualTo(2);
        assertThat(two.refused()).isEqualTo(1);
    }

    @Test
    void tellsBeforehandWhetherThereIsRoom() {
        RetainedMessages two = new RetainedMessages(2, 1_000);
        assertThat(two.hasRoomFor(message("a", "x".repeat(1_000)))).as("too large").isFalse();
        two.store(message("a", "x"));
        assertThat(two.hasRoomFor(message("b", "x"))).isTrue();
        two.store(message("b", "x"));

        assertThat(two.hasRoomFor(message("c", "x"))).isFalse();
        assertThat(two.hasRoomFor(message("b", "y"))).as("in place of another").isTrue();
        assertThat(two.refused()).isZero();
    }

    @Test
    void removesTheOldMessageOfATopicWhoseNewOneDoesNotFit() {
        RetainedMessages small = new RetainedMessages(10, 1_000);
        small.store(message("a", "x"));
        small.store(message("b", "x"));

        assertThat(small.store(message("a", "x".repeat(1_000)))).isEqualTo(Outcome.FULL);
        assertThat(matches(small, "#")).extracting(Message::topic).containsExactly("b");
        assertThat(small.refused()).isEqualTo(1);
    }

    @Test
    void countsContentsAndWhatEachMessageCostsBesides() {
        retained.store(message("a", "x"));
        long bytes = retained.bytes();
        retained.store(message("a", "x".repeat(101)));
        assertThat(retained.bytes()).isEqualTo(bytes + 100);

        long shallow = retained.bytes();
        retained.store(message("b/c/d/e/f", "x"));
        assertThat(retained.bytes() - shallow)
                .as("four levels more cost more than their characters")
                .isGreaterThan(bytes + 400);
    }

    @Test
    void countsProperties() {
        retained.store(message("a", "x"));
        long bytes = retained.bytes();
        retained.store(
                new Message(
                        "a",
                        Payload.of(new byte[1]),
                        Qos.AT_MOST_ONCE,
                        true,
                        "",
                        Message.NEVER,
                        new PublishProperties(
                                1,
                                "t".repeat(1_000),
                                "r".repeat(1_000),
                                Payload.of(new byte[1_000]),
                                List.of(
                                        new UserProperty("n".repeat(500), "v".repeat(500)),
                                        new UserProperty("n".repeat(500), "v".repeat(500))))));

        assertThat(retained.bytes() - bytes).isBetween(5_000L, 5_400L);
    }

    @Test
    void leavesOutWhatHasExpiredAndDropsIt() {
        Message lasting = message("a/1", "x");
        Message expiring = expiring("a/2", NOW + 1);
        retained.store(lasting);
        retained.store(expiring);

        assertThat(matches(retained, "a/+", NOW)).containsExactlyInAnyOrder(lasting, expiring);
        assertThat(matches(retained, "a/+", NOW + 1)).containsExactly(lasting);
        assertThat(retained.size()).isEqualTo(1);
        assertThat(matches(retained, "a/+", NOW)).as("it is gone").containsExactly(lasting);
    }

    @Test
    void dropsExpiredMessagesWhenSwept() {
        for (int i = 0; i < 5; i++) {
            retained.store(expiring("a/" + i, NOW + i));
        }
        retained.store(message("$SYS/lasting", "x"));
        retained.store(expiring("$SYS/a", NOW));

        assertThat(retained.removeExpired(NOW - 1)).isZero();
        assertThat(retained.removeExpired(NOW + 2)).isEqualTo(4);
        assertThat(retained.size()).isEqualTo(3);
        assertThat(retained.removeExpired(NOW + 100)).isEqualTo(2);
        assertThat(retained.removeExpired(Long.MAX_VALUE)).as("the lasting one stays").isZero();
        assertThat(retained.size()).isEqualTo(1);
    }

    @Test
    void sweepsWhatExpiresAfterLastingOnesWereReplaced() {
        retained.store(expiring("a", NOW));
        retained.store(message("a", "lasting"));
        retained.store(message("b", "lasting"));
        retained.store(expiring("b", NOW));

        assertThat(retained.removeExpired(NOW)).isEqualTo(1);
        assertThat(matches(retained, "#")).extracting(Message::topic).containsExactly("a");
    }

    @Test
    @Timeout(60)
    void showsAReaderTheOldMessageOrTheNewOneButNeverNone() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            retained.store(message("a/b", "x"));
            Future<Integer> reader =
                    threads.submit(
                            () -> {
                                int reads = 0;
                                while (!done.get()) {
                                    assertThat(matches(retained, "a/b")).hasSize(1);
                                    assertThat(matches(retained, "+/b")).hasSize(1);
                                    reads++;
                                }
                                return reads;
                            });
            for (int i = 0; i < 100_000; i++) {
                retained.store(message("a/b", "x"));
                retained.store(message("a/c/" + i % 20, i % 3 == 0 ? "x" : ""));
            }
            done.set(true);
            assertThat(reader.get()).isPositive();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    @Timeout(60)
    void neverSweepsTheMessageThatTookThePlaceOfAnExpiredOne() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService sweeper = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> swept =
                    sweeper.submit(
                            () -> {
                                while (!done.get()) {
                                    retained.removeExpired(NOW);
                                }
                                return true;
                            });
            for (int i = 0; i < 200_000; i++) {
                retained.store(expiring("a", NOW));
                retained.store(message("a", "lasting"));
                assertThat(retained.size()).isEqualTo(1);
            }
            done.set(true);
            assertThat(swept.get()).isTrue();
            assertThat(matches(retained, "a")).hasSize(1);
        } finally {
            sweeper.shutdownNow();
        }
    }

    private static List<Message> matches(RetainedMessages retained, String filter) {
        return matches(retained, filter, NOW);
    }

    private static List<Message> matches(RetainedMessages retained, String filter, long now) {
        List<Message> found = new ArrayList<>();
        retained.forEachMatch(TopicFilter.parse(filter), now, found::add);
        return found;
    }

    private static Message message(String topic, String payload) {
        return Message.of(topic, payloadOf(payload), Qos.AT_MOST_ONCE, true);
    }

    private static Message expiring(String topic, long atMillis) {
        return new Message(
                topic,
                payloadOf("x"),
                Qos.AT_MOST_ONCE,
                true,
                "",
                atMillis,
                PublishProperties.NONE);
    }

    private static Payload payloadOf(String text) {
        return Payload.of(text.getBytes(UTF_8));
    }
}
