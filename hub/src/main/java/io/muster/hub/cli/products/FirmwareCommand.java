package io.muster.hub.cli.products;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.cli.options.AnswerTimeout;
import io.muster.hub.cli.options.ApiOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster firmware}: what is offered to devices, and what they say of theirs. */
@Command(name = "firmware", description = "Offers firmware to devices, and has them take it.")
public final class FirmwareCommand {

    private static final String PRODUCTS = "products";
    private static final String FIRMWARE = "firmware";

    @Command(name = "list", description = "Lists what is offered to the devices of a product.")
    int list(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey) {
        JsonNode answer = api.client().get(PRODUCTS, productKey, FIRMWARE);
        api.output().list(answer, "version", "size", "signMethod", "url");
        return ExitCode.OK;
    }

    @Command(
            name = "offer",
            description = "Offers a version to the devices of a product; it lies elsewhere.")
    int offer(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(paramLabel = "VERSION", description = "What it is called.") String version,
            @Option(names = "--url", required = true, description = "Where devices fetch it.")
                    String url,
            @Option(names = "--size", required = true, description = "How many bytes it has.")
                    int size,
            @Option(
                            names = "--sign",
                            required = true,
                            description = "What proves that it is whole, such as its digest.")
                    String sign,
            @Option(
                            names = "--sign-method",
                            defaultValue = "sha256",
                            description = "How that is made (default: ${DEFAULT-VALUE}).")
                    String signMethod) {
        Map<String, Object> firmware =
                Map.of("url", url, "size", size, "sign", sign, "signMethod", signMethod);
        api.output().show(api.client().put(firmware, PRODUCTS, productKey, FIRMWARE, version));
        return ExitCode.OK;
    }

    @Command(name = "withdraw", description = "Offers a version no more.")
    int withdraw(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(paramLabel = "VERSION", description = "As listed.") String version) {
        api.client().delete(PRODUCTS, productKey, FIRMWARE, version);
        api.output().show(Map.of("withdrawn", version));
        return ExitCode.OK;
    }

    @Command(name = "push", description = "Asks a connected device to take a version.")
    int push(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(paramLabel = "DK", description = "Device key.") String deviceKey,
            @Parameters(paramLabel = "VERSION", description = "As listed.") String version,
            @Mixin AnswerTimeout timeout) {
        Map<String, Object> order = new LinkedHashMap<>();
        order.put("version", version);
        order.put("timeoutSeconds", timeout.seconds());
        api.output()
                .show(
                        api.client()
                                .post(order, PRODUCTS, productKey, "devices", deviceKey, FIRMWARE));
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows a version that is offered.")
    int show(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(paramLabel = "VERSION", description = "As listed.") String version) {
        api.output().show(api.client().get(PRODUCTS, productKey, FIRMWARE, version));
        return ExitCode.OK;
    }

    @Command(
            name = "reported",
            description = "Shows what a device says of its firmware and its last upgrade.")
    int reported(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(paramLabel = "DK", description = "Device key.") String deviceKey) {
        api.output().show(api.client().get(PRODUCTS, productKey, "devices", deviceKey, FIRMWARE));
        return ExitCode.OK;
    }
}
