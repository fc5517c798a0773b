package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.topic.TopicFilter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTreeTest {

    private final TopicTree tree = new TopicTree();
    private final Recorder ada = new Recorder("ada");
    private final Recorder bob = new Recorder("bob");

    @Test
    void matchesNothingWhenNobodySubscribed() {
        assertThat(tree.match("a/b")).isEmpty();
        assertThat(tree.match("a/b")).as("shared").isSameAs(tree.match("c"));
        assertThat(tree.size()).isZero();
    }

    @Test
    void hasManySubscribersOfOneFilter() {
        tree.subscribe(ada.to("a/b"));
        tree.subscribe(bob.to("a/b"));

        assertThat(tree.match("a/b")).containsExactlyInAnyOrder(ada.to("a/b"), bob.to("a/b"));
        assertThat(tree.match("a")).isEmpty();
        assertThat(tree.match("a/b/c")).isEmpty();
    }

    @Test
    void findsTheParentLevelOfAMultiLevelWildcard() {
        tree.subscribe(ada.to("sport/#"));

        assertThat(tree.match("sport")).hasSize(1);
        assertThat(tree.match("sport/")).hasSize(1);
        assertThat(tree.match("sport/tennis/player1")).hasSize(1);
        assertThat(tree.match("sports")).isEmpty();
    }

    @Test
    void keepsTopicsThatBeginWithDollarFromLeadingWildcards() {
        // [MQTT-4.7.2-1]
        for (String filter : List.of("#", "+/a", "+/#")) {
            tree.subscribe(ada.to(filter));
        }
        tree.subscribe(bob.to("$SYS/+"));

        assertThat(tree.match("$SYS/a")).containsExactly(bob.to("$SYS/+"));
        assertThat(tree.match("SYS/a")).extracting(Subscription::subscriber).containsExactly(ada);
    }

    @Test
    void replacesTheSubscriptionOfTheSameSubscriberToTheSameFilter() {
        // [MQTT-3.8.4-3]
        assertThat(tree.subscribe(ada.to("a", Qos.EXACTLY_ONCE))).isTrue();
        assertThat(tree.subscribe(ada.to("a", Qos.AT_MOST_ONCE))).isFalse();

        assertThat(tree.match("a")).containsExactly(ada.to("a", Qos.AT_MOST_ONCE));
        assertThat(tree.size()).isEqualTo(1);
    }

    @Test
    void comparesSubscribersByIdentity() {
        Recorder secondAda = new Recorder("ada");
        tree.subscribe(ada.to("a"));

        assertThat(tree.subscribe(secondAda.to("a"))).isTrue();
        assertThat(tree.unsubscribe(ada.to("a").filter(), ada)).isTrue();
        assertThat(tree.match("a")).extracting(Subscription::subscriber).containsExactly(secondAda);
    }

    @Test
    void collapsesOverlappingSubscriptionsIntoTheOneOfHighestQos() {
        // [MQTT-3.3.4-2]
        tree.subscribe(ada.to("a/#", Qos.AT_MOST_ONCE));
        tree.subscribe(ada.to("a/+", Qos.EXACTLY_ONCE));
        tree.subscribe(ada.to("a/b", Qos.AT_LEAST_ONCE));
        tree.subscribe(bob.to("#", Qos.AT_LEAST_ONCE));

        assertThat(tree.match("a/b"))
                .containsExactlyInAnyOrder(
                        ada.to("a/+", Qos.EXACTLY_ONCE), bob.to("#", Qos.AT_LEAST_ONCE));
    }

    @Test
    void prefersTheOneThatKeepsTheRetainFlagWhereQosIsEqual() {
        Subscription keeps =
                new Subscription(
                        ada.to("a/+").filter(),
                        ada,
                        Qos.AT_LEAST_ONCE,
                        false,
                        true,
                        SubscriptionIdentifiers.NONE);
        tree.subscribe(ada.to("a/#", Qos.AT_LEAST_ONCE));
        tree.subscribe(keeps);
        tree.subscribe(ada.to("a/b", Qos.AT_LEAST_ONCE));

        assertThat(tree.match("a/b")).containsExactly(keeps);
    }

    @Test
    void tellsTheOverlappingSubscriptionsThatDoNotLeaveOutOwnMessagesFromAll() {
        TopicFilter filter = ada.to("a").filter();
        tree.subscribe(
                new Subscription(
                        filter, ada, Qos.EXACTLY_ONCE, true, true, SubscriptionIdentifiers.NONE));
        tree.subscribe(ada.to("+", Qos.AT_MOST_ONCE));

        assertThat(tree.match("a"))
                .containsExactly(
                        new Subscription(
                                filter,
                                ada,
                                Qos.EXACTLY_ONCE,
                                true,
                                true,
                                SubscriptionIdentifiers.NONE,
                                ada.to("+", Qos.AT_MOST_ONCE)));
        assertThat(tree.match("a")[0].forOwn()).isEqualTo(ada.to("+", Qos.AT_MOST_ONCE));
        tree.unsubscribe(ada.to("+").filter(), ada);
        assertThat(tree.match("a")[0].noLocal()).isTrue();
        assertThat(tree.match("a")[0].forOwn()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, SubscriberSet.SMALL_MAX, 1_000})
    void copiesNothingWhenOneFilterMatches(int subscribers) {
        recorders(subscribers).forEach(subscriber -> tree.subscribe(subscriber.to("a/+")));
        tree.subscribe(ada.to("b/#"));

        assertThat(tree.match("a/b")).hasSize(subscribers).isSameAs(tree.match("a/c"));
    }

    @Test
    void neverChangesAMatchThatWasHandedOut() {
        List<Recorder> subscribers = recorders(1_000);
        subscribers.forEach(subscriber -> tree.subscribe(subscriber.to("a")));
        Subscription[] handedOut = tree.match("a");
        Subscription[] copy = handedOut.clone();

        subscribers.subList(0, 990).forEach(each -> tree.unsubscribe(each.to("a").filter(), each));
        recorders(500).forEach(subscriber -> tree.subscribe(subscriber.to("a")));

        assertThat(handedOut).isEqualTo(copy);
    }

    @Test
    void findsEachOfManyLevelsUnderOneAndForgetsThemAll() {
        int devices = 1_000;
        for (int i = 0; i < devices; i++) {
            assertThat(tree.subscribe(ada.to("sys/" + i + "/+/#"))).isTrue();
        }
        for (int i = 0; i < devices; i++) {
            assertThat(tree.match("sys/" + i + "/thing")).hasSize(1);
        }
        assertThat(tree.match("sys/" + devices + "/thing")).isEmpty();
        assertThat(tree.size()).isEqualTo(devices);

        for (int i = 0; i < devices; i++) {
            assertThat(tree.unsubscribe(ada.to("sys/" + i + "/+/#").filter(), ada)).isTrue();
        }
        assertThat(tree.root.isBare()).isTrue();
    }

    @Test
    void findsLevelsThatHaveOneHashCode() {
        // "Aa" and "BB" have the same hash code, and so has every text made of them.
        List<String> levels =
                IntStream.range(0, 1 << 10)
                        .mapToObj(i -> Integer.toBinaryString(i | 1 << 10))
                        .map(bits -> bits.replace("0", "Aa").replace("1", "BB"))
                        .toList();
        levels.forEach(level -> tree.subscribe(ada.to("a/" + level)));

        assertThat(levels).allSatisfy(level -> assertThat(tree.match("a/" + level)).hasSize(1));
    }

    @Test
    void cutsOffOnlyWhatHoldsNothing() {
        for (String filter : List.of("a", "a/#", "a/+", "a/+/c", "a/b", "#")) {
            tree.subscribe(ada.to(filter));
        }

        assertThat(tree.unsubscribe(ada.to("a/+").filter(), ada)).isTrue();
        assertThat(tree.match("a/x/c")).hasSize(1);
        assertThat(tree.unsubscribe(ada.to("a/+/c").filter(), ada)).isTrue();
        assertThat(tree.unsubscribe(ada.to("a/#").filter(), ada)).isTrue();
        assertThat(tree.unsubscribe(ada.to("a").filter(), ada)).isTrue();
        assertThat(tree.unsubscribe(ada.to("#").filter(), ada)).isTrue();
        assertThat(tree.match("a/b")).containsExactly(ada.to("a/b"));
        assertThat(tree.unsubscribe(ada.to("a/b").filter(), ada)).isTrue();
        assertThat(tree.root.isBare()).isTrue();
    }

    @Test
    void saysWhetherThereWasSomethingToUnsubscribe() {
        tree.subscribe(ada.to("a/b/#"));
        long version = tree.version();

        for (String filter : List.of("a/b", "a", "#", "a/+/#", "a/b/c", "a/b/c/#")) {
            assertThat(tree.unsubscribe(ada.to(filter).filter(), ada)).as(filter).isFalse();
        }
        assertThat(tree.unsubscribe(ada.to("a/b/#").filter(), bob)).isFalse();
        assertThat(tree.version()).isEqualTo(version);
        assertThat(tree.size()).isEqualTo(1);
    }

    @Test
    void changesItsVersionWithEveryModification() {
        long[] versions = new long[4];
        versions[0] = tree.version();
        tree.subscribe(ada.to("a"));
        versions[1] = tree.version();
        tree.subscribe(ada.to("a", Qos.EXACTLY_ONCE));
        versions[2] = tree.version();
        tree.unsubscribe(ada.to("a").filter(), ada);
        versions[3] = tree.version();

        assertThat(Arrays.stream(versions).distinct()).hasSize(4);
    }

    @Test
    void joinsAFewObserversWithAMultitude() {
        List<Recorder> multitude = recorders(1_000);
        multitude.forEach(each -> tree.subscribe(each.to("a/b", Qos.AT_LEAST_ONCE)));
        tree.subscribe(multitude.get(7).to("#", Qos.EXACTLY_ONCE));
        tree.subscribe(multitude.get(8).to("a/#", Qos.AT_MOST_ONCE));
        tree.subscribe(ada.to("+/b"));

        assertThat(tree.match("a/b"))
                .hasSize(1_001)
                .doesNotHaveDuplicates()
                .contains(
                        multitude.get(7).to("#", Qos.EXACTLY_ONCE),
                        multitude.get(8).to("a/b", Qos.AT_LEAST_ONCE),
                        ada.to("+/b"));
    }

    private static List<Recorder> recorders(int count) {
        return IntStream.range(0, count).mapToObj(i -> new Recorder("client-" + i)).toList();
    }

    @Test
    void carriesTheIdentifiersOfAllOverlappingSubscriptions() {
        // [MQTT-3.3.4-3], [MQTT-3.3.4-5]
        tree.subscribe(withIdentifier("a/+", 3, Qos.AT_MOST_ONCE));
        tree.subscribe(withIdentifier("a/#", 0, Qos.EXACTLY_ONCE));
        tree.subscribe(withIdentifier("a/b", 5, Qos.AT_LEAST_ONCE));
        tree.subscribe(withIdentifier("c", 9, Qos.AT_LEAST_ONCE));

        Subscription[] matches = tree.match("a/b");

        assertThat(matches).hasSize(1);
        assertThat(matches[0].qos()).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(matches[0].identifiers().toString()).isIn("[3, 5]", "[5, 3]");
    }

    @Test
    void takesTheIdentifierOfTheLatestSubscribe() {
        tree.subscribe(withIdentifier("a", 3, Qos.AT_MOST_ONCE));
        tree.subscribe(withIdentifier("a", 4, Qos.AT_MOST_ONCE));
        assertThat(tree.match("a")[0].identifiers()).isEqualTo(SubscriptionIdentifiers.of(4));

        tree.subscribe(withIdentifier("a", 0, Qos.AT_MOST_ONCE));
        assertThat(tree.match("a")[0].identifiers()).isSameAs(SubscriptionIdentifiers.NONE);
    }

    private Subscription withIdentifier(String filter, int identifier, Qos qos) {
        return Subscription.of(
                TopicFilter.parse(filter),
                ada,
                new SubscriptionOptions(qos, false, false, identifier));
    }
}
