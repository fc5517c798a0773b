package io.muster.hub.cli.devices;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.bulk.Column;
import io.muster.hub.bulk.DeviceFormat;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.client.ManagementClient;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Brings files of devices to a hub, and writes them. Confined to the main thread. */
final class DeviceFiles {

    private static final int PAGE = 1000;
    private static final String PRODUCTS = "products";
    private static final String DEVICES = "devices";

    private final ManagementClient client;

    DeviceFiles(ManagementClient client) {
        this.client = client;
    }

    /** Imports a file, all of it or nothing. */
    JsonNode importFrom(Path file, String productKey) {
        DeviceFormat format =
                DeviceFormat.ofFileName(file.toString())
                        .orElseThrow(
                                () ->
                                        new CommandFailedException(
                                                file + " does not end with .csv or .jsonl"));
        if (!Files.isReadable(file)) {
            throw new CommandFailedException(file + " cannot be read");
        }
        return client.upload(file, format.contentType(), PRODUCTS, productKey, "import");
    }

    /** Writes all devices of a product, a page at a time. */
    void exportTo(PrintWriter out, DeviceFormat format, String productKey, List<String> columns) {
        Optional<String> after = Optional.empty();
        boolean isFirst = true;
        do {
            JsonNode page =
                    client.search(
                            after,
                            PAGE,
                            columns.contains(Column.SECRET)
                                    ? List.of("tags=true", "attributes=true", "secrets=true")
                                    : List.of("tags=true", "attributes=true"),
                            PRODUCTS,
                            productKey,
                            DEVICES);
            if (isFirst) {
                format.header(columns).ifPresent(out::println);
                isFirst = false;
            }
            for (JsonNode device : page.path("items")) {
                out.println(format.line(columns, device));
            }
            after = Optional.ofNullable(page.get("next")).map(JsonNode::asText);
        } while (after.isPresent());
        out.flush();
    }
}
