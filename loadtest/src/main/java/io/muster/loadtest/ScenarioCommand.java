package io.muster.loadtest;

import io.muster.loadtest.client.MqttClient;
import io.muster.loadtest.client.Target;
import io.muster.loadtest.fleet.DeviceFleet;
import io.muster.loadtest.fleet.Hub;
import io.muster.loadtest.options.BrokerOptions;
import io.muster.loadtest.options.ConnectOptions;
import io.muster.loadtest.options.DemandOptions;
import io.muster.loadtest.options.HtmlOptions;
import io.muster.loadtest.options.IdentityOptions;
import io.muster.loadtest.options.OutputOptions;
import io.muster.loadtest.report.LinuxProcess;
import io.muster.loadtest.report.Report;
import io.muster.loadtest.run.Bench;
import io.muster.loadtest.run.Run;
import io.muster.loadtest.scenario.Demands;
import io.muster.loadtest.scenario.Scenario;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * What all commands that run a scenario have: a broker, identities, connections, and a report.
 * Confined to the thread that runs the command.
 */
abstract class ScenarioCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @ParentCommand private @Nullable LoadTestCommand root;
    @Mixin private BrokerOptions broker = new BrokerOptions();
    @Mixin private IdentityOptions identities = new IdentityOptions();
    @Mixin private ConnectOptions connects = new ConnectOptions();
    @Mixin private DemandOptions demands = new DemandOptions();
    @Mixin private OutputOptions output = new OutputOptions();
    @Mixin private HtmlOptions html = new HtmlOptions();

    /** What the options ask for; fails with a sentence when they do not fit. */
    abstract Scenario scenario();

    /** A run of the scenario. */
    abstract Run run(Bench bench);

    ConnectOptions connects() {
        return connects;
    }

    Demands demands() {
        return demands.demands();
    }

    String name() {
        return commandLine().getCommandName();
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Prepared prepared = prepare(this::tell)) {
            return Interrupt.during(prepared.run()::stop, () -> print(prepared.run().run()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            warn("loadtest: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    /**
     * Makes everything ready for a run.
     *
     * @param progress hears of each second, perhaps on another thread
     * @throws IllegalArgumentException that says which option is wrong
     * @throws IOException that says why the run cannot come about
     */
    Prepared prepare(Consumer<String> progress) throws IOException, InterruptedException {
        html.check();
        Scenario scenario = scenario();
        Supplier<Hub> hub = Objects.requireNonNull(root, "picocli sets it").hub();
        Target target = broker.target(hub, scenario.population());
        LinuxProcess process = broker.process(this::warn);
        DeviceFleet fleet = identities.fleet(scenario.population(), hub, progress);
        MqttClient client = broker.client(target, scenario);
        Run run =
                run(
                        new Bench(
                                scenario,
                                fleet,
                                client,
                                process,
                                second -> progress.accept(second.line())));
        return new Prepared(run, client);
    }

    private int print(Report report) throws IOException {
        html.write(report);
        PrintWriter out = commandLine().getOut();
        out.println(output.json() ? report.json() : report.text());
        out.flush();
        return report.allPromisesKept() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private void tell(String line) {
        PrintWriter progress = output.json() ? commandLine().getErr() : commandLine().getOut();
        progress.println(line);
        progress.flush();
    }

    private void warn(String line) {
        PrintWriter err = commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec, "picocli sets it").commandLine();
    }
}
