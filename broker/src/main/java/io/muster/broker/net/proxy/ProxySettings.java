package io.muster.broker.net.proxy;

import java.net.InetAddress;
import java.util.List;

/**
 * A listener behind proxies: every connection must begin with a PROXY header.
 *
 * @param trusted the networks that the proxies are in; connections from elsewhere are closed
 */
public record ProxySettings(List<Network> trusted) {

    /** Copies the list. */
    public ProxySettings {
        trusted = List.copyOf(trusted);
    }

    boolean trusts(InetAddress address) {
        return trusted.stream().anyMatch(network -> network.contains(address));
    }
}
