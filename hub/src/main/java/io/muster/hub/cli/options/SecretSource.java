package io.muster.hub.cli.options;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where a secret comes from that the hub does not make; at most one of the options. Never an
 * argument, which others on the machine could see. Confined to the main thread.
 */
public final class SecretSource {

    @Option(
            names = "--secret-stdin",
            description =
                    "Takes the secret from the next line of standard input (default: one is made).")
    @SuppressWarnings("UnusedVariable") // Picocli takes care that it is this one if not the other.
    private boolean standardInput;

    @Option(
            names = "--secret-prompt",
            interactive = true,
            description = "Asks for the secret, which is not shown.")
    private char @Nullable [] typed;

    /** The secret. */
    public String read(Root root) {
        return typed == null ? root.readLine() : new String(typed);
    }
}
