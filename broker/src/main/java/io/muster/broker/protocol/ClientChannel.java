package io.muster.broker.protocol;

import io.muster.broker.pace.HeldPublishers.Publisher;
import io.muster.broker.session.SessionLoop;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A connection, as the rules see it: somewhere to append bytes, which leave in one write at the end
 * of the turn.
 *
 * <p>Confined to its present loop, except where said.
 */
public interface ClientChannel extends Publisher {

    /**
     * The buffer for what is sent in this turn; noted for flushing when it is asked for. Appended
     * to at once, not kept.
     */
    ByteBuf outgoing();

    /** Whether less is waiting to be sent than the limit. */
    boolean isWritable();

    /** Stops or resumes reading; what waits while it is off is handed over when it is on again. */
    void setReading(boolean reading);

    /**
     * Whether the client can be made to wait before a PUBLISH: not if it has closed its end, for
     * then what is left of it goes on, the DISCONNECT at its end above all.
     */
    boolean canWait();

    /** How much the client has taken so far, in bytes since any moment. */
    long takenBytes();

    /**
     * The client does not keep up as a subscriber, or does again: while it is held as a publisher,
     * more of what it sends is gone through for its acknowledgements.
     */
    void behind(boolean isBehind);

    /** Whether it is not closed, nor closing. Any thread. */
    boolean isOpen();

    /** Closes at once, with what is to be sent sent first. Complete when it is closed. */
    CompletionStage<Void> close();

    /**
     * Sends what is to be sent, says that no more will come, and closes when the client has closed,
     * or soon: so the last packet is not lost in a reset. What still comes in is thrown away.
     * Complete when it is closed.
     */
    CompletionStage<Void> closeGently();

    /**
     * The same, but it is closed within a fraction of a second, whether the client has read the
     * last packet or not.
     */
    CompletionStage<Void> closeSoon();

    /** How many bytes are on their way, or were: not what was appended in this turn. */
    long writtenBytes();

    /**
     * What was appended in this turn is not sent.
     *
     * @return whether there is nothing else that the client has not taken yet
     */
    boolean dropUnsent();

    /** Closes at once; what is not sent yet never is. Complete when it is closed. */
    CompletionStage<Void> abort();

    /** The loop that it is on. */
    SessionLoop loop();

    /** Moves to another loop; reading must be off. Complete on the new loop. */
    CompletionStage<Void> moveTo(SessionLoop loop);

    /** Where the client connected from. Any thread. */
    InetSocketAddress remoteAddress();

    /** The client's verified certificate chain, its own first; empty without one. */
    List<X509Certificate> peerCertificates();

    /** The name of the listener that accepted it. Any thread. */
    String listener();
}
