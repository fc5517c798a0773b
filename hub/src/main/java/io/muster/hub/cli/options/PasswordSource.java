package io.muster.hub.cli.options;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where a password comes from that is not made by the command; at most one of the options. Never an
 * argument, which others on the machine could see. Confined to the main thread.
 */
public final class PasswordSource {

    @Option(
            names = "--password-stdin",
            description = "Takes the password from the next line of standard input.")
    @SuppressWarnings("UnusedVariable") // Picocli takes care that it is this one if not the other.
    private boolean standardInput;

    @Option(
            names = "--password-prompt",
            interactive = true,
            description = "Asks for the password, which is not shown.")
    private char @Nullable [] typed;

    /** The password. */
    public String read(Root root) {
        return typed == null ? root.readLine() : new String(typed);
    }
}
