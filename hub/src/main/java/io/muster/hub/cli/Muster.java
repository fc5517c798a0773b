package io.muster.hub.cli;

import io.muster.hub.HubStartException;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.cli.start.HubOptions;
import io.muster.hub.cli.start.HubRun;
import io.muster.hub.client.ManagementException;
import io.muster.hub.config.InvalidConfigException;
import io.muster.hub.demo.DemoFailedException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The door of the process: runs the command that the arguments name. */
public final class Muster {

    private Muster() {}

    /**
     * Runs a command and ends the process with 0 (fine), 2 (wrong usage or configuration) or 1
     * (anything else).
     */
    public static void main(String[] arguments) {
        Charset terminal = Charset.defaultCharset();
        PrintWriter out = new PrintWriter(System.out, true, terminal);
        PrintWriter err = new PrintWriter(System.err, true, terminal);
        List<String> words = List.of(arguments);
        System.exit(
                HubOptions.ofPlainStart(words)
                        .map(options -> start(new HubRun(options, System.getenv(), out), err))
                        .orElseGet(() -> execute(words, out, err)));
    }

    private static int start(HubRun hub, PrintWriter err) {
        try {
            hub.run();
            return ExitCode.OK;
        } catch (Exception e) {
            return failed(e, err);
        }
    }

    private static int execute(List<String> words, PrintWriter out, PrintWriter err) {
        return commandLine(System.getenv(), System.in, words)
                .setOut(out)
                .setErr(err)
                .execute(words.toArray(String[]::new));
    }

    /** The commands that the arguments may need, with the process around them given. */
    static CommandLine commandLine(
            Map<String, String> environment, InputStream input, List<String> arguments) {
        MusterCommand root = new MusterCommand(environment, input);
        CommandLine muster = new CommandLine(root);
        Commands.addTo(muster, root, arguments);
        addHelp(muster);
        return muster.setParameterExceptionHandler((e, words) -> wrongUsage(e))
                .setExecutionExceptionHandler((e, command, result) -> failed(e, command.getErr()));
    }

    /** Every command explains itself; the load tester, which also stands alone, already does. */
    private static void addHelp(CommandLine command) {
        if (command.getCommandSpec().findOption("--help") == null) {
            command.getCommandSpec()
                    .addOption(
                            OptionSpec.builder("-h", "--help")
                                    .usageHelp(true)
                                    .description("Shows this help.")
                                    .build());
        }
        command.getSubcommands().values().forEach(Muster::addHelp);
    }

    private static int wrongUsage(ParameterException e) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("muster: " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE;
    }

    private static int failed(Exception e, PrintWriter err) {
        if (e instanceof InvalidConfigException invalid) {
            say(err, invalid.problems());
            return ExitCode.USAGE;
        }
        if (e instanceof HubStartException failed) {
            say(
                    err,
                    List.of(
                            String.valueOf(failed.getMessage())
                                    .replaceAll("\\s*[\r\n]+\\s*", " ")));
            return failed.getCause() instanceof IllegalArgumentException
                    ? ExitCode.USAGE
                    : ExitCode.SOFTWARE;
        }
        if (e instanceof CommandFailedException
                || e instanceof ManagementException
                || e instanceof DemoFailedException) {
            say(err, List.of(String.valueOf(e.getMessage())));
            return ExitCode.SOFTWARE;
        }
        // Not foreseen, so whoever reports it needs all of it.
        err.println("muster: unexpected error");
        e.printStackTrace(err);
        err.flush();
        return ExitCode.SOFTWARE;
    }

    private static void say(PrintWriter err, List<String> lines) {
        lines.forEach(line -> err.println("muster: " + line));
        err.flush();
    }
}
