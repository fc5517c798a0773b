package io.muster.loadtest;

import io.muster.loadtest.compare.Comparison;
import io.muster.loadtest.compare.Rival;
import io.muster.loadtest.compare.Rounds;
import io.muster.loadtest.options.OutputOptions;
import io.muster.loadtest.report.Report;
import io.muster.loadtest.scenario.Scenario;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The same scenarios against several brokers in turn. Confined to its thread, but for Ctrl-C. */
@Command(
        name = "compare",
        sortOptions = false,
        description = {
            "The same scenarios against several brokers, in turn over several rounds.",
            "Devices are anonymous, except with --sign-in."
        })
final class CompareCommand implements Callable<Integer> {

    private static final List<String> SCENARIOS =
            List.of(
                    "pubsub --devices 50 --duration 5",
                    "pubsub --devices 50 --qos 1 --duration 5",
                    "pubsub --devices 50 --topology fanin --duration 5",
                    "fanout --subscribers 100 --duration 5",
                    "pubsub --devices 50 --qos 1 --rate 4000 --duration 5",
                    "storm --devices 500 --rounds 5");

    private static final int ROUNDS_MAX = 1000;

    @Spec private @Nullable CommandSpec spec;
    @ParentCommand private @Nullable LoadTestCommand root;

    @Parameters(
            arity = "2..*",
            paramLabel = "NAME=HOST:PORT[,PID]",
            description = "The brokers; the others are compared with the first")
    private List<String> brokers = List.of();

    @Option(
            names = "--scenario",
            paramLabel = "'COMMAND OPTIONS'",
            description =
                    "A command of the load tester with its options, separated by blanks; may be "
                            + "repeated. Default: six that differ")
    private List<String> scenarios = SCENARIOS;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            paramLabel = "N",
            description = "Rounds that count. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(
            names = "--warmup-rounds",
            defaultValue = "1",
            paramLabel = "N",
            description = "Rounds before, which do not count. Default: ${DEFAULT-VALUE}")
    private int warmupRounds;

    @Option(
            names = "--sign-in",
            paramLabel = "NAME",
            description = "A broker that is the hub of this configuration: its devices sign in")
    private List<String> signIn = List.of();

    @Mixin private OutputOptions output = new OutputOptions();

    private volatile boolean stopped;
    private volatile @Nullable Prepared current;

    @Override
    public Integer call() throws InterruptedException {
        try {
            List<Rival> rivals = rivals();
            for (String scenario : scenarios) {
                ScenarioCommand unused = command(scenario, rivals.get(0));
            }
            return Interrupt.during(this::stop, () -> print(compare(rivals)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            tell("loadtest: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private List<Rival> rivals() {
        if (rounds < 1 || rounds > ROUNDS_MAX || warmupRounds < 0 || warmupRounds > ROUNDS_MAX) {
            throw new IllegalArgumentException(
                    "--rounds must be from 1 to %d, and --warmup-rounds from 0"
                            .formatted(ROUNDS_MAX));
        }
        List<Rival> rivals = brokers.stream().map(Rival::parse).toList();
        Set<String> names = rivals.stream().map(Rival::name).collect(Collectors.toSet());
        if (names.size() < rivals.size()) {
            throw new IllegalArgumentException("each broker needs a name of its own");
        }
        if (!names.containsAll(signIn)) {
            throw new IllegalArgumentException(
                    "--sign-in must name one of the brokers %s, not %s"
                            .formatted(String.join(", ", names), String.join(", ", signIn)));
        }
        return rivals;
    }

    /** A scenario as it would be typed, against one of the brokers. */
    private ScenarioCommand command(String scenario, Rival rival) {
        List<String> arguments = new ArrayList<>(List.of(scenario.strip().split("\\s+")));
        arguments.addAll(rival.options());
        if (!signIn.contains(rival.name())) {
            arguments.add("--anonymous");
        }
        CommandLine typed =
                new CommandLine(
                        new LoadTestCommand(Objects.requireNonNull(root, "picocli sets it").hub()));
        try {
            ParseResult parsed = typed.parseArgs(arguments.toArray(String[]::new));
            if (parsed.hasSubcommand()
                    && parsed.subcommand().commandSpec().userObject()
                            instanceof ScenarioCommand command) {
                // Fails here, and not in the middle of a comparison.
                Scenario unused = command.scenario();
                return command;
            }
            throw new IllegalArgumentException("it must begin with a command");
        } catch (IllegalArgumentException | ParameterException e) {
            throw new IllegalArgumentException(
                    "--scenario '%s': %s".formatted(scenario, e.getMessage()), e);
        }
    }

    private Comparison compare(List<Rival> rivals) throws IOException, InterruptedException {
        Rounds counted = new Rounds(scenarios, rivals);
        for (int round = 0; round < warmupRounds + rounds; round++) {
            for (String scenario : scenarios) {
                List<Report> reports = round(round, scenario, rivals);
                if (round >= warmupRounds && !stopped) {
                    counted.add(scenario, reports);
                }
            }
        }
        return counted.comparison();
    }

    /** One after the other, the other way round in every second round. */
    private List<Report> round(int round, String scenario, List<Rival> rivals)
            throws IOException, InterruptedException {
        List<Rival> order = new ArrayList<>(rivals);
        if (round % 2 == 1) {
            Collections.reverse(order);
        }
        Map<String, Report> reports = new HashMap<>();
        for (Rival rival : order) {
            if (stopped) {
                return List.of();
            }
            tell(
                    "round %d of %d%s  %s  %s"
                            .formatted(
                                    round + 1,
                                    warmupRounds + rounds,
                                    round < warmupRounds ? " (warm-up)" : "",
                                    rival.name(),
                                    scenario));
            try (Prepared prepared = command(scenario, rival).prepare(line -> {})) {
                current = prepared;
                reports.put(rival.name(), prepared.run().run());
            }
        }
        return rivals.stream().map(rival -> reports.get(rival.name())).toList();
    }

    /** Called on the thread of Ctrl-C. */
    private void stop() {
        stopped = true;
        Prepared running = current;
        if (running != null) {
            running.run().stop();
        }
    }

    private int print(Comparison comparison) {
        if (comparison.contests().isEmpty()) {
            tell("loadtest: ended before the first round that counts");
            return CommandLine.ExitCode.SOFTWARE;
        }
        PrintWriter out = commandLine().getOut();
        out.println(output.json() ? comparison.json() : comparison.text());
        out.flush();
        return comparison.allPromisesKept()
                ? CommandLine.ExitCode.OK
                : CommandLine.ExitCode.SOFTWARE;
    }

    private void tell(String line) {
        PrintWriter err = commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec, "picocli sets it").commandLine();
    }
}
