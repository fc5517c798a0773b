package io.muster.auth.spi;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * An authenticator that also takes part in enhanced authentication (MQTT 5.0, section 4.12):
 * challenge and response in AUTH packets, for example a SASL mechanism.
 *
 * <p>A client asks for it by naming an authentication method in its CONNECT packet. The first
 * authenticator of the chain that knows the method takes the whole exchange; no other is asked
 * then, and {@link #authenticate} is not called. If none knows it the client is refused.
 *
 * <p>Shared by all connections like every {@link Authenticator}; an {@link Exchange} belongs to
 * one.
 */
public interface EnhancedAuthenticator extends Authenticator {

    /**
     * Begins an exchange, if this authenticator knows the method. Called on an event loop, so it
     * returns at once; what waits belongs into the steps.
     *
     * <p>Called for a CONNECT packet with an authentication method, and again with the same method
     * and the same credentials when the client authenticates anew on its open connection. The
     * broker then compares the principals: a client that has become somebody else is disconnected.
     *
     * @param method the authentication method as the client sent it, compared exactly; it may be
     *     empty, and it may hold anything a client thinks of
     * @param credentials what the CONNECT packet held beside the method, often neither user name
     *     nor password; immutable, and not to be kept after the exchange
     * @return an exchange of its own for this client, or empty if the method is not known here;
     *     never null
     */
    Optional<Exchange> begin(String method, Credentials credentials);

    /**
     * One client's way through the method, step by step. The steps follow one another: the next is
     * asked for only after the stage of the one before is complete, on any thread, with everything
     * visible that happened before. So it may keep what it needs in plain fields.
     *
     * <p>The broker limits how many steps an exchange may take and how long each may last, and the
     * time that the client takes to answer. A step that throws, fails, is null or late refuses the
     * client.
     */
    interface Exchange extends AutoCloseable {

        /**
         * The name that the client claims by what it sends first, so that wrong sign-ins are
         * counted for that name; without one they are counted for the user name of the CONNECT
         * packet if there is one, and for the address. Asked at most once, before the first step
         * and with the same data, on an event loop; nothing is proven yet, and nothing must be
         * looked up.
         *
         * @return the name as sent; empty if the method has none, or the data is not of its form
         */
        default Optional<String> claimedName(Optional<byte[]> data) {
            return Optional.empty();
        }

        /**
         * Answers what the client sent: first in its CONNECT packet (or in the AUTH packet that
         * begins re-authentication), then in each AUTH packet. Called on an event loop, so it
         * returns at once; any thread may complete the stage.
         *
         * @param data the authentication data; empty if the packet held none, an array without
         *     bytes if it held empty data. The exchange's own: the broker does not keep it
         * @return what comes next, never null
         */
        CompletionStage<Step> next(Optional<byte[]> data);

        /**
         * Gives up what the exchange holds. Called once, after the last step, and also when the
         * exchange ends without one: the client left, was late, or broke the protocol. A step may
         * still be under way then; its answer is not used any more.
         */
        @Override
        default void close() {}
    }

    /** What follows a step of the client. Immutable. */
    sealed interface Step {

        /**
         * The exchange goes on: the client is sent an AUTH packet with reason code 0x18 (continue
         * authentication).
         *
         * @param data the authentication data of that packet; may have no bytes
         */
        @SuppressWarnings("ArrayRecordComponent") // bytes are what it is, and both ways copy them
        record Continue(byte[] data) implements Step {

            /** Copies the data. */
            public Continue {
                data = data.clone();
            }

            @Override
            public byte[] data() {
                return data.clone();
            }
        }

        /**
         * The exchange is over.
         *
         * @param result accept or deny. Abstain is a mistake here and refuses the client
         * @param data the authentication data of the packet that says so; sent only when the client
         *     is accepted, since a refusal tells nothing but its reason
         */
        record Finished(AuthResult result, Optional<byte[]> data) implements Step {

            /** Refuses null and copies the data. */
            public Finished {
                Objects.requireNonNull(result, "result");
                data = data.map(byte[]::clone);
            }

            @Override
            public Optional<byte[]> data() {
                return data.map(byte[]::clone);
            }
        }
    }
}
