package io.muster.broker.protocol;

import io.muster.auth.spi.TopicPermissions;
import io.muster.broker.routing.RouteCache;
import io.muster.broker.session.ConnectionEnd;
import io.muster.broker.session.Link;
import io.muster.broker.session.Session;

/**
 * A signed-in client, as the flows see it. Confined to its session's loop.
 *
 * @param channel its connection
 * @param output what it is sent
 * @param session its session
 * @param link ties the session to this connection
 * @param version5 whether it speaks MQTT 5.0
 * @param routes the topics that it published to of late
 */
public record Client(
        ClientChannel channel,
        PacketOutput output,
        Session session,
        Link link,
        boolean version5,
        RouteCache routes) {

    TopicPermissions permissions() {
        return link.client().identity().permissions();
    }

    /** Ends the connection. */
    public void end(ConnectionEnd cause) {
        session.end(link, cause);
    }
}
