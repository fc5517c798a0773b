package io.muster.broker.routing;

import io.muster.broker.message.Message;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The members of one shared subscription: sessions that subscribed to the same filter under the
 * same share name [MQTT5 4.8.2]. In the tree it is one subscriber; what it is given it hands to one
 * member, which gets it by its own options.
 *
 * <h2>Choice</h2>
 *
 * Members with a connection come first; of those, the ones with room in their queue; of those, the
 * {@link ShareStrategy} chooses. Only if nobody is connected a member that is away gets the
 * message, to keep it for the client's return.
 *
 * <p>By turns costs a look at one member as long as all are well; least loaded costs a look at each
 * of up to {@value #ALL_COMPARED_MAX}. Of more, two are drawn at random and the better one gets the
 * message: that keeps the longest queue within a few messages of the average, however many members
 * there are (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing"). Only if
 * neither of the two is well, all are looked at.
 *
 * <p>Shared: members are written under the tree's lock and read by any thread. Publishers that
 * choose at the same moment may choose the same member; nothing is locked or counted twice for
 * fairness' sake.
 */
final class SharedGroup implements Subscriber {

    private static final Subscription[] NOBODY = {};

    /** More members than this are not compared all with each other for each message. */
    static final int ALL_COMPARED_MAX = 16;

    private static final int NONE = -1;
    private static final int READY = 0;
    private static final int FULL = 1;
    private static final int AWAY = 2;

    private final ShareStrategy strategy;
    private final AtomicInteger next = new AtomicInteger();
    private volatile Subscription[] members = NOBODY;

    SharedGroup(ShareStrategy strategy) {
        this.strategy = strategy;
    }

    // ------------------------------------------------- members; under the tree's lock

    /** Adds a member, or changes its options; true if it was none before. */
    boolean join(Subscription member) {
        Subscription[] present = members;
        int at = indexOf(member.subscriber(), present);
        boolean isNew = at == NONE;
        Subscription[] changed = Arrays.copyOf(present, present.length + (isNew ? 1 : 0));
        changed[isNew ? present.length : at] = member;
        members = changed;
        return isNew;
    }

    /** Removes a member; false if it was none. */
    boolean leave(Subscriber subscriber) {
        Subscription[] present = members;
        int at = indexOf(subscriber, present);
        if (at == NONE) {
            return false;
        }
        Subscription[] left = Arrays.copyOf(present, present.length - 1);
        System.arraycopy(present, at + 1, left, at, left.length - at);
        members = left;
        return true;
    }

    boolean isEmpty() {
        return members.length == 0;
    }

    private static int indexOf(Subscriber subscriber, Subscription[] present) {
        for (int i = 0; i < present.length; i++) {
            if (present[i].subscriber() == subscriber) {
                return i;
            }
        }
        return NONE;
    }

    // -------------------------------------------------------------- any thread

    /** Hands the message to one member. If the last one has left meanwhile, nobody is owed it. */
    @Override
    public void deliver(Message message, Subscription subscription, boolean isAdmitted) {
        Subscription[] present = members;
        int chosen = choose(present, message, null);
        if (chosen != NONE) {
            hand(message, present, chosen, isAdmitted);
        }
    }

    /**
     * Hands a message that {@code leaving} was given and cannot send to another member.
     *
     * @param readyOnly whether only a member that is connected and has room will do
     * @return whether there was one
     */
    boolean redeliver(Message message, Subscriber leaving, boolean readyOnly) {
        Subscription[] present = members;
        int chosen = choose(present, message, leaving);
        if (chosen == NONE || (readyOnly && rank(present[chosen].subscriber(), message) != READY)) {
            return false;
        }
        hand(message, present, chosen, false);
        return true;
    }

    private void hand(Message message, Subscription[] present, int chosen, boolean isAdmitted) {
        next.setOpaque(chosen + 1);
        Subscription member = present[chosen];
        member.subscriber().deliver(message, member, isAdmitted);
    }

    /** The place of a member but {@code except} that is to get the message. */
    private int choose(Subscription[] present, Message message, @Nullable Subscriber except) {
        if (strategy == ShareStrategy.LEAST_LOADED && present.length > ALL_COMPARED_MAX) {
            int drawn = betterOfTwo(present, message, except);
            if (drawn != NONE) {
                return drawn;
            }
        }
        return best(present, message, except);
    }

    /** The less loaded of two members drawn at random, as far as they are ready. */
    private static int betterOfTwo(
            Subscription[] present, Message message, @Nullable Subscriber except) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int one = random.nextInt(present.length);
        // Another one, each as likely.
        int other = (one + 1 + random.nextInt(present.length - 1)) % present.length;
        boolean oneReady = isReady(present[one].subscriber(), message, except);
        boolean otherReady = isReady(present[other].subscriber(), message, except);
        if (oneReady && otherReady) {
            int difference = present[one].subscriber().load() - present[other].subscriber().load();
            return difference <= 0 ? one : other;
        }
        return oneReady ? one : otherReady ? other : NONE;
    }

    private static boolean isReady(
            Subscriber member, Message message, @Nullable Subscriber except) {
        return member != except && rank(member, message) == READY;
    }

    /** The place of the best member but {@code except}; of equals, the first whose turn it is. */
    private int best(Subscription[] present, Message message, @Nullable Subscriber except) {
        int first = next.getOpaque();
        int best = NONE;
        int bestRank = Integer.MAX_VALUE;
        int bestLoad = Integer.MAX_VALUE;
        for (int i = 0; i < present.length; i++) {
            int at = (first + i) % present.length;
            Subscriber member = present[at].subscriber();
            if (member == except) {
                continue;
            }
            int rank = rank(member, message);
            int load = strategy == ShareStrategy.LEAST_LOADED ? member.load() : 0;
            if (rank < bestRank || (rank == bestRank && load < bestLoad)) {
                best = at;
                bestRank = rank;
                bestLoad = load;
            }
            if (bestRank == READY && bestLoad == 0) {
                return best;
            }
        }
        return best;
    }

    private static int rank(Subscriber member, Message message) {
        return (member.isConnected() ? READY : AWAY) + (member.hasRoomFor(message) ? READY : FULL);
    }

    /** Nobody's: what the members publish themselves is theirs to share as well. */
    @Override
    public String clientIdentifier() {
        return "";
    }

    @Override
    public boolean isConnected() {
        return Arrays.stream(members).anyMatch(member -> member.subscriber().isConnected());
    }

    /** Whether one of the connected members has, or none is connected any more. */
    @Override
    public boolean hasCaughtUp() {
        return !isConnected()
                || Arrays.stream(members)
                        .map(Subscription::subscriber)
                        .anyMatch(member -> member.isConnected() && member.hasCaughtUp());
    }

    /** Whether the member that would get the message has room for it. */
    @Override
    public boolean hasRoomFor(Message message) {
        Subscription[] present = members;
        int chosen = choose(present, message, null);
        return chosen == NONE || present[chosen].subscriber().hasRoomFor(message);
    }

    /** That of its least loaded member. */
    @Override
    public int load() {
        return Arrays.stream(members)
                .mapToInt(member -> member.subscriber().load())
                .min()
                .orElse(0);
    }
}
