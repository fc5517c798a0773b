package io.muster.hub.cli.output;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.FirstStart;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the start tells people.
 *
 * @param mqtt the addresses of the listeners, by name
 * @param management the address of the management API
 * @param dataFolder where everything that lasts is
 * @param command how the command line was called
 * @param sameHub options with which other commands find this hub
 */
public record StartReport(
        Map<String, InetSocketAddress> mqtt,
        InetSocketAddress management,
        Path dataFolder,
        String command,
        String sameHub) {

    /** Short lines for every start. */
    public List<String> whereThingsAre() {
        List<String> lines = new ArrayList<>();
        mqtt.forEach(
                (name, address) -> lines.add("MQTT        " + text(address) + "  (" + name + ")"));
        lines.add("Management  http://" + text(management) + "/api/v1");
        lines.add("Data        " + dataFolder.toAbsolutePath().normalize());
        return lines;
    }

    /** Lines to paste after the first start; they work as they are. */
    public List<String> whatToTry(FirstStart first) {
        InetSocketAddress address = mqtt.values().iterator().next();
        String server = "-h %s -p %d".formatted(host(address), address.getPort());
        SignedConnect signed =
                DeviceSignature.sign(
                        new DeviceId(first.productKey(), first.deviceKey()),
                        Secret.of(first.deviceSecret()),
                        SignMethod.SHA256,
                        Long.toString(System.currentTimeMillis()));
        String device = first.productKey() + "/" + first.deviceKey();
        return List.of(
                "",
                "First start: a demo device and a demo application were made. To see a message going"
                        + " through,",
                "with nothing else installed, type in a second terminal:",
                "",
                "  " + Output.quoted(command) + " demo" + sameHub,
                "",
                "Or with the Mosquitto clients, the application in a second terminal and the device in"
                        + " a third:",
                "",
                "  mosquitto_sub %s -i demo-application -u %s -P %s -t %s -v"
                        .formatted(
                                server,
                                Output.quoted(first.applicationUsername()),
                                Output.quoted(first.applicationPassword()),
                                Output.quoted(device + "/#")),
                "",
                "  mosquitto_pub %s -i %s -u %s -P %s -t %s -m %s"
                        .formatted(
                                server,
                                Output.quoted(signed.clientId()),
                                Output.quoted(signed.username()),
                                Output.quoted(signed.password()),
                                Output.quoted(device + "/telemetry"),
                                Output.quoted("{\"temperature\":21.5}")),
                "");
    }

    /** An address to connect to, if this one is what was bound to. */
    public static String reachable(String bind) {
        return switch (bind) {
            case "0.0.0.0", "0:0:0:0:0:0:0:0", "::" -> "127.0.0.1";
            default -> bind.contains(":") ? "[" + bind + "]" : bind;
        };
    }

    private static String host(InetSocketAddress address) {
        return reachable(address.getHostString()).replaceAll("[\\[\\]]", "");
    }

    private static String text(InetSocketAddress address) {
        String host = address.getHostString();
        boolean all = address.getAddress() != null && address.getAddress().isAnyLocalAddress();
        String shown = all ? "*" : host.contains(":") ? "[" + host + "]" : host;
        return shown + ":" + address.getPort();
    }
}
