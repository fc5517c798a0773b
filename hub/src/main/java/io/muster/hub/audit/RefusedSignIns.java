package io.muster.hub.audit;

import io.muster.auth.spi.AuthResult;
import io.muster.auth.spi.DenyReason;
import io.muster.hub.audit.AuditTrail.Stranger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;

/**
 * The rows of those who are refused over MQTT, whoever refuses them. Shared by all event loops,
 * never blocks.
 */
public final class RefusedSignIns {

    private final AuditTrail trail;

    /** Written to this audit log. */
    public RefusedSignIns(AuditTrail trail) {
        this.trail = trail;
    }

    /**
     * Somebody was refused by an authenticator, or by its rules. One that could not be asked tells
     * nothing of the client, so that has no row.
     *
     * @param name the user name, or what else he calls himself
     * @param more said behind the detail
     */
    public void denied(String name, InetSocketAddress address, AuthResult.Deny deny, String more) {
        if (deny.reason() != DenyReason.UNAVAILABLE) {
            refused(
                    name,
                    address,
                    deny.reason().name().toLowerCase(Locale.ROOT),
                    deny.detail() + more);
        }
    }

    /**
     * Somebody was refused.
     *
     * @param name the user name, or what else he calls himself
     * @param reason a word
     * @param detail a sentence, never a secret
     */
    void refused(String name, InetSocketAddress from, String reason, String detail) {
        InetAddress address = from.getAddress();
        trail.refused(
                Stranger.CLIENT,
                "client:" + name,
                address == null ? "" : address.getHostAddress(),
                0,
                reason + ": " + detail);
    }
}
