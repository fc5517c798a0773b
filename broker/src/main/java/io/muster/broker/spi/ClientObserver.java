package io.muster.broker.spi;

import io.muster.broker.message.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Is told of clients that come and go. Called on event loops, so every method returns at once.
 *
 * <p>For one client identifier the calls are ordered: {@link #connecting}, {@link #connected}, any
 * number of {@link #published}, {@link #disconnected}; a connection that was admitted gets exactly
 * one {@code disconnected}, though it may miss {@code connected} if it ended just before. When a
 * new connection takes over, the old one's {@code disconnected} comes before the new one's {@code
 * connecting}.
 */
public interface ClientObserver {

    /**
     * What becomes of a sign-in that all authenticators accepted.
     *
     * @param verdict whether the client gets its CONNACK
     * @param detail why not, for the log; empty if it does. Never a secret
     */
    record Admission(Verdict verdict, String detail) {

        /** Whether a client gets its CONNACK. */
        public enum Verdict {
            /** It does. */
            ADMITTED,
            /** It is refused as not authorized. */
            NOT_AUTHORIZED,
            /** It is refused for now; it may try again later. */
            UNAVAILABLE
        }

        /** The client gets its CONNACK. */
        public static final Admission ADMITTED = new Admission(Verdict.ADMITTED, "");

        /** The client is refused for now; it may try again later. */
        public static final Admission UNAVAILABLE =
                new Admission(Verdict.UNAVAILABLE, "whether it is admitted is not known now");

        /** The client is refused as not authorized, for this reason. */
        public static Admission notAuthorized(String detail) {
            return new Admission(Verdict.NOT_AUTHORIZED, detail);
        }
    }

    /**
     * A client has signed in and its session is registered (it can be found and disconnected), but
     * it has no CONNACK yet. Whoever bars a client first notes the bar and then disconnects it; an
     * observer that looks for the bar here therefore misses none. A stage that fails refuses the
     * client; it gets no {@link #disconnected}. So does one that is late, but if it admits the
     * client nevertheless, {@code disconnected} follows at once, before anything else is told of
     * this client identifier: later clients of the name wait for that, so a stage must complete.
     */
    CompletionStage<Admission> connecting(ConnectedClient client);

    /**
     * The client has its CONNACK.
     *
     * @param sender sends a message to this connection, with the QoS that it has, whether the
     *     client subscribes to its topic or not; nothing once the connection has ended. Any thread
     */
    default void connected(ConnectedClient client, Consumer<Message> sender) {}

    /** The connection of an admitted client has ended, for whatever cause. */
    void disconnected(ConnectedClient client);

    /**
     * A will of this client is due, at the end of its connection or after a delay: whether it is
     * published. Not asked of an observer if the broker lets it go anyway: the client is expelled,
     * or may not publish on that topic any more. One that throws is against it.
     */
    default boolean mayLeaveWill(ConnectedClient client) {
        return true;
    }

    /**
     * The client published something, whatever became of it; told at most once a second for each
     * connection. That it only lives is not told: the broker itself ends connections without life.
     */
    void published(ConnectedClient client);

    /**
     * The client published a message that it may not, so nobody is given it. Told before the
     * acknowledgement is sent, and not of topics that are reserved or too deep.
     *
     * @param answer sends a message to this client, behind the acknowledgement, if the client
     *     subscribes to its topic; to be called at once or never
     * @return whether to bear with the client: it stays connected, even if the broker closes those
     *     who publish what they may not
     */
    default boolean refused(ConnectedClient client, Message message, Consumer<Message> answer) {
        return false;
    }

    /**
     * A CONNECT was refused, or a client that signed in again on its connection: told once for
     * each, on any thread, in no order with what else is told. Not told is what the authenticator
     * refused, which knows that itself; nor what says nothing of the client: that the broker, or
     * whoever it asks, was not available or late, that clients are sent elsewhere, or that the
     * client left. Nor a packet that cannot be read.
     */
    default void signInRefused(RefusedClient client) {}

    /** An observer that admits everybody. */
    ClientObserver NONE =
            new ClientObserver() {
                @Override
                public CompletionStage<Admission> connecting(ConnectedClient client) {
                    return CompletableFuture.completedFuture(Admission.ADMITTED);
                }

                @Override
                public void disconnected(ConnectedClient client) {}

                @Override
                public void published(ConnectedClient client) {}
            };
}
