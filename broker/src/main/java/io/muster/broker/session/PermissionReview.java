package io.muster.broker.session;

import io.muster.broker.message.Qos;
import io.muster.broker.message.SubscriptionIdentifiers;
import io.muster.broker.routing.Subscription;
import io.muster.broker.routing.TopicTree;
import io.muster.broker.spi.StoredSession;
import io.muster.broker.spi.StoredSubscription;
import io.muster.broker.topic.TopicFilter;
import io.muster.broker.topic.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks anew what the client of one session may do: subscriptions that it may no longer hold end,
 * then what waits on topics that it may no longer read is dropped. A client that speaks for others
 * may hold ten thousands of subscriptions, so it goes on some at a time; what happens in between
 * needs no care, as each is judged by what holds at that moment.
 *
 * <p>Confined to the session's loop.
 */
public final class PermissionReview {

    private final Session session;
    private final StoredSession state;
    private final Outbox outbox;
    private final Iterator<String> filters;
    private boolean over;

    PermissionReview(Session session, StoredSession state, Outbox outbox) {
        this.session = session;
        this.state = state;
        this.outbox = outbox;
        this.filters =
                state.subscriptions().stream().map(StoredSubscription::filter).toList().iterator();
    }

    /**
     * Judges some subscriptions, and when none is left all that waits.
     *
     * @param atMost how many subscriptions
     * @return how many subscriptions and messages it looked at
     */
    public int goOn(int atMost) {
        if (session.isDiscarded()) {
            over = true;
            return 0;
        }
        int judged = 0;
        List<String> lost = new ArrayList<>();
        for (; judged < atMost && filters.hasNext(); judged++) {
            String filter = filters.next();
            if (!session.maySubscribe(filter)) {
                lost.add(filter);
            }
        }
        session.removeSubscriptions(lost);
        if (filters.hasNext()) {
            return judged;
        }
        over = true;
        int waiting = state.queuedMessages();
        judgeMessages();
        return judged + waiting;
    }

    /** Judges all that is left at once, so that nothing is sent before. */
    public void finish() {
        goOn(Integer.MAX_VALUE);
    }

    /** Whether all has been judged. */
    public boolean isOver() {
        return over;
    }

    /** Many messages wait on few topics, so each topic is judged once. */
    private void judgeMessages() {
        ReadableTopics readable = new ReadableTopics();
        if (state.queuedMessages() > 0) {
            Map<String, Boolean> judged = new HashMap<>();
            outbox.dropUnless(topic -> judged.computeIfAbsent(topic, readable::test));
        }
        session.oweOnly(readable);
    }

    /**
     * The topics that the client may read. A rule may refuse a topic by its name, and not the wider
     * filter that brings it; then those that it holds are looked up, and only then.
     */
    private final class ReadableTopics implements Predicate<String> {

        private @Nullable Held held;

        @Override
        public boolean test(String topic) {
            return !session.isWithheld(topic)
                    && (session.maySubscribe(topic) || held().matches(topic));
        }

        private Held held() {
            Held present = held;
            if (present == null) {
                present = new Held(state.subscriptions(), session);
                held = present;
            }
            return present;
        }
    }

    /** The filters that the client holds, found by topic however many they are. */
    private static final class Held {

        private final Set<String> names = new HashSet<>();
        private final TopicTree wildcards = new TopicTree();

        Held(Iterable<StoredSubscription> subscriptions, Session holder) {
            for (StoredSubscription each : subscriptions) {
                String filter = TopicFilter.parse(each.filter()).innerText();
                if (TopicName.hasWildcard(filter)) {
                    wildcards.subscribe(
                            new Subscription(
                                    TopicFilter.parse(filter),
                                    holder,
                                    Qos.AT_MOST_ONCE,
                                    false,
                                    false,
                                    SubscriptionIdentifiers.NONE));
                } else {
                    names.add(filter);
                }
            }
        }

        boolean matches(String topic) {
            return names.contains(topic) || wildcards.match(topic).length > 0;
        }
    }
}
