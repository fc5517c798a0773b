package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Qos;
import io.muster.broker.spi.StoredSession.Unacknowledged;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** A session against a client that remembers what it got, whatever happens in between. */
class SessionPropertyTest {

    private static final List<String> KINDS =
            List.of(
                    "publish",
                    "publish",
                    "publish",
                    "publish",
                    "acknowledge",
                    "acknowledge",
                    "acknowledge",
                    "late acknowledge",
                    "disconnect",
                    "connect",
                    "full",
                    "roomy",
                    "room for some",
                    "unknown acknowledge");

    private record Step(String kind, int number) {}

    @Property(tries = 400)
    void losesNothingDoublesNothingAndKeepsTheOrder(@ForAll("steps") List<Step> steps) {
        Run run = new Run();
        steps.forEach(run::take);
        run.finish();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(Arbitraries.of(KINDS), Arbitraries.integers().between(0, 1_000))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(120);
    }

    /** One run: the session, and the client with its memory. */
    private static final class Run {

        private final SessionStage stage = new SessionStage();
        private @Nullable Link link;
        private int receiveMaximum;
        private int published;

        /** Topics by quality of service that the client is certain to get, in order. */
        private final List<List<String>> owed =
                List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

        /** What the client got first, duplicates left out. */
        private final List<List<String>> got =
                List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

        /** Packet identifiers sent on this connection and not finished, with what is due. */
        private final Map<Integer, String> unfinished = new LinkedHashMap<>();

        /** Those of them of which the client got a PUBLISH on this connection. */
        private final Set<Integer> window = new HashSet<>();

        /** QoS 2 identifiers that the client has taken and not seen released. */
        private final Set<Integer> taken = new HashSet<>();

        void take(Step step) {
            switch (step.kind) {
                case "publish" -> publish(Qos.of(step.number % 3));
                case "acknowledge" -> acknowledge(step.number);
                case "late acknowledge" -> acknowledgeUnsent(step.number);
                case "disconnect" -> disconnect();
                case "connect" -> connect(1 + step.number % 4);
                case "full" -> stage.output.setWritable(false);
                case "roomy" -> makeRoom(Integer.MAX_VALUE);
                case "room for some" -> makeRoom(step.number % 4);
                default -> acknowledgeUnknown(step.number);
            }
            listen();
            check();
        }

        private void publish(Qos qos) {
            String topic = "t" + published++;
            boolean room = stage.state.queuedMessages() < SessionStage.QUEUE_MESSAGES_MAX;
            stage.deliver(topic, qos);
            if (room && (qos != Qos.AT_MOST_ONCE)) {
                owed.get(qos.value()).add(topic);
            }
        }

        private void connect(int maximum) {
            if (link != null) {
                return;
            }
            receiveMaximum = maximum;
            link = stage.connect(stage.link(10, maximum, null));
        }

        private void disconnect() {
            if (link != null) {
                Link ended = link;
                link = null;
                stage.end(ended, ConnectionEnd.CONNECTION_LOST);
                unfinished.clear();
                window.clear();
            }
        }

        private void makeRoom(int packets) {
            stage.output.setWritableFor(packets);
            stage.loops.in(0, stage.session::pump);
        }

        private void acknowledge(int number) {
            if (link != null && !unfinished.isEmpty()) {
                List<Integer> ids = List.copyOf(unfinished.keySet());
                finish(ids.get(number % ids.size()));
            }
        }

        private void finish(int id) {
            String due = unfinished.getOrDefault(id, "");
            switch (due) {
                case "PUBACK" -> {
                    window.remove(id);
                    unfinished.remove(id);
                    assertThat(stage.loops.ask(0, () -> stage.session.acknowledged(id))).isTrue();
                }
                case "PUBREC" -> {
                    unfinished.put(id, "PUBCOMP");
                    assertThat(stage.loops.ask(0, () -> stage.session.received(id))).isTrue();
                    taken.remove(id); // the flow answers with PUBREL
                }
                default -> {
                    window.remove(id);
                    unfinished.remove(id);
                    assertThat(stage.loops.ask(0, () -> stage.session.completed(id))).isTrue();
                }
            }
        }

        /** The application acknowledges what came on the connection before. */
        private void acknowledgeUnsent(int number) {
            List<Integer> ids =
                    stage.state.unacknowledged().stream()
                            .filter(each -> each.delivery().qos() == Qos.AT_LEAST_ONCE)
                            .map(Unacknowledged::packetId)
                            .filter(id -> !unfinished.containsKey(id))
                            .toList();
            if (link != null && !ids.isEmpty()) {
                int id = ids.get(number % ids.size());
                assertThat(stage.loops.ask(0, () -> stage.session.acknowledged(id))).isTrue();
            }
        }

        private void acknowledgeUnknown(int number) {
            int id = 60_000 + number;
            assertThat(stage.loops.ask(0, () -> stage.session.acknowledged(id))).isFalse();
            assertThat(stage.loops.ask(0, () -> stage.session.received(id))).isFalse();
            assertThat(stage.loops.ask(0, () -> stage.session.completed(id))).isFalse();
        }

        /** The client reads what came. */
        private void listen() {
            for (String line : stage.output.sent()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "qos0" -> got.get(0).add(words[1]);
                    case "qos1" -> hear(1, words, "PUBACK");
                    case "qos2" -> hear(2, words, "PUBREC");
                    case "pubrel" -> {
                        taken.remove(id(words));
                        unfinished.put(id(words), "PUBCOMP");
                    }
                    default -> assertThat(words[0]).isEqualTo("end");
                }
            }
        }

        private void hear(int qos, String[] words, String due) {
            int id = id(words);
            boolean again = line(words).endsWith("dup");
            assertThat(unfinished).as("identifier in use").doesNotContainKey(id);
            unfinished.put(id, due);
            window.add(id);
            if (!again || !got.get(qos).contains(words[2])) {
                assertThat(got.get(qos)).as("twice without DUP").doesNotContain(words[2]);
                got.get(qos).add(words[2]);
            }
            if (qos == 2) {
                taken.add(id);
            }
        }

        private static String line(String[] words) {
            return String.join(" ", words);
        }

        private static int id(String[] words) {
            return Integer.parseInt(words[1].substring(1));
        }

        private void check() {
            assertThat(window.size()).isLessThanOrEqualTo(receiveMaximum);
            assertThat(stage.loop.counters().queued().get())
                    .isEqualTo(stage.state.queuedMessages());
            for (int qos = 1; qos <= 2; qos++) {
                List<String> expected = owed.get(qos);
                assertThat(got.get(qos)).isEqualTo(expected.subList(0, got.get(qos).size()));
            }
            assertThat(got.get(0)).isSortedAccordingTo(Run::byNumber);
        }

        private static int byNumber(String a, String b) {
            return Integer.compare(
                    Integer.parseInt(a.substring(1)), Integer.parseInt(b.substring(1)));
        }

        /** At last the client stays, reads and acknowledges until nothing is left. */
        void finish() {
            makeRoom(Integer.MAX_VALUE);
            connect(3);
            listen();
            while (!unfinished.isEmpty()) {
                acknowledge(0);
                listen();
                check();
            }
            assertThat(got.get(1)).isEqualTo(owed.get(1));
            assertThat(got.get(2)).isEqualTo(owed.get(2));
            assertThat(taken).isEmpty();
            assertThat(stage.state.unacknowledged()).isEmpty();
            assertThat(stage.state.queuedMessages()).isZero();
        }
    }
}
