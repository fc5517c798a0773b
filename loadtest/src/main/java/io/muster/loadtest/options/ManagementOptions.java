package io.muster.loadtest.options;

import io.muster.loadtest.fleet.Hub;
import io.muster.loadtest.fleet.ManagementApi;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which management API is asked. Confined to the thread that runs the command. */
public final class ManagementOptions {

    @Option(
            names = "--management",
            paramLabel = "URL",
            description =
                    "The management API of the hub, which is asked to create what is missing. "
                            + "Default: the hub's own, or http://127.0.0.1:8080")
    private @Nullable URI management;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "The operator's token for it. Default: the hub's own, or data/operator-token")
    private @Nullable Path tokenFile;

    /**
     * The management API.
     *
     * @throws IllegalArgumentException if the token cannot be read
     */
    public ManagementApi api(Supplier<Hub> hub) {
        URI address = management == null ? hub.get().management() : management;
        return new ManagementApi(
                address, token(tokenFile == null ? hub.get().tokenFile() : tokenFile));
    }

    private static String token(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    ("--token-file %s cannot be read: name the file that the hub wrote at its first start,"
                                    + " or use --devices-file or --anonymous")
                            .formatted(file),
                    e);
        }
    }
}
