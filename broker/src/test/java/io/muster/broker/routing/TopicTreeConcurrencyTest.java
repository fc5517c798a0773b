package io.muster.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.broker.message.Qos;
import io.muster.broker.topic.TopicFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers and writers at once. */
@Timeout(60)
class TopicTreeConcurrencyTest {

    private static final int WRITERS = 2;
    private static final int READERS = 3;
    private static final int CHANGES = 60_000;
    private static final List<String> STABLE = List.of("#", "a/+/c", "a/3/c", "a/#", "a/40/c");

    private final TopicTree tree = new TopicTree();
    private final AtomicInteger writersAtWork = new AtomicInteger(WRITERS);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void showsStableSubscribersInEveryMatchWhileOthersComeAndGo() throws Exception {
        List<Recorder> stable = new ArrayList<>();
        for (String filter : STABLE) {
            Recorder subscriber = new Recorder("stable " + filter);
            tree.subscribe(subscriber.to(filter));
            stable.add(subscriber);
        }
        List<Future<Set<Subscription>>> left = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            int seed = i;
            left.add(threads.submit(() -> comeAndGo(seed)));
        }
        runAll(READERS, () -> readWhileWritersWork(stable));

        Set<Subscription> expected = new HashSet<>();
        for (Future<Set<Subscription>> each : left) {
            expected.addAll(each.get());
        }
        for (Recorder each : stable) {
            expected.add(each.to(each.clientIdentifier().substring("stable ".length())));
        }
        assertThat(tree.size()).isEqualTo(expected.size());
        for (String topic : topics()) {
            assertThat(subscribersOf(tree.match(topic)))
                    .isEqualTo(
                            expected.stream()
                                    .filter(each -> each.filter().matches(topic))
                                    .map(Subscription::subscriber)
                                    .collect(Collectors.toSet()));
        }
    }

    /** Subscribes and unsubscribes at random; returns what is left at the end. */
    private Set<Subscription> comeAndGo(int seed) {
        Random random = new Random(seed);
        List<Recorder> subscribers =
                IntStream.range(0, 80).mapToObj(i -> new Recorder(seed + "-" + i)).toList();
        Set<Subscription> present = new HashSet<>();
        for (int i = 0; i < CHANGES; i++) {
            Recorder subscriber = subscribers.get(random.nextInt(subscribers.size()));
            Subscription subscription = subscriber.to(filter(random), Qos.AT_LEAST_ONCE);
            // Now growing, now shrinking, so that nodes and their forms come and go.
            if (random.nextInt(10) < (i / 2_000 % 2 == 0 ? 8 : 2)) {
                assertThat(tree.subscribe(subscription)).isEqualTo(present.add(subscription));
            } else {
                assertThat(tree.unsubscribe(subscription.filter(), subscriber))
                        .isEqualTo(present.remove(subscription));
            }
        }
        writersAtWork.decrementAndGet();
        return present;
    }

    private static String filter(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> "a/3/c";
            case 1 -> "#";
            case 2 -> "a/+/+";
            case 3 -> "a/" + random.nextInt(50) + "/#";
            default -> "a/" + random.nextInt(50) + "/c";
        };
    }

    private boolean readWhileWritersWork(List<Recorder> stable) {
        RouteCache cache = new RouteCache(8);
        Random random = new Random();
        List<String> topics = topics();
        while (writersAtWork.get() > 0) {
            String topic = topics.get(random.nextInt(topics.size()));
            Subscription[] matches =
                    random.nextBoolean() ? tree.match(topic) : cache.route(topic).matches(tree);
            Set<Subscriber> found = subscribersOf(matches);
            assertThat(found).as("one for each subscriber").hasSize(matches.length);
            for (Recorder each : stable) {
                String filter = each.clientIdentifier().substring("stable ".length());
                if (TopicFilter.parse(filter).matches(topic)) {
                    assertThat(found.contains(each)).as(filter + " for " + topic).isTrue();
                }
            }
        }
        for (String topic : topics) {
            assertThat(subscribersOf(cache.route(topic).matches(tree)))
                    .as("what is remembered once all is quiet")
                    .isEqualTo(subscribersOf(tree.match(topic)));
        }
        return true;
    }

    @Test
    void rememberedMatchesKnowASubscriptionFromTheMomentThatSubscribeReturned() throws Exception {
        int rounds = 20_000;
        AtomicInteger subscribed = new AtomicInteger();
        AtomicInteger checked = new AtomicInteger();
        Future<Boolean> publisher =
                threads.submit(
                        () -> {
                            Route route = new RouteCache(1).route("a/b");
                            while (checked.get() < rounds) {
                                int expected = subscribed.get();
                                int found = route.matches(tree).length;
                                if (expected > checked.get()) {
                                    // Nothing changes now until this has been checked.
                                    assertThat(found).as("round %d", expected).isEqualTo(1);
                                    checked.set(expected);
                                }
                            }
                            return true;
                        });
        Recorder subscriber = new Recorder("client");
        String[] filters = {"a/b", "a/+", "a/#", "#", "+/b"};
        for (int i = 0; i < rounds; i++) {
            Subscription subscription = subscriber.to(filters[i % filters.length]);
            tree.subscribe(subscription);
            subscribed.set(i + 1);
            while (checked.get() <= i && !publisher.isDone()) {
                Thread.onSpinWait();
            }
            tree.unsubscribe(subscription.filter(), subscriber);
        }
        assertThat(publisher.get()).isTrue();
    }

    private void runAll(int count, Callable<Boolean> task) throws Exception {
        for (Future<Boolean> each : threads.invokeAll(Collections.nCopies(count, task))) {
            assertThat(each.get()).isTrue();
        }
    }

    private static List<String> topics() {
        return List.of("a/3/c", "a/7/c", "a/40/c", "a/x", "b", "a/49/c/d", "$SYS/a");
    }

    private static Set<Subscriber> subscribersOf(Subscription[] subscriptions) {
        Set<Subscriber> subscribers = Collections.newSetFromMap(new IdentityHashMap<>());
        Arrays.stream(subscriptions).map(Subscription::subscriber).forEach(subscribers::add);
        return subscribers;
    }
}
