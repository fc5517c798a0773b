package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Message;
import io.muster.broker.message.Payload;
import io.muster.broker.message.Qos;
import io.muster.broker.topic.TopicFilter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Shared subscriptions in the tree, and which member gets a message [MQTT5 4.8.2]. */
class SharedGroupTest {

    private static final String SHARE = "$share/g/a/+";

    private final TopicTree tree = new TopicTree();
    private final Router router = new Router(tree, new RetainedMessages(1, 1));
    private final Recorder ada = new Recorder("ada");
    private final Recorder bob = new Recorder("bob");
    private final Recorder carl = new Recorder("carl");

    private static Message message(String topic) {
        return Message.of(topic, Payload.EMPTY, Qos.AT_LEAST_ONCE, false);
    }

    private void publish(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(router.publish(message("a/b"))).isEqualTo(1);
        }
    }

    private void shareAll() {
        List.of(ada, bob, carl).forEach(each -> tree.subscribe(each.to(SHARE)));
    }

    @Test
    void isWaitedForOnlyWhileNoConnectedMemberHasRoom() {
        tree.subscribe(ada.to(SHARE, Qos.AT_LEAST_ONCE));
        tree.subscribe(bob.to(SHARE, Qos.AT_LEAST_ONCE));
        Route route = new RouteCache(1).route("a/b");
        ada.hasRoom = false;
        carl.connected = false;
        tree.subscribe(carl.to(SHARE, Qos.AT_LEAST_ONCE));
        assertThat(router.behind(message("a/b"), route)).isNull();
        bob.hasRoom = false;
        Subscriber group = router.behind(message("a/b"), route);
        assertThat(group).isNotNull();
        assertThat(group.hasCaughtUp()).as("one that is away does not count").isFalse();
        bob.hasRoom = true;
        assertThat(group.hasCaughtUp()).isTrue();
        bob.hasRoom = false;
        ada.connected = false;
        bob.connected = false;
        assertThat(group.hasCaughtUp()).as("nobody is there to be waited for").isTrue();
        assertThat(router.behind(message("a/b"), route)).isNull();
    }

    // ------------------------------------------------------------------ in the tree

    @Test
    void isOneMatchHoweverManyMembersThereAre() {
        shareAll();

        assertThat(tree.match("a/b")).hasSize(1);
        assertThat(tree.match("$share/g/a/b")).isEmpty();
        assertThat(tree.match("a")).isEmpty();
        assertThat(tree.size()).isEqualTo(3);
    }

    @Test
    void isGoneWithItsLastMember() {
        shareAll();
        TopicFilter filter = ada.to(SHARE).filter();

        assertThat(tree.unsubscribe(filter, ada)).isTrue();
        assertThat(tree.unsubscribe(filter, ada)).as("twice").isFalse();
        assertThat(tree.unsubscribe(filter, bob)).isTrue();
        assertThat(tree.match("a/b")).hasSize(1);
        assertThat(tree.unsubscribe(filter, carl)).isTrue();
        assertThat(tree.unsubscribe(filter, carl)).as("no such group").isFalse();

        assertThat(tree.match("a/b")).isEmpty();
        assertThat(tree.size()).isZero();
        assertThat(tree.root.isBare()).isTrue();
    }

    @Test
    void endsNoSubscriptionWithoutAShare() {
        tree.subscribe(ada.to("a/+"));
        tree.subscribe(ada.to(SHARE));

        assertThat(tree.match("a/b")).hasSize(2);
        tree.unsubscribe(ada.to(SHARE).filter(), ada);

        assertThat(tree.match("a/b")).containsExactly(ada.to("a/+"));
    }

    @Test
    void takesNewOptionsOfAMemberAndNoSecondPlace() {
        assertThat(tree.subscribe(ada.to(SHARE))).isTrue();
        assertThat(tree.subscribe(ada.to(SHARE, Qos.EXACTLY_ONCE))).isFalse();
        tree.subscribe(bob.to(SHARE));

        publish(2);

        assertThat(ada.subscriptions).containsExactly(ada.to(SHARE, Qos.EXACTLY_ONCE));
        assertThat(bob.messages).hasSize(1);
        assertThat(tree.size()).isEqualTo(2);
    }

    @Test
    void matchesAnEmptyFirstLevel() {
        tree.subscribe(ada.to("$share/g//finance"));

        assertThat(tree.match("/finance")).hasSize(1);
        assertThat(tree.match("finance")).isEmpty();
    }

    @Test
    void doesNotMatchDollarTopicsByALeadingWildcard() {
        // [MQTT-4.7.2-1]
        tree.subscribe(ada.to("$share/g/#"));
        tree.subscribe(ada.to("$share/g/+/x"));

        assertThat(tree.match("$SYS/x")).isEmpty();
        assertThat(tree.match("a/x")).hasSize(2);
    }

    // ---------------------------------------------------------------------- choice

    @Test
    void goesRoundAndPassesOverWhoIsNotReady() {
        shareAll();
        bob.hasRoom = false;

        publish(4);

        assertThat(ada.messages).hasSize(2);
        assertThat(bob.messages).isEmpty();
        assertThat(carl.messages).hasSize(2);
    }

    @Test
    void prefersAFullMemberToOneThatIsAway() {
        shareAll();
        ada.hasRoom = false;
        bob.connected = false;
        carl.connected = false;

        publish(3);

        assertThat(ada.messages).hasSize(3);
    }

    @Test
    void asksThoseWhoAreAwayIfNobodyIsConnected() {
        shareAll();
        List.of(ada, bob, carl).forEach(each -> each.connected = false);
        ada.hasRoom = false;

        publish(4);

        assertThat(ada.messages).isEmpty();
        assertThat(bob.messages).hasSize(2);
        assertThat(carl.messages).hasSize(2);
    }

    @Test
    void choosesTheLeastLoadedOfThoseWhoAreReady() {
        TopicTree least = new TopicTree(ShareStrategy.LEAST_LOADED);
        List.of(ada, bob, carl).forEach(each -> least.subscribe(each.to(SHARE)));
        ada.load = 3;
        bob.load = 2;
        carl.load = 1;
        carl.hasRoom = false;
        Router toLeast = new Router(least, new RetainedMessages(1, 1));

        toLeast.publish(message("a/b"));
        bob.load = 4;
        toLeast.publish(message("a/b"));

        assertThat(bob.messages).hasSize(1);
        assertThat(ada.messages).hasSize(1);
        assertThat(carl.messages).isEmpty();
    }

    @Test
    void sharesEquallyAmongEquallyLoaded() {
        TopicTree least = new TopicTree(ShareStrategy.LEAST_LOADED);
        List.of(ada, bob, carl)
                .forEach(
                        each -> {
                            each.load = 5;
                            least.subscribe(each.to(SHARE));
                        });
        Router toLeast = new Router(least, new RetainedMessages(1, 1));

        for (int i = 0; i < 6; i++) {
            toLeast.publish(message("a/b"));
        }

        assertThat(List.of(ada, bob, carl))
                .allSatisfy(each -> assertThat(each.messages).hasSize(2));
    }

    @Test
    void looksAtTwoOfManyMembersOnly() {
        TopicTree least = new TopicTree(ShareStrategy.LEAST_LOADED);
        AtomicInteger looks = new AtomicInteger();
        for (int i = 0; i <= SharedGroup.ALL_COMPARED_MAX; i++) {
            Recorder member =
                    new Recorder("m" + i) {
                        @Override
                        public int load() {
                            looks.incrementAndGet();
                            return 7;
                        }
                    };
            least.subscribe(member.to(SHARE));
        }

        new Router(least, new RetainedMessages(1, 1)).publish(message("a/b"));

        assertThat(looks).hasValue(2);
    }

    @Test
    void sharesAMembersOwnMessagesToo() {
        tree.subscribe(ada.to(SHARE));
        Message own = Message.of("a/b", Payload.EMPTY, Qos.AT_MOST_ONCE, false);

        assertThat(router.publish(own)).isEqualTo(1);
        assertThat(ada.messages).hasSize(1);
    }

    @Test
    void isAsReadyAndAsLoadedAsItsBestMember() {
        shareAll();
        Subscriber group = tree.match("a/b")[0].subscriber();
        List.of(ada, bob, carl).forEach(each -> each.connected = false);
        bob.load = 2;
        ada.load = 3;
        carl.load = 4;

        assertThat(group.isConnected()).isFalse();
        carl.connected = true;
        assertThat(group.isConnected()).isTrue();
        assertThat(group.load()).isEqualTo(2);
        assertThat(group.clientIdentifier()).isEmpty();
    }

    @Test
    void forgetsAMessageThatFindsNoMemberAnyMore() {
        tree.subscribe(ada.to(SHARE));
        Subscription[] before = tree.match("a/b");
        tree.unsubscribe(ada.to(SHARE).filter(), ada);

        before[0].subscriber().deliver(message("a/b"), before[0], false);

        assertThat(ada.messages).isEmpty();
        assertThat(before[0].subscriber().hasRoomFor(message("a/b"))).isTrue();
    }

    // ------------------------------------------------------------------ redelivery

    @Test
    void redeliversToAnotherMember() {
        shareAll();

        assertThat(tree.redeliver(SHARE, message("a/b"), ada, true)).isTrue();
        assertThat(tree.redeliver(SHARE, message("a/b"), ada, true)).isTrue();

        assertThat(ada.messages).isEmpty();
        assertThat(bob.messages).hasSize(1);
        assertThat(carl.messages).hasSize(1);
    }

    @Test
    void redeliversToNobodyIfNobodyElseIsThere() {
        assertThat(tree.redeliver(SHARE, message("a/b"), ada, false)).isFalse();
        tree.subscribe(ada.to(SHARE));
        assertThat(tree.redeliver(SHARE, message("a/b"), ada, false)).isFalse();
        assertThat(ada.messages).isEmpty();
    }

    @Test
    void redeliversToThoseWhoAreAwayOrFullOnlyIfTold() {
        shareAll();
        bob.connected = false;
        carl.hasRoom = false;

        assertThat(tree.redeliver(SHARE, message("a/b"), ada, true)).isFalse();
        assertThat(tree.redeliver(SHARE, message("a/b"), ada, false)).isTrue();

        assertThat(carl.messages).hasSize(1);
    }
}
