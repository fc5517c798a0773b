package io.muster.broker;

import io.muster.broker.session.PermissionReview;
import io.muster.broker.session.Session;
import io.muster.broker.session.SessionLoop;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Has the sessions of one loop ask anew what their clients may do: some at a time, with a pause
 * after them, so that the packets of others do not wait for all of it. Confined to the loop, but
 * for {@link #begin}.
 */
final class PermissionWalk {

    /** Sessions, subscriptions and messages that are judged before the loop turns to others. */
    private static final int AT_A_TIME = 250;

    /** Tasks that are handed in run before the sockets are read again; what is due later waits. */
    private static final long PAUSE_MILLIS = 1;

    private final SessionLoop loop;
    private final Iterator<Session> sessions;
    private final CompletableFuture<Integer> done = new CompletableFuture<>();
    private @Nullable PermissionReview review;
    private int connected;
    private @Nullable Throwable failure;

    private PermissionWalk(SessionLoop loop, List<Session> sessions) {
        this.loop = loop;
        this.sessions = sessions.iterator();
    }

    /**
     * Begins on the loop of these sessions. Any thread.
     *
     * @return complete when all have been asked: how many are connected. Fails if one failed, when
     *     the others have been asked
     */
    static CompletableFuture<Integer> begin(SessionLoop loop, List<Session> sessions) {
        PermissionWalk walk = new PermissionWalk(loop, sessions);
        loop.execute(walk::goOn);
        return walk.done;
    }

    private void goOn() {
        int left = AT_A_TIME;
        while (left > 0 && (review != null || sessions.hasNext())) {
            left -= 1 + ask(left);
        }
        if (review != null || sessions.hasNext()) {
            loop.schedule(this::goOn, PAUSE_MILLIS);
        } else if (failure != null) {
            done.completeExceptionally(failure);
        } else {
            done.complete(connected);
        }
    }

    private int ask(int atMost) {
        PermissionReview present = review;
        review = null;
        try {
            if (present == null) {
                Session session = sessions.next();
                present = session.reviewPermissions();
                connected += session.client() == null ? 0 : 1;
            }
            int judged = present.goOn(atMost);
            review = present.isOver() ? null : present;
            return judged;
        } catch (RuntimeException | Error failed) {
            failure = failed;
            return 0;
        }
    }
}
