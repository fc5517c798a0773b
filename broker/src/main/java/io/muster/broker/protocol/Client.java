package io.muster.broker.protocol;

import io.muster.auth.spi.Identity;
import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.pace.PublishPace;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.Link;
import io.muster.broker.session.Session;
import org.jspecify.annotations.Nullable;

/**
 * A signed-in client, as the flows see it. Confined to its session's loop.
 *
 * @param channel its connection
 * @param output what it is sent
 * @param session its session
 * @param link ties the session to this connection
 * @param version5 whether it speaks MQTT 5.0
 * @param topics what is remembered of the topics that it publishes to
 * @param pace how fast it may publish; null if nothing limits that
 * @param reauthentication how it signs in again while it is connected; null if it did not sign in
 *     by enhanced authentication
 */
public record Client(
        ClientChannel channel,
        PacketOutput output,
        Session session,
        Link link,
        boolean version5,
        PublisherTopics topics,
        @Nullable PublishPace pace,
        @Nullable Reauthentication reauthentication)
        implements Link.PermissionHolder {

    /** Who it is, by its last sign-in: at CONNECT, or again since. */
    Identity identity() {
        Identity atConnect = link.client().identity();
        return reauthentication == null ? atConnect : reauthentication.identity().orElse(atConnect);
    }

    @Override
    public TopicPermissions permissionsChanged() {
        topics.forgetPermissions();
        return identity().permissions();
    }

    int protocolLevel() {
        return link.client().protocolLevel();
    }

    /** Ends the connection. */
    public void end(ConnectionEnd cause) {
        session.end(link, cause);
        if (reauthentication != null) {
            reauthentication.giveUp();
        }
    }
}
