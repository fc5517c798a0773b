package io.muster.broker.session;

import static io.muster.broker.routing.RetainedReader.matchesOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.PublishProperties;
import io.muster.broker.message.Qos;
import io.muster.broker.metrics.BrokerMetrics;
import io.muster.broker.metrics.DropReason;
import io.muster.broker.routing.RetainedMessages.Matches;
import io.muster.broker.session.SessionLimits.QueuePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to messages for a session whose queue is full. */
class SessionQueueTest {

    private static final int MAX = SessionStage.QUEUE_MESSAGES_MAX;
    private static final Qos QOS_0 = Qos.AT_MOST_ONCE;
    private static final Qos QOS_1 = Qos.AT_LEAST_ONCE;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private SessionStage stage(QueuePolicy policy) {
        SessionStage stage = new SessionStage(policy);
        new BrokerMetrics(meters, List.of(stage.loop.counters()));
        return stage;
    }

    private double dropped(DropReason reason) {
        return meters.get("muster.messages.dropped")
                .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                .functionCounter()
                .count();
    }

    /** A client that reads nothing, so that everything waits. */
    private static void connectSlow(SessionStage stage) {
        stage.output.setWritable(false);
        stage.connect(10);
    }

    private static void fill(SessionStage stage, String prefix, Qos qos, int count) {
        IntStream.range(0, count).forEach(i -> stage.deliver(prefix + i, qos));
    }

    /** The topics of what waits, once the client reads again. */
    private static List<String> waiting(SessionStage stage) {
        stage.output.setWritable(true);
        stage.loops.in(0, stage.session::pump);
        List<String> topics = new ArrayList<>();
        for (String line : stage.output.sent()) {
            String[] words = line.split(" ", 4);
            topics.add(words[0].equals("qos0") ? words[1] : words[2]);
        }
        return topics;
    }

