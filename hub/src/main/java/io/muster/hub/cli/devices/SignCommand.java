package io.muster.hub.cli.devices;

import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.auth.secret.SignedConnect;
import io.muster.devices.DeviceId;
import io.muster.devices.Secret;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.client.ManagementClient;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code muster sign}: what a device puts into its CONNECT packet, for use with any MQTT client.
 */
@Command(
        name = "sign",
        description = "Prints client id, user name and password with which a device signs in.")
public final class SignCommand implements Callable<Integer> {

    @Mixin private ApiOptions api = new ApiOptions();

    @Parameters(paramLabel = "PK", index = "0", description = "Product key.")
    private String productKey = "";

    @Parameters(paramLabel = "DK", index = "1", description = "Device key.")
    private String deviceKey = "";

    @Option(
            names = "--method",
            defaultValue = "sha256",
            description = "sha256, hmac-sha256, sha1 or md5 (default: ${DEFAULT-VALUE}).")
    private String method = "";

    @Option(
            names = "--timestamp",
            paramLabel = "TEXT",
            description = "Timestamp to sign (default: now, in milliseconds).")
    private Optional<String> timestamp = Optional.empty();

    @Option(
            names = "--activation",
            description = "Signs with the product's secret, to fetch the device's.")
    private boolean activation;

    @Option(
            names = "--secret-stdin",
            description =
                    "Takes the secret from the first line of standard input, and asks no hub.")
    private boolean secretFromInput;

    @Override
    public Integer call() {
        // What was typed is checked before anybody is asked for a secret.
        SignMethod signMethod = signMethod();
        DeviceId device = deviceId();
        String signedTime = timestamp.orElseGet(() -> Long.toString(System.currentTimeMillis()));
        SignedConnect signed =
                activation
                        ? DeviceSignature.signForActivation(
                                device, secret(), signMethod, signedTime)
                        : DeviceSignature.sign(device, secret(), signMethod, signedTime);
        api.output().show(signed);
        return ExitCode.OK;
    }

    private SignMethod signMethod() {
        return SignMethod.find(method)
                .orElseThrow(
                        () ->
                                api.wrongUsage(
                                        "--method "
                                                + method
                                                + ": must be one of: sha256, hmac-sha256, sha1, md5"));
    }

    private DeviceId deviceId() {
        try {
            return new DeviceId(productKey, deviceKey);
        } catch (IllegalArgumentException e) {
            throw api.wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    private Secret secret() {
        String characters = secretFromInput ? api.root().readLine() : secretOfHub();
        try {
            return Secret.of(characters);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()));
        }
    }

    private String secretOfHub() {
        ManagementClient hub = api.client();
        return activation
                ? hub.get("products", productKey, "secret").path("productSecret").asText()
                : hub.get("products", productKey, "devices", deviceKey, "secret")
                        .path("deviceSecret")
                        .asText();
    }
}
