package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The tree against a list of all subscriptions, each matched on its own. */
class TopicTreePropertyTest {

    private final List<Recorder> subscribers =
            IntStream.range(0, 40).mapToObj(i -> new Recorder("client-" + i)).toList();

    /** Who holds a subscription to which filter. */
    private record Key(TopicFilter filter, Subscriber subscriber) {}

    /** What a subscriber is to get a message with; the identifiers in order. */
    private record Delivery(Qos qos, List<Integer> identifiers) {}

    /** What a subscriber is to get the messages of others with, and its own, if at all. */
    private record Deliveries(Delivery others, Optional<Delivery> own) {}

    private record Step(
            boolean subscribe,
            String filter,
            int subscriber,
            int qos,
            boolean noLocal,
            int identifier) {}

    @Property(tries = 1_000)
    void matchesLikeEachFilterOnItsOwn(
            @ForAll("steps") List<Step> steps, @ForAll("topics") List<String> topics) {
        TopicTree tree = new TopicTree();
        Map<Key, Subscription> model = new HashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            apply(steps.get(i), tree, model);
            assertMatches(tree, topics.get(i % topics.size()), model);
        }
        topics.forEach(topic -> assertMatches(tree, topic, model));
        assertThat(tree.size()).isEqualTo(model.size());
        assertThat(tree.sharedSize())
                .isEqualTo((int) model.values().stream().filter(Subscription::isShared).count());

        for (Key key : new ArrayList<>(model.keySet())) {
            assertThat(tree.unsubscribe(key.filter(), key.subscriber())).isTrue();
            model.remove(key);
            assertMatches(tree, topics.get(model.size() % topics.size()), model);
        }
        assertThat(tree.size()).isZero();
        assertThat(tree.sharedSize()).isZero();
        assertThat(tree.root.isBare()).isTrue();
    }

    private void apply(Step step, TopicTree tree, Map<Key, Subscription> model) {
        TopicFilter filter = TopicFilter.parse(step.filter());
        Subscriber subscriber = subscribers.get(step.subscriber());
        Key key = new Key(filter, subscriber);
        long before = tree.version();
        if (step.subscribe()) {
            Subscription subscription =
                    Subscription.of(
                            filter,
                            subscriber,
                            new SubscriptionOptions(
                                    Qos.of(step.qos()), step.noLocal(), false, step.identifier()));
            boolean isNew = model.put(key, subscription) == null;
            assertThat(tree.subscribe(subscription)).isEqualTo(isNew);
            assertThat(tree.version()).isNotEqualTo(before);
        } else {
            boolean held = model.remove(key) != null;
            assertThat(tree.unsubscribe(filter, subscriber)).isEqualTo(held);
            assertThat(tree.version() != before).isEqualTo(held);
        }
    }

    private void assertMatches(TopicTree tree, String topic, Map<Key, Subscription> model) {
        Map<Subscriber, Deliveries> expected = new HashMap<>();
        Map<String, List<Subscriber>> shares = new HashMap<>();
        for (Subscription each : model.values()) {
            if (!each.filter().matches(topic)) {
                continue;
            }
            if (each.isShared()) {
                shares.computeIfAbsent(each.filter().text(), share -> new ArrayList<>())
                        .add(each.subscriber());
            } else {
                Delivery delivery = delivery(each);
                expected.merge(
                        each.subscriber(),
                        new Deliveries(
                                delivery,
                                each.noLocal() ? Optional.empty() : Optional.of(delivery)),
                        TopicTreePropertyTest::both);
            }
        }
        Map<Subscriber, Deliveries> found = new HashMap<>();
        Subscription[] matches = tree.match(topic);
        for (Subscription each : matches) {
            if (each.isShared()) {
                List<Subscriber> members = shares.remove(each.filter().text());
                assertThat(members).as("once").isNotNull();
                assertThat(receiver(each)).isIn(members);
            } else {
                Deliveries deliveries =
                        new Deliveries(
                                delivery(each),
                                Optional.ofNullable(each.forOwn())
                                        .map(TopicTreePropertyTest::delivery));
                assertThat(found.put(each.subscriber(), deliveries)).as("once").isNull();
            }
        }
        assertThat(found).as(topic).isEqualTo(expected);
        assertThat(shares).as(topic).isEmpty();
    }

    /** Who gets a message that is given to a shared subscription; it must be one. */
    private Subscriber receiver(Subscription shared) {
        subscribers.forEach(each -> each.messages.clear());
        Message message = Message.of("any", Payload.EMPTY, Qos.AT_MOST_ONCE, false);
        shared.subscriber().deliver(message, shared, false);
        List<Recorder> receivers =
                subscribers.stream().filter(each -> !each.messages.isEmpty()).toList();
        assertThat(receivers).hasSize(1);
        assertThat(receivers.get(0).messages).hasSize(1);
        return receivers.get(0);
    }

    private static Delivery delivery(Subscription subscription) {
        List<Integer> identifiers = new ArrayList<>();
        for (int i = 0; i < subscription.identifiers().size(); i++) {
            identifiers.add(subscription.identifiers().get(i));
        }
        Collections.sort(identifiers);
        return new Delivery(subscription.qos(), identifiers);
    }

    private static Deliveries both(Deliveries a, Deliveries b) {
        Optional<Delivery> own =
                a.own().isPresent() && b.own().isPresent()
                        ? Optional.of(both(a.own().get(), b.own().get()))
                        : a.own().or(b::own);
        return new Deliveries(both(a.others(), b.others()), own);
    }

    private static Delivery both(Delivery a, Delivery b) {
        Qos highest = a.qos().compareTo(b.qos()) >= 0 ? a.qos() : b.qos();
        List<Integer> identifiers = new ArrayList<>(a.identifiers());
        identifiers.addAll(b.identifiers());
        Collections.sort(identifiers);
        return new Delivery(highest, identifiers);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(true, true, true, false),
                        filters(),
                        Arbitraries.integers().between(0, 39),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, 3))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(200);
    }

    @Provide
    Arbitrary<List<String>> topics() {
        return levels("a", "b", "", "$", "$a", "é", "😀", "aa")
                .filter(topic -> !topic.isEmpty())
                .list()
                .ofMinSize(1)
                .ofMaxSize(20);
    }

    private static Arbitrary<String> filters() {
        Arbitrary<String> plain = levels("a", "b", "", "$", "$a", "é", "😀", "+", "+");
        Arbitrary<String> multiLevel = plain.map(levels -> levels + "/#");
        // A few that many hold, so that sets grow large and overlap.
        Arbitrary<String> common = Arbitraries.of("#", "a/#", "+", "a", "a/+", "+/b");
        Arbitrary<String> any =
                Arbitraries.frequencyOf(
                                Tuple.of(5, plain), Tuple.of(3, multiLevel), Tuple.of(5, common))
                        .filter(filter -> !filter.isEmpty());
        Arbitrary<String> shared = any.map(filter -> "$share/g/" + filter);
        return Arbitraries.frequencyOf(Tuple.of(4, any), Tuple.of(1, shared));
    }

    private static Arbitrary<String> levels(String... names) {
        return Arbitraries.of(names).list().ofMinSize(1).ofMaxSize(4).map(l -> String.join("/", l));
    }
}