    private static List<String> topics(String prefix, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> prefix + i).toList();
    }

    @ParameterizedTest
    @EnumSource(
            value = QueuePolicy.class,
            names = {"DROP_NEWEST", "REFUSE"})
    void dropsTheNewestAndCountsIt(QueuePolicy policy) {
        SessionStage stage = stage(policy);
        connectSlow(stage);

        fill(stage, "t", QOS_1, MAX + 2);
        stage.deliver("zero", QOS_0);

        assertThat(dropped(DropReason.QUEUE_FULL)).isEqualTo(3);
        assertThat(dropped(DropReason.QUEUE_FULL_OLDEST)).isZero();
        assertThat(waiting(stage)).isEqualTo(topics("t", 0, MAX));
    }

    @Test
    void dropsTheOldestAndCountsIt() {
        SessionStage stage = stage(QueuePolicy.DROP_OLDEST);
        connectSlow(stage);

        fill(stage, "t", QOS_1, MAX + 2);

        assertThat(dropped(DropReason.QUEUE_FULL_OLDEST)).isEqualTo(2);
        assertThat(dropped(DropReason.QUEUE_FULL)).isZero();
        assertThat(stage.loop.counters().queued().get()).isEqualTo(MAX);
        assertThat(waiting(stage)).isEqualTo(topics("t", 2, MAX + 2));
    }

    @Test
    void dropsTheOldestOfASessionThatIsAway() {
        SessionStage stage = stage(QueuePolicy.DROP_OLDEST);
        stage.end(stage.connect(10), ConnectionEnd.CONNECTION_LOST);

        fill(stage, "t", QOS_1, MAX + 1);
        stage.output.sent();
        stage.connect(10);

        assertThat(waiting(stage)).isEqualTo(topics("t", 1, MAX + 1));
    }

    @Test
    void neverDropsWhatHasBeenSent() {
        SessionStage stage = stage(QueuePolicy.DROP_OLDEST);
        Link link = stage.connect(stage.link(10, 2, null));
        stage.deliver("sent-1", QOS_1);
        stage.deliver("sent-2", QOS_1);

        fill(stage, "t", QOS_1, 3 * MAX);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        stage.output.sent();
        stage.connect(stage.link(10, 100, null));

        assertThat(waiting(stage)).startsWith("sent-1", "sent-2").hasSize(MAX + 2);
    }

    @Test
    void dropsTheOldestOfQosZeroForANewOneOfQosZero() {
        SessionStage stage = stage(QueuePolicy.DROP_OLDEST);
        connectSlow(stage);
        fill(stage, "first", QOS_1, 3);
        fill(stage, "zero", QOS_0, 2);
        fill(stage, "then", QOS_1, MAX - 5);

        stage.deliver("new", QOS_0);

        List<String> expected = new ArrayList<>(topics("first", 0, 3));
        expected.add("zero1");
        expected.addAll(topics("then", 0, MAX - 5));
        expected.add("new");
        assertThat(dropped(DropReason.QUEUE_FULL_OLDEST)).isEqualTo(1);
        assertThat(waiting(stage)).isEqualTo(expected);
    }

    @Test
    void neverDropsQosOneForQosZero() {
        SessionStage stage = stage(QueuePolicy.DROP_OLDEST);
        connectSlow(stage);
        fill(stage, "t", QOS_1, MAX);

        stage.deliver("zero", QOS_0);

        assertThat(dropped(DropReason.QUEUE_FULL)).isEqualTo(1);
        assertThat(dropped(DropReason.QUEUE_FULL_OLDEST)).isZero();
        assertThat(waiting(stage)).isEqualTo(topics("t", 0, MAX));
    }

    @Test
    void dropsAsManyAsTheBytesOfTheNewOneTake() {
        SessionStage stage = stage(QueuePolicy.DROP_OLDEST);
        connectSlow(stage);
        for (String topic : List.of("a", "b", "c", "d")) {
            stage.deliver(SessionStage.message(topic, QOS_1, 250));
        }

        stage.deliver(SessionStage.message("large", QOS_1, 400));

        assertThat(dropped(DropReason.QUEUE_FULL_OLDEST)).isEqualTo(2);
        assertThat(waiting(stage)).containsExactly("c", "d", "large");
    }

    @Test
    void dropsNothingForAMessageThatNeverFits() {
        SessionStage stage = stage(QueuePolicy.DROP_OLDEST);
        connectSlow(stage);
        fill(stage, "t", QOS_1, 3);

        stage.deliver(SessionStage.message("huge", QOS_1, (int) SessionStage.QUEUE_BYTES_MAX + 1));

        assertThat(dropped(DropReason.QUEUE_FULL)).isEqualTo(1);
        assertThat(waiting(stage)).isEqualTo(topics("t", 0, 3));
    }

    @Test
    void holdsQosZeroForASlowClientAndDropsItWhenTheClientLeaves() {
        SessionStage stage = stage(QueuePolicy.DROP_NEWEST);
        stage.output.setWritable(false);
        Link link = stage.connect(10);
        fill(stage, "zero", QOS_0, 2);
        stage.deliver("one", QOS_1);

        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        stage.deliver("away", QOS_0);

        assertThat(dropped(DropReason.OFFLINE)).isEqualTo(3);
        stage.output.sent();
        stage.connect(10);
        assertThat(waiting(stage)).containsExactly("one");
    }

    @Test
    void keepsQueuedMessagesBeforeRetainedOnesThatFindNoRoom() {
        SessionStage stage = stage(QueuePolicy.DROP_OLDEST);
        stage.output.setWritable(false);
        Link link = stage.connect(10);
        fill(stage, "t", QOS_1, MAX - 1);
        Matches retained =
                matchesOf(
                        Message.of("r1", Payload.EMPTY, QOS_1, true),
                        Message.of("r2", Payload.EMPTY, QOS_1, true));
        stage.loops.in(0, () -> stage.session.replay(retained, SessionStage.options(QOS_1)));

        stage.end(link, ConnectionEnd.CONNECTION_LOST);

        assertThat(dropped(DropReason.QUEUE_FULL)).isEqualTo(1);
        stage.output.sent();
        stage.connect(10);
        List<String> expected = new ArrayList<>(List.of("r1"));
        expected.addAll(topics("t", 0, MAX - 1));
        assertThat(waiting(stage)).isEqualTo(expected);
    }

    // -------------------------------------------------------------------- expired

    private static Message expiring(String topic, Qos qos, long seconds) {
        long at = HandLoops.START_MILLIS + seconds * 1_000;
        return new Message(topic, Payload.EMPTY, qos, false, "", at, PublishProperties.NONE);
    }

    /** A session that is away, with a full queue of which all but the first has expired. */
    private SessionStage awayWithExpired(QueuePolicy policy) {
        SessionStage stage = stage(policy);
        stage.end(stage.connect(100), ConnectionEnd.CONNECTION_LOST);
        stage.output.sent();
        stage.deliver("live", QOS_1);
        IntStream.range(1, MAX).forEach(i -> stage.deliver(expiring("t" + i, QOS_1, 2)));
        stage.loops.advance(1_999);
        return stage;
    }

    @ParameterizedTest
    @EnumSource(QueuePolicy.class)
    void dropsWhatHasExpiredBeforeAnythingElse(QueuePolicy policy) {
        SessionStage stage = awayWithExpired(policy);
        Message small = SessionStage.message("small", QOS_1);
        assertThat(stage.session.hasRoomFor(small)).isFalse();

        stage.loops.advance(1);
        assertThat(stage.session.hasRoomFor(small)).as("as publishers see it").isTrue();
        stage.deliver("new", QOS_1);

        assertThat(dropped(DropReason.EXPIRED)).isEqualTo(MAX - 1);
        assertThat(dropped(DropReason.QUEUE_FULL) + dropped(DropReason.QUEUE_FULL_OLDEST)).isZero();
        assertThat(stage.loop.counters().queued().get()).isEqualTo(2);
        stage.connect(10);
        assertThat(waiting(stage)).containsExactly("live", "new");
    }

    @Test
    void dropsWhatHasExpiredForRetainedMessagesThatWereNotSent() {
        SessionStage stage = stage(QueuePolicy.DROP_NEWEST);
        stage.output.setWritable(false);
        Link link = stage.connect(10);
        IntStream.range(0, MAX).forEach(i -> stage.deliver(expiring("t" + i, QOS_1, 1)));
        Matches retained = matchesOf(Message.of("r", Payload.EMPTY, QOS_1, true));
        stage.loops.in(0, () -> stage.session.replay(retained, SessionStage.options(QOS_1)));

        stage.loops.advance(1_000);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);

        assertThat(dropped(DropReason.EXPIRED)).isEqualTo(MAX);
        stage.output.sent();
        stage.connect(10);
        assertThat(waiting(stage)).containsExactly("r");
    }

    @Test
    void canBeRidOfWhatHasExpiredWithoutANewMessage() {
        SessionStage stage = awayWithExpired(QueuePolicy.DROP_NEWEST);
        assertThat(stage.session.holdsExpired()).isFalse();
        assertThat(stage.loops.ask(0, stage.session::removeExpired)).isZero();

        stage.loops.advance(1);

        assertThat(stage.session.holdsExpired()).isTrue();
        assertThat(stage.loops.ask(0, stage.session::removeExpired)).isEqualTo(MAX - 1);
        assertThat(stage.session.holdsExpired()).isFalse();
        assertThat(stage.loop.counters().queued().get()).isEqualTo(1);
    }

    @Test
    void countsWhatWaitedOnlyOnceIfItExpiresAfterTheSession() {
        SessionStage stage = awayWithExpired(QueuePolicy.DROP_NEWEST);
        stage.loops.advance(100_000);
        assertThat(stage.events()).contains("discarded");
        assertThat(stage.loops.ask(0, stage.session::removeExpired)).isZero();
        assertThat(stage.loop.counters().queued().get()).isZero();
    }

    // --------------------------------------------------------- as other threads see it

    @Test
    void showsOthersWhetherItHasRoom() {
        SessionStage stage = stage(QueuePolicy.REFUSE);
        connectSlow(stage);
        Message small = SessionStage.message("small", QOS_1);
        assertThat(stage.session.hasRoomFor(small)).isTrue();

        fill(stage, "t", QOS_1, MAX - 1);
        assertThat(stage.session.hasRoomFor(small)).isTrue();
        fill(stage, "t", QOS_1, 1);
        assertThat(stage.session.hasRoomFor(small)).isFalse();

        waiting(stage);
        assertThat(stage.session.hasRoomFor(small)).isTrue();
    }

    @Test
    void showsOthersWhetherItHasRoomForSoManyBytes() {
        SessionStage stage = stage(QueuePolicy.REFUSE);
        connectSlow(stage);
        stage.deliver(SessionStage.message("t", QOS_1, 600));

        assertThat(stage.session.hasRoomFor(SessionStage.message("t", QOS_1, 398))).isTrue();
        assertThat(stage.session.hasRoomFor(SessionStage.message("t", QOS_1, 399))).isFalse();
        assertThat(stage.session.hasRoomFor(SessionStage.message("tt", QOS_1, 398))).isFalse();
    }

    @Test
    void showsOthersHowBusyItIs() {
        SessionStage stage = stage(QueuePolicy.DROP_NEWEST);
        assertThat(stage.session.isConnected()).isFalse();
        Link link = stage.connect(stage.link(10, 2, null));
        assertThat(stage.session.isConnected()).isTrue();
        assertThat(stage.session.load()).isZero();

        fill(stage, "t", QOS_1, 5);
        stage.output.setWritable(false);
        stage.deliver("zero", QOS_0);
        assertThat(stage.session.load()).as("2 sent, 4 wait").isEqualTo(6);

        stage.loops.in(0, () -> stage.session.acknowledged(1));
        assertThat(stage.session.load()).isEqualTo(5);
        stage.end(link, ConnectionEnd.CONNECTION_LOST);
        assertThat(stage.session.isConnected()).isFalse();
        assertThat(stage.session.load()).as("without QoS 0").isEqualTo(4);
    }

    @Test
    void isNotConnectedForOthersBeforeItMaySend() {
        SessionStage stage = stage(QueuePolicy.DROP_NEWEST);
        Link link = stage.link(10);

        stage.loops.in(0, () -> stage.session.attach(link));
        stage.loops.in(0, () -> stage.session.admit(link));
        assertThat(stage.session.isConnected()).isFalse();
        stage.loops.in(0, stage.session::start);

        assertThat(stage.session.isConnected()).isTrue();
    }
}
