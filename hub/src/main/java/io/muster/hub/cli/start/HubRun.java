package io.muster.hub.cli.start;

import io.muster.broker.ListenerConfig;
import io.muster.hub.Hub;
import io.muster.hub.HubStartException;
import io.muster.hub.cli.output.StartReport;
import io.muster.hub.config.Configuration;
import io.muster.hub.config.HubConfig;
import io.muster.hub.log.LogConfigurator;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The life of a hub in this process: it is started, tells where things are, and runs until the
 * process is asked to end. Confined to the main thread.
 */
public final class HubRun {

    private final HubOptions options;
    private final Map<String, String> environment;
    private final PrintWriter out;

    /**
     * A hub that is not started.
     *
     * @param out is told where things are
     */
    public HubRun(HubOptions options, Map<String, String> environment, PrintWriter out) {
        this.options = options;
        this.environment = environment;
        this.out = out;
    }

    /**
     * Starts the hub, and blocks as long as it runs.
     *
     * @throws HubStartException saying why it cannot be started
     * @throws io.muster.hub.config.InvalidConfigException if the configuration is wrong
     */
    public void run() throws InterruptedException {
        Configuration configuration = options.configuration(environment);
        LogConfigurator.queue(configuration.log().level(), configuration.log().format());
        StopHook stopHook = new StopHook(out, HubRun::end);
        stopHook.install();
        Hub hub = start(configuration.hub(), stopHook);
        StartReport report =
                new StartReport(
                        hub.mqttAddresses(),
                        configuration.hub().plainListener().map(ListenerConfig::name),
                        hub.managementAddress(),
                        hub.authorityBundle(),
                        configuration.hub().dataFolder(),
                        System.getProperty("muster.command", "./muster"),
                        options.asArguments());
        report.whereThingsAre().forEach(out::println);
        hub.firstStart().ifPresent(first -> report.whatToTry(first).forEach(out::println));
        out.println("muster is ready");
        out.flush();
        // Only now, lest "stopped" be printed before "ready".
        stopHook.started(hub);
        // What the start leaves on the heap is moved out of the way at once: collections under load
        // would copy it, and take several times as long.
        System.gc();
        new CountDownLatch(1).await();
    }

    /** Ends the process once the log is written. */
    private static void end(int exitCode) {
        LogConfigurator.stop();
        Runtime.getRuntime().halt(exitCode);
    }

    private static Hub start(HubConfig config, StopHook stopHook) {
        try {
            return Hub.start(config);
        } catch (RuntimeException | Error e) {
            stopHook.failed(e);
            LogConfigurator.stop();
            throw e;
        }
    }
}
