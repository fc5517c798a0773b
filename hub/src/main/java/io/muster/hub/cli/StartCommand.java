package io.muster.hub.cli;

import io.muster.broker.ListenerConfig;
import io.muster.hub.Hub;
import io.muster.hub.HubStartException;
import io.muster.hub.cli.output.StartReport;
import io.muster.hub.config.Configuration;
import io.muster.hub.config.HubConfig;
import io.muster.hub.log.LogConfigurator;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code muster start}: runs the hub until the process is asked to end. Standard output is for
 * people and for scripts that wait for the line {@code muster is ready}; the log goes to standard
 * error.
 */
@Command(name = "start", description = "Starts the hub (also without any command).")
final class StartCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    // Picocli sets the specification before it calls the command.
    @SuppressWarnings("NullAway.Init")
    StartCommand() {}

    /** For the root, which starts the hub too. */
    StartCommand(CommandSpec spec) {
        this.spec = spec;
    }

    @Override
    public Integer call() throws InterruptedException {
        MusterCommand muster = MusterCommand.of(spec);
        Configuration configuration = muster.configuration();
        LogConfigurator.queue(configuration.log().level(), configuration.log().format());
        PrintWriter out = spec.commandLine().getOut();
        StopHook stopHook = new StopHook(out, StartCommand::end);
        stopHook.install();
        Hub hub = start(configuration.hub(), stopHook);
        StartReport report =
                new StartReport(
                        hub.mqttAddresses(),
                        configuration.hub().plainListener().map(ListenerConfig::name),
                        hub.managementAddress(),
                        configuration.hub().dataFolder(),
                        System.getProperty("muster.command", "./muster"),
                        muster.sameHub());
        report.whereThingsAre().forEach(out::println);
        hub.firstStart().ifPresent(first -> report.whatToTry(first).forEach(out::println));
        out.println("muster is ready");
        out.flush();
        // Only now, lest "stopped" be printed before "ready".
        stopHook.started(hub);
        new CountDownLatch(1).await();
        return Muster.FINE;
    }

    /** Ends the process once the log is written. */
    private static void end(int exitCode) {
        LogConfigurator.stop();
        Runtime.getRuntime().halt(exitCode);
    }

    private static Hub start(HubConfig config, StopHook stopHook) {
        try {
            return Hub.start(config);
        } catch (HubStartException e) {
            stopHook.failed(e);
            LogConfigurator.stop();
            boolean misconfigured = e.getCause() instanceof IllegalArgumentException;
            throw new CommandFailedException(
                    misconfigured ? Muster.WRONG_USAGE : Muster.FAILED,
                    String.valueOf(e.getMessage()).replaceAll("\\s*[\r\n]+\\s*", " "),
                    e);
        } catch (RuntimeException | Error e) {
            stopHook.failed(e);
            LogConfigurator.stop();
            throw e;
        }
    }
}
