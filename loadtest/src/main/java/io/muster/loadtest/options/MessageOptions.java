package io.muster.loadtest.options;

import io.muster.loadtest.payload.Template;
import io.muster.loadtest.scenario.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is published. Confined to the thread that runs the command. */
public final class MessageOptions {

    @Option(
            names = "--payload-size",
            defaultValue = "64",
            paramLabel = "BYTES",
            description = "Size of each payload, at least 28. Default: ${DEFAULT-VALUE}")
    private int payloadBytes;

    @Option(
            names = "--payload",
            paramLabel = "TEXT",
            description =
                    "Make payloads of this text instead; it may hold $${device}, $${sequence}, "
                            + "$${timestamp} (ms), $${random}, and must hold $${stamp} if anybody "
                            + "subscribes")
    private @Nullable String payload;

    @Option(names = "--payload-file", paramLabel = "FILE", description = "The same from a file")
    private @Nullable Path payloadFile;

    @Option(
            names = "--qos",
            paramLabel = "Q",
            description =
                    "0, 1 or 2, for publishing and subscribing. Default: 0; 1 for offline and "
                            + "retained")
    private @Nullable Integer qos;

    /** As many messages as there is time for. */
    public Messages messages(int qosByDefault) {
        return new Messages(payloadBytes, template(), qos == null ? qosByDefault : qos, 0);
    }

    private @Nullable Template template() {
        if (payload != null && payloadFile != null) {
            throw new IllegalArgumentException("--payload and --payload-file exclude each other");
        }
        if (payloadFile == null) {
            return payload == null ? null : new Template(payload);
        }
        try {
            return new Template(Files.readString(payloadFile));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "--payload-file " + payloadFile + " cannot be read as UTF-8", e);
        }
    }
}
