package io.muster.hub.devices;

import io.muster.broker.spi.ConnectedClient;
import io.muster.devices.details.LastClient;
import java.net.InetAddress;
import java.util.Optional;

/**
 * What a connection tells of a device. The SDK for Java says of itself within its client
 * identifier: {@code dev1{ip=10.0.0.5,version=enos-mqtt-2.4.0}|...|}. Cheap: it runs on event
 * loops.
 */
final class LastClients {

    private LastClients() {}

    static LastClient of(ConnectedClient client) {
        String sent = client.sentClientIdentifier();
        int bar = sent.indexOf('|');
        String clientId = bar < 0 ? sent : sent.substring(0, bar);
        int block = clientId.endsWith("}") ? clientId.lastIndexOf('{') : -1;
        String facts =
                block < 0 ? "" : "," + clientId.substring(block + 1, clientId.length() - 1) + ",";
        return new LastClient(
                Optional.ofNullable(client.remoteAddress().getAddress())
                        .map(LastClients::withoutZone),
                client.protocolLevel(),
                client.keepAliveSeconds(),
                fact(facts, ",version="),
                fact(facts, ",ip="));
    }

    /** The zone of an IPv6 address means something on this machine only. */
    private static String withoutZone(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    private static Optional<String> fact(String facts, String name) {
        int at = facts.indexOf(name);
        return at < 0
                ? Optional.empty()
                : Optional.of(
                        facts.substring(
                                at + name.length(), facts.indexOf(',', at + name.length())));
    }
}
