package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Qos;
import io.muster.broker.routing.ShareStrategy;
import io.muster.broker.session.HandBroker.HandClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * One client that comes, goes and is taken over on two loops, against a model of what the
 * specification says of its session, its will, and its QoS 2 messages.
 */
class SessionLifePropertyTest {

    private static final List<String> KINDS =
            List.of(
                    "connect",
                    "connect",
                    "connect clean",
                    "end",
                    "end",
                    "disconnect with expiry",
                    "pass time",
                    "pass time",
                    "publish",
                    "publish",
                    "acknowledge",
                    "receive QoS 2",
                    "receive QoS 2",
                    "release QoS 2");

    private static final List<ConnectionEnd> CAUSES =
            List.of(
                    ConnectionEnd.CLIENT_DISCONNECTED,
                    ConnectionEnd.CLIENT_DISCONNECTED_WITH_WILL,
                    ConnectionEnd.CONNECTION_LOST,
                    ConnectionEnd.KEEP_ALIVE_TIMEOUT,
                    ConnectionEnd.ADMINISTRATIVE_ACTION);

    private record Step(String kind, int number, int other) {}

    @Property(tries = 600)
    void livesAsTheSpecificationSays(@ForAll("steps") List<Step> steps) {
        Run run = new Run();
        for (Step step : steps) {
            run.take(step);
            run.check();
        }
        run.finish();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(KINDS),
                        Arbitraries.integers().between(0, 1_000),
                        Arbitraries.integers().between(0, 1_000))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(100);
    }

    /** The model, beside what it is a model of. Times are in seconds. */
    private static final class Run {

        private static final long NEVER = Long.MAX_VALUE;
        private static final long[] EXPIRIES = {0, 5, 20};
        private static final long[] DELAYS = {0, 3, 30};

        private final HandBroker broker = new HandBroker(ShareStrategy.ROUND_ROBIN, 1_000);
        private final HandClient client = broker.client("client");

        private boolean connected;
        private boolean exists;
        private long now;
        private long expiry;
        private long expiresAt = NEVER;
        private @Nullable String will;
        private long willDelay;
        private @Nullable String pendingWill;
        private long willDueAt = NEVER;
        private final List<String> wills = new ArrayList<>();

        private final Set<Integer> received = new HashSet<>();
        private final List<String> waiting = new ArrayList<>();
        private final List<String> unacknowledged = new ArrayList<>();
        private final List<Integer> identifiers = new ArrayList<>();
        private int made;

        void take(Step step) {
            switch (step.kind) {
                case "connect" -> connect(step, false);
                case "connect clean" -> connect(step, true);
                case "end" -> end(CAUSES.get(step.number % CAUSES.size()));
                case "disconnect with expiry" -> disconnect(step.number % 10);
                case "pass time" -> pass(1 + step.number % 12);
                case "publish" -> publish();
                case "acknowledge" -> acknowledge();
                case "receive QoS 2" -> receive(1 + step.number % 4);
                default -> release(1 + step.number % 4);
            }
        }

        // ------------------------------------------------------- each step, twice

        private void connect(Step step, boolean clean) {
            String newWill = step.other % 3 == 0 ? null : "will/" + made++;
            long delay = DELAYS[step.other % DELAYS.length];
            long newExpiry = EXPIRIES[step.number % EXPIRIES.length];
            Will sent =
                    newWill == null
                            ? null
                            : new Will(SessionStage.message(newWill, Qos.AT_MOST_ONCE), delay, -1);
            client.connect(step.number % 2, clean, newExpiry, 1_000, sent);

            if (connected) {
                modelEnd(ConnectionEnd.TAKEN_OVER);
            }
            if (clean && exists) {
                modelDiscard();
            }
            assertThat(client.wasSessionPresent()).as("session present").isEqualTo(exists);
            pendingWill = null;
            willDueAt = NEVER;
            expiresAt = NEVER;
            connected = true;
            will = newWill;
            willDelay = delay;
            expiry = newExpiry;
            hear(exists);
            if (!exists) {
                exists = true;
                client.subscribe("t/#", Qos.AT_LEAST_ONCE);
            }
        }

        /** What comes first on a new connection: what was sent before, then what waits. */
        private void hear(boolean resumed) {
            List<String> expected = new ArrayList<>();
            if (resumed) {
                unacknowledged.forEach(topic -> expected.add(topic + " dup"));
                expected.addAll(waiting);
                unacknowledged.addAll(waiting);
            }
            waiting.clear();
            identifiers.clear();
            assertThat(listen()).as("on the new connection").isEqualTo(expected);
        }

        /** Topics as they come; identifiers are noted. */
        private List<String> listen() {
            List<String> topics = new ArrayList<>();
            for (String line : client.sent()) {
                String[] words = line.split(" ");
                if (words[0].equals("qos1")) {
                    identifiers.add(Integer.parseInt(words[1].substring(1)));
                    topics.add(line.substring(line.indexOf(words[2])));
                }
            }
            return topics;
        }

        private void end(ConnectionEnd cause) {
            if (connected) {
                client.end(cause);
                modelEnd(cause);
            }
        }

        private void disconnect(long newExpiry) {
            if (connected && expiry > 0) {
                client.disconnect(newExpiry);
                expiry = newExpiry;
                modelEnd(ConnectionEnd.CLIENT_DISCONNECTED);
            }
        }

        private void pass(long seconds) {
            broker.loops.advance(TimeUnit.SECONDS.toMillis(seconds));
            now += seconds;
            if (willDueAt <= now) {
                modelPublishWill();
            }
            if (expiresAt <= now) {
                modelDiscard();
            }
        }

        private void publish() {
            String topic = "t/" + made++;
            broker.publish(0, topic, Qos.AT_LEAST_ONCE);
            if (!exists) {
                return;
            }
            if (connected) {
                assertThat(listen()).containsExactly(topic);
                unacknowledged.add(topic);
            } else {
                waiting.add(topic);
            }
        }

        private void acknowledge() {
            if (connected && !identifiers.isEmpty()) {
                client.acknowledge(identifiers.remove(0));
                unacknowledged.remove(0);
            }
        }

        private void receive(int packetId) {
            if (connected) {
                boolean[] fresh = new boolean[1];
                client.inLoop(() -> fresh[0] = client.session().receive(packetId));
                // [MQTT-4.3.3-10]: once, however often it is sent and over whatever connections.
                assertThat(fresh[0]).as("published").isEqualTo(received.add(packetId));
            }
        }

        private void release(int packetId) {
            if (connected) {
                boolean[] known = new boolean[1];
                client.inLoop(() -> known[0] = client.session().release(packetId));
                assertThat(known[0]).as("known").isEqualTo(received.remove(packetId));
            }
        }

        // --------------------------------------------------------------- the model

        private void modelEnd(ConnectionEnd cause) {
            connected = false;
            if (will != null && cause.publishesWill()) {
                pendingWill = will;
                willDueAt = now + Math.min(willDelay, expiry);
                if (willDueAt == now) {
                    modelPublishWill();
                }
            }
            if (expiry == 0) {
                modelDiscard();
            } else {
                expiresAt = now + expiry;
            }
        }

        private void modelPublishWill() {
            if (pendingWill != null) {
                wills.add(pendingWill);
            }
            pendingWill = null;
            willDueAt = NEVER;
        }

        private void modelDiscard() {
            modelPublishWill(); // [MQTT-3.1.3-9]
            exists = false;
            expiresAt = NEVER;
            received.clear();
            waiting.clear();
            unacknowledged.clear();
        }

        void check() {
            assertThat(broker.wills).isEqualTo(wills);
            assertThat(client.hasSession()).as("session").isEqualTo(exists);
            assertThat(broker.tree.size()).isEqualTo(exists ? 1 : 0);
            if (exists) {
                assertThat(client.session().isConnected()).isEqualTo(connected);
                assertThat(client.session().receivedCount()).isEqualTo(received.size());
                assertThat(client.session().load())
                        .isEqualTo(waiting.size() + unacknowledged.size());
            }
        }

        /** In the end everything is over, and nothing is left behind. */
        void finish() {
            end(ConnectionEnd.CONNECTION_LOST);
            pass(1_000);
            check();
            assertThat(broker.loops.timers()).isZero();
            for (int loop = 0; loop < 2; loop++) {
                assertThat(broker.loops.loop(loop).counters().queued().get()).isZero();
                assertThat(broker.loops.loop(loop).counters().connections().get()).isZero();
            }
        }
    }
}
