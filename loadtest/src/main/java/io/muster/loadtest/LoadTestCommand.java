package io.muster.loadtest;

import io.muster.loadtest.fleet.Hub;
import io.netty.util.ResourceLeakDetector;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The root of the load tester's commands; also a sub-command of whoever embeds it. Each sub-command
 * runs once and blocks until its report is printed.
 *
 * <p>Exit codes: 0 all promises kept, 1 a promise broken or the run did not come about, 2 wrong
 * usage.
 */
@Command(
        name = "loadtest",
        description = {
            "Puts load on an MQTT broker and checks what it promises.",
            "Exit codes: 0 all promises kept, 1 a promise broken, 2 wrong usage."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PubSubCommand.class,
            PubCommand.class,
            SubCommand.class,
            FanoutCommand.class,
            SharedCommand.class,
            ConnectCommand.class,
            StormCommand.class,
            OfflineCommand.class,
            RetainedCommand.class,
            EnrolCommand.class,
            CompareCommand.class,
        })
public final class LoadTestCommand implements Runnable {

    @Spec private @Nullable CommandSpec spec;

    // Only picocli looks at it.
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit")
    private boolean help;

    private final Supplier<Hub> hub;

    /** A command that stands alone: without options it looks for a hub with default settings. */
    public LoadTestCommand() {
        this(Hub::byDefault);
    }

    /**
     * A command inside another one.
     *
     * @param hub what to use where no option says otherwise; asked only when needed, on the thread
     *     that runs the command, and may throw what its embedder understands
     */
    public LoadTestCommand(Supplier<Hub> hub) {
        this.hub = hub;
    }

    /**
     * The door of the load tester's own runnable jar: ends the process with the exit code.
     *
     * @param arguments a command and its options
     */
    public static void main(String[] arguments) {
        if (System.getProperty("io.netty.leakDetection.level") == null) {
            // A search for leaked buffers is for tests; here it is load for nothing.
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
        System.exit(new CommandLine(new LoadTestCommand()).execute(arguments));
    }

    Supplier<Hub> hub() {
        return hub;
    }

    /** Called when no command is named. */
    @Override
    public void run() {
        CommandLine commandLine = Objects.requireNonNull(spec, "picocli sets it").commandLine();
        throw new ParameterException(
                commandLine,
                "name one of the commands: "
                        + String.join(", ", commandLine.getSubcommands().keySet()));
    }
}
