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
import java.util.Optional;

/**
 * What the start tells people.
 *
 * @param mqtt the addresses of the listeners, by name
 * @param plain the name of the listener to be shown to MQTT clients; empty if there is none on
 *     which they speak MQTT over TCP from the first byte
 * @param management the address of the management API
 * @param authorities the file with what clients are to trust on listeners over TLS, if the hub has
 *     an authority of its own
 * @param dataFolder where everything that lasts is
 * @param command how the command line was called
 * @param sameHub options with which other commands find this hub
 */
public record StartReport(
        Map<String, InetSocketAddress> mqtt,
        Optional<String> plain,
        InetSocketAddress management,
        Optional<Path> authorities,
        Path dataFolder,
        String command,
        String sameHub) {

    /** Short lines for every start. */
    public List<String> whereThingsAre() {
        List<String> lines = new ArrayList<>();
        mqtt.forEach(
                (name, address) -> lines.add("MQTT        " + text(address) + "  (" + name + ")"));
        lines.add("Management  http://" + text(management) + "/api/v1");
        authorities.ifPresent(
                file ->
                        lines.add(
                                "Authority   %s, and http://%s/ca/bundle"
                                        .formatted(file, text(management))));
        lines.add("Data        " + dataFolder.toAbsolutePath().normalize());
        return lines;
    }

    /** Lines to paste after the first start; they work as they are. */
    public List<String> whatToTry(FirstStart first) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("First start: a demo device and a demo application were made.");
        Optional<InetSocketAddress> address = plain.map(mqtt::get);
        if (address.isPresent()) {
            lines.addAll(demo());
            lines.addAll(mosquitto(first, address.get()));
        } else {
            lines.add(
                    "To see a message going through, add a listener of type tcp without"
                            + " proxy-protocol: there is none.");
        }
        lines.add("");
        return lines;
    }

    private List<String> demo() {
        return List.of(
                "To see a message going through, with nothing else installed, type in a second"
                        + " terminal:",
                "",
                "  " + Output.quoted(command) + " demo" + sameHub);
    }

    private static List<String> mosquitto(FirstStart first, InetSocketAddress address) {
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
                                Output.quoted("{\"temperature\":21.5}")));
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
