package io.muster.broker.sys;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.Totals;
import io.muster.broker.metrics.Traffic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SystemTopicPublisherTest {

    private static final Figures NOTHING =
            new Figures(new Totals(Traffic.NONE, Traffic.NONE, 0, 0, 0, 0, 0), 0, 0, 0, 0, 0, 0, 1);

    private final List<Message> messages = new ArrayList<>();
    private final AtomicLong nanoTime = new AtomicLong(-3);
    private Figures figures = NOTHING;
    private final SystemTopicPublisher topics =
            new SystemTopicPublisher("1.2.3", () -> figures, messages::add, nanoTime::get);

    /** Publishes, and returns what was published by topic. */
    private Map<String, String> publish() {
        messages.clear();
        topics.publish();
        Map<String, String> texts = new LinkedHashMap<>();
        for (Message message : messages) {
            assertThat(texts).doesNotContainKey(message.topic());
            texts.put(
                    message.topic(),
                    new String(message.payload().bytes(), StandardCharsets.US_ASCII));
        }
        return texts;
    }

    private Map<String, String> publishAfter(long seconds) {
        nanoTime.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        return publish();
    }

    private static Figures clients(long sessions, long connected) {
        return new Figures(
                new Totals(Traffic.NONE, Traffic.NONE, 0, 0, 0, connected, 0),
                0,
                sessions,
                0,
                0,
                0,
                0,
                1);
    }

    /** Whoever watches other brokers relies on these. */
    @Test
    void theFirstTimeEveryTopicIsPublished() {
        figures =
                new Figures(
                        new Totals(
                                new Traffic(11, 12, 13, 14),
                                new Traffic(21, 22, 23, 24),
                                5,
                                31,
                                32,
                                33,
                                34),
                        6,
                        41,
                        42,
                        43,
                        44,
                        45,
                        46);
        Map<String, String> texts = publish();
        texts.keySet().removeIf(topic -> topic.startsWith("$SYS/broker/load/"));
        assertThat(texts)
                .containsOnly(
                        Map.entry("$SYS/broker/version", "muster version 1.2.3"),
                        Map.entry("$SYS/broker/uptime", "0 seconds"),
                        Map.entry("$SYS/broker/heap/current", "46"),
                        Map.entry("$SYS/broker/heap/maximum", "46"),
                        Map.entry("$SYS/broker/clients/total", "41"),
                        Map.entry("$SYS/broker/clients/maximum", "33"),
                        Map.entry("$SYS/broker/clients/connected", "33"),
                        Map.entry("$SYS/broker/clients/active", "33"),
                        Map.entry("$SYS/broker/clients/disconnected", "8"),
                        Map.entry("$SYS/broker/clients/inactive", "8"),
                        Map.entry("$SYS/broker/clients/expired", "32"),
                        Map.entry("$SYS/broker/messages/received", "11"),
                        Map.entry("$SYS/broker/messages/sent", "21"),
                        Map.entry("$SYS/broker/bytes/received", "12"),
                        Map.entry("$SYS/broker/bytes/sent", "22"),
                        Map.entry("$SYS/broker/publish/messages/received", "13"),
                        Map.entry("$SYS/broker/publish/messages/sent", "23"),
                        Map.entry("$SYS/broker/publish/messages/dropped", "31"),
                        Map.entry("$SYS/broker/publish/bytes/received", "14"),
                        Map.entry("$SYS/broker/publish/bytes/sent", "24"),
                        Map.entry("$SYS/broker/messages/stored", "78"),
                        Map.entry("$SYS/broker/store/messages/count", "78"),
                        Map.entry("$SYS/broker/store/messages/bytes", "45"),
                        Map.entry("$SYS/broker/retained messages/count", "44"),
                        Map.entry("$SYS/broker/subscriptions/count", "42"),
                        Map.entry("$SYS/broker/shared_subscriptions/count", "43"));
    }

    @Test
    void theFirstTimeEveryLoadIsPublishedAsNothing() {
        Map<String, String> loads = publish();
        loads.keySet().removeIf(topic -> !topic.startsWith("$SYS/broker/load/"));
        assertThat(loads)
                .hasSize(27)
                .containsKeys(
                        "$SYS/broker/load/messages/received/1min",
                        "$SYS/broker/load/messages/sent/5min",
                        "$SYS/broker/load/publish/received/15min",
                        "$SYS/broker/load/publish/sent/1min",
                        "$SYS/broker/load/publish/dropped/5min",
                        "$SYS/broker/load/bytes/received/15min",
                        "$SYS/broker/load/bytes/sent/1min",
                        "$SYS/broker/load/sockets/5min",
                        "$SYS/broker/load/connections/15min")
                .allSatisfy((topic, text) -> assertThat(text).as(topic).isEqualTo("0.00"));
    }

    @Test
    void figuresAreRetainedMessagesOfTheBrokersOwnThatNoQueueKeeps() {
        publish();
        assertThat(messages)
                .allSatisfy(
                        message -> {
                            assertThat(message.retain()).isTrue();
                            assertThat(message.qos()).isEqualTo(Qos.AT_MOST_ONCE);
                            assertThat(message.publisher()).isEmpty();
                            assertThat(message.expiresAtMillis()).isEqualTo(Message.NEVER);
                        });
    }

    @Test
    void onlyWhatHasChangedIsPublishedAgain() {
        publish();
        assertThat(publish()).isEmpty();
        assertThat(publishAfter(10)).containsExactly(Map.entry("$SYS/broker/uptime", "10 seconds"));
        figures = clients(1, 1);
        assertThat(publish())
                .containsOnlyKeys(
                        "$SYS/broker/clients/total",
                        "$SYS/broker/clients/maximum",
                        "$SYS/broker/clients/connected",
                        "$SYS/broker/clients/active");
    }

    @Test
    void theMostClientsThereWereAreRemembered() {
        figures = clients(9, 7);
        publish();
        figures = clients(9, 2);
        assertThat(publish())
                .containsEntry("$SYS/broker/clients/connected", "2")
                .containsEntry("$SYS/broker/clients/inactive", "7")
                .doesNotContainKey("$SYS/broker/clients/maximum");
        figures = clients(9, 8);
        assertThat(publish()).containsEntry("$SYS/broker/clients/maximum", "8");
    }

    @Test
    void aClientThatIsCountedBeforeItsSessionMakesNothingNegative() {
        figures = clients(1, 2);
        assertThat(publish())
                .containsEntry("$SYS/broker/clients/total", "2")
                .containsEntry("$SYS/broker/clients/disconnected", "0");
    }

    @Test
    void theMostHeapThatWasSeenIsRemembered() {
        publish();
        figures = new Figures(NOTHING.totals(), 0, 0, 0, 0, 0, 0, 900);
        assertThat(publish()).containsEntry("$SYS/broker/heap/maximum", "900");
        figures = new Figures(NOTHING.totals(), 0, 0, 0, 0, 0, 0, 300);
        assertThat(publish()).containsExactly(Map.entry("$SYS/broker/heap/current", "300"));
    }

    @Test
    void loadsAreAveragesAMinuteOfWhatHasComeSinceTheLastTime() {
        publish();
        figures =
                new Figures(
                        new Totals(new Traffic(600, 0, 0, 0), Traffic.NONE, 120, 0, 0, 0, 0),
                        60,
                        0,
                        0,
                        0,
                        0,
                        0,
                        1);
        assertThat(publishAfter(60))
                // 600 a minute for a minute: (1 - 1/e) of it, and so on
                .containsEntry("$SYS/broker/load/messages/received/1min", "379.27")
                .containsEntry("$SYS/broker/load/messages/received/5min", "108.76")
                .containsEntry("$SYS/broker/load/messages/received/15min", "38.70")
                .containsEntry("$SYS/broker/load/connections/1min", "75.85")
                .containsEntry("$SYS/broker/load/sockets/1min", "37.93")
                .doesNotContainKey("$SYS/broker/load/bytes/sent/1min");
        assertThat(publishAfter(60))
                .containsEntry("$SYS/broker/load/messages/received/1min", "139.53");
    }

    @Test
    void aLoadThatHasFadedAwayIsPublishedNoMore() {
        publish();
        figures = new Figures(NOTHING.totals(), 100, 0, 0, 0, 0, 0, 1);
        publishAfter(10);
        publishAfter(100_000);
        assertThat(publishAfter(10)).containsOnlyKeys("$SYS/broker/uptime");
    }

    @Test
    void aFailureIsNotPassedOn() {
        SystemTopicPublisher failing =
                new SystemTopicPublisher(
                        "1",
                        () -> {
                            throw new IllegalStateException("no figures");
                        },
                        messages::add,
                        nanoTime::get);
        failing.publish();
        assertThat(messages).isEmpty();
    }
}
