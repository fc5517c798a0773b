package io.muster.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Qos;
import io.muster.broker.routing.ShareStrategy;
import io.muster.broker.session.HandBroker.HandClient;
import java.util.ArrayList;
import java.util.HashMap;
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

/**
 * Members that share a subscription, come, go, and leave things unfinished: nothing of QoS 1 is
 * lost, nothing of QoS 2 goes to two of them. One member never leaves for good, since the messages
 * end with the last one.
 */
class SharedSubscriptionPropertyTest {

    private static final String SHARE = "$share/g/t/+";
    private static final int MEMBERS = 4;

    private static final List<String> KINDS =
            List.of(
                    "publish",
                    "publish",
                    "publish",
                    "publish",
                    "publish late",
                    "acknowledge",
                    "acknowledge",
                    "acknowledge",
                    "connect",
                    "connect",
                    "lose",
                    "lose",
                    "end session",
                    "unsubscribe",
                    "slow",
                    "quick",
                    "pass time");

    private record Step(String kind, int member, int number) {}

    @Property(tries = 500)
    void losesNothingAndSendsQosTwoToOneMemberOnly(
            @ForAll ShareStrategy strategy, @ForAll("steps") List<Step> steps) {
        Run run = new Run(strategy);
        steps.forEach(run::take);
        run.finish();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(KINDS),
                        Arbitraries.integers().between(0, MEMBERS - 1),
                        Arbitraries.integers().between(0, 1_000))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(120);
    }

    private static final class Run {

        private final HandBroker broker;
        private final List<HandClient> members = new ArrayList<>();
        private int published;

        /** Who got a message first or again, by topic. */
        private final Map<String, Set<String>> receivers = new HashMap<>();

        /** How often a message of QoS 0 came. */
        private final Map<String, Integer> qosZero = new HashMap<>();

        /** By member: what came on this connection and is not acknowledged, with its line. */
        private final Map<String, Map<Integer, String>> unfinished = new HashMap<>();

        private final List<String> owed = new ArrayList<>();

        Run(ShareStrategy strategy) {
            broker = new HandBroker(strategy, 10_000);
            for (int i = 0; i < MEMBERS; i++) {
                members.add(broker.client("member-" + i));
            }
            connect(members.get(0), 3);
        }

        void take(Step step) {
            HandClient member = members.get(step.member);
            switch (step.kind) {
                case "publish" -> publish(step, false);
                case "publish late" -> publish(step, true);
                case "acknowledge" -> acknowledge(member, step.number);
                case "connect" -> connect(member, 1 + step.number % 4);
                case "lose" -> lose(member);
                case "end session" -> endSession(member);
                case "unsubscribe" -> unsubscribe(member);
                case "slow" -> setWritable(member, false);
                case "quick" -> setWritable(member, true);
                default -> broker.loops.advance(1_000L * (step.number % 8));
            }
            members.forEach(this::listen);
        }

        private void publish(Step step, boolean late) {
            Qos qos = Qos.of(step.number % 3);
            String topic = "t/" + published++;
            if (qos != Qos.AT_MOST_ONCE) {
                owed.add(topic);
            }
            if (late) {
                broker.publishOnly(step.member % 2, topic, qos);
            } else {
                broker.publish(step.member % 2, topic, qos);
            }
        }

        private void connect(HandClient member, int receiveMaximum) {
            listen(member);
            boolean lasting = member == members.get(0);
            if (!member.isConnected()) {
                unfinished.put(member.name, new LinkedHashMap<>());
                member.connect(
                        receiveMaximum % 2, false, lasting ? 1_000_000 : 5, receiveMaximum, null);
                member.subscribe(SHARE, Qos.EXACTLY_ONCE);
            }
        }

        private void lose(HandClient member) {
            listen(member);
            member.end(ConnectionEnd.CONNECTION_LOST);
        }

        private void endSession(HandClient member) {
            if (member != members.get(0) && member.isConnected()) {
                listen(member);
                member.endSession();
            }
        }

        private void unsubscribe(HandClient member) {
            if (member != members.get(0) && member.isConnected()) {
                member.inLoop(() -> member.session().unsubscribe(SHARE));
            }
        }

        private void setWritable(HandClient member, boolean writable) {
            if (member.isConnected()) {
                member.setWritable(writable);
            }
        }

        private void acknowledge(HandClient member, int number) {
            Map<Integer, String> mine = unfinished.getOrDefault(member.name, Map.of());
            if (member.isConnected() && !mine.isEmpty()) {
                List<Integer> ids = List.copyOf(mine.keySet());
                int id = ids.get(number % ids.size());
                if ("qos2".equals(mine.remove(id))) {
                    member.inLoop(() -> member.session().received(id));
                    member.inLoop(() -> member.session().completed(id));
                } else {
                    member.acknowledge(id);
                }
            }
        }

        /** The member reads what came. */
        private void listen(HandClient member) {
            for (String line : member.sent()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "qos0" -> qosZero.merge(words[1], 1, Integer::sum);
                    case "qos1", "qos2" -> hear(member, words);
                    default -> assertThat(words[0]).isIn("end", "pubrel");
                }
            }
        }

        private void hear(HandClient member, String[] words) {
            int id = Integer.parseInt(words[1].substring(1));
            Set<String> all = receivers.computeIfAbsent(words[2], topic -> new HashSet<>());
            all.add(member.name);
            unfinished.getOrDefault(member.name, new HashMap<>()).put(id, words[0]);
            if (words[0].equals("qos2")) {
                // [MQTT-4.8.2-4], [MQTT-4.8.2-5]
                assertThat(all).as(words[2]).hasSize(1);
            }
        }

        /** At last all come back, read and acknowledge until nothing is left. */
        void finish() {
            broker.loops.runAll();
            members.forEach(member -> connect(member, 4));
            members.forEach(member -> setWritable(member, true));
            members.forEach(this::listen);
            while (unfinished.values().stream().anyMatch(mine -> !mine.isEmpty())) {
                members.forEach(member -> acknowledge(member, 0));
                members.forEach(this::listen);
            }
            assertThat(receivers.keySet()).containsExactlyInAnyOrderElementsOf(owed);
            assertThat(qosZero.values()).allMatch(times -> times == 1);
            for (HandClient member : members) {
                assertThat(member.session().load()).isZero();
            }
            assertThat(broker.loops.loop(0).counters().queued().get()).isZero();
            assertThat(broker.loops.loop(1).counters().queued().get()).isZero();
        }
    }
}
