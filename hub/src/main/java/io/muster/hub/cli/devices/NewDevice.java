package io.muster.hub.cli.devices;

import io.muster.hub.cli.options.Root;
import io.muster.hub.cli.options.SecretSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A device that is to be registered, on the command line. What is not named is not sent. */
public final class NewDevice {

    @Parameters(index = "0", paramLabel = "PK", description = "Product key.")
    private String productKey = "";

    @Parameters(
            index = "1",
            paramLabel = "DK",
            arity = "0..1",
            description = "Device key (default: one is made).")
    private Optional<String> deviceKey = Optional.empty();

    @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--tag",
            paramLabel = "NAME=VALUE",
            description = "Sets a tag; may be given several times.")
    private Map<String, String> tags = Map.of();

    @ArgGroup private @Nullable SecretSource secret;

    /** The key of its product. */
    public String productKey() {
        return productKey;
    }

    /** The fields of a request that says all this. */
    public Map<String, Object> fields(Root root) {
        Map<String, Object> fields = new LinkedHashMap<>();
        deviceKey.ifPresent(key -> fields.put("deviceKey", key));
        name.ifPresent(text -> fields.put("name", text));
        if (!tags.isEmpty()) {
            fields.put("tags", tags);
        }
        if (secret != null) {
            fields.put("deviceSecret", secret.read(root));
        }
        return fields;
    }
}
