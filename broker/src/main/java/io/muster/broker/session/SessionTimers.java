package io.muster.broker.session;

import io.muster.broker.message.Message;
import io.muster.broker.spi.ConnectedClient;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What time brings to a session without a connection: its will [MQTT5 3.1.3.2.2] and its end [MQTT5
 * 3.1.2.11.2]. Confined to the session's loop.
 */
final class SessionTimers {

    private final SessionLoop loop;
    private final Owner owner;
    private @Nullable LeftWill pendingWill;
    private Runnable cancelWill = () -> {};
    private @Nullable Runnable cancelExpiry;
    private boolean expired;
    private boolean held;

    /** Whose timers they are. */
    interface Owner {

        /** Ends the session. */
        void discard();

        /** Publishes the message of a will, if its client still may. */
        void publishWill(Message will, ConnectedClient leaving);
    }

    /** A will that waits, and who left it. */
    private record LeftWill(Will will, ConnectedClient leaving) {}

    /** Timers that do not run yet. */
    SessionTimers(SessionLoop loop, Owner owner) {
        this.loop = loop;
        this.owner = owner;
    }

    /**
     * Publishes the will of a connection, if it has one, after its delay; when the session ends
     * before, {@link #publishPendingWill} is for the session to call [MQTT-3.1.3-9].
     */
    void publishWill(Link leaving) {
        Will will = leaving.takeWill();
        if (will == null) {
            return;
        }
        long delaySeconds = will.delaySeconds();
        if (delaySeconds == 0) {
            owner.publishWill(will.message(loop.nowMillis()), leaving.client());
            return;
        }
        pendingWill = new LeftWill(will, leaving.client());
        cancelWill =
                loop.schedule(this::publishPendingWill, TimeUnit.SECONDS.toMillis(delaySeconds));
    }

    /** Publishes a will that waits, if there is one. */
    void publishPendingWill() {
        LeftWill left = pendingWill;
        if (left != null) {
            dropPendingWill();
            owner.publishWill(left.will().message(loop.nowMillis()), left.leaving());
        }
    }

    /** A will that waits is not published: the client came back in time. */
    private void dropPendingWill() {
        cancelWill.run();
        pendingWill = null;
    }

    /** No client is there: the session ends when its time is over, unless that runs already. */
    void awaitExpiry(long seconds) {
        if (expired || seconds == 0) {
            owner.discard();
        } else if (cancelExpiry == null) {
            cancelExpiry = loop.schedule(this::expire, TimeUnit.SECONDS.toMillis(seconds));
        }
    }

    /** A session that somebody is about to resume waits for what comes of it. */
    private void expire() {
        expired = true;
        if (!held) {
            owner.discard();
        }
    }

    /** Whether somebody is about to resume the session, so that it does not end by itself. */
    void hold(boolean isHeld) {
        held = isHeld;
    }

    /** A client has come: nothing of that is to happen. */
    void clear() {
        disarmExpiry();
        dropPendingWill();
    }

    void disarmExpiry() {
        expired = false;
        if (cancelExpiry != null) {
            cancelExpiry.run();
            cancelExpiry = null;
        }
    }

    /** Whether the session's time is over. */
    boolean isExpired() {
        return expired;
    }
}
