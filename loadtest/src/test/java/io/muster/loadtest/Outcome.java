package io.muster.loadtest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.loadtest.FaultyRelay.Fault;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** How a command ended that ran in this process. */
record Outcome(int exitCode, String out, String err) {

    static Outcome run(List<String> arguments) {
        return run(new LoadTestCommand(), arguments.toArray(String[]::new));
    }

    static Outcome run(LoadTestCommand command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                new CommandLine(command)
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(arguments);
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    /** A short run. Without the name of a command it is {@code pubsub}. */
    static Outcome runQuick(FaultyRelay relay, String options) {
        String line = options.startsWith("-") ? "pubsub " + options : options;
        List<String> arguments = new ArrayList<>(List.of(line.split(" ", -1)));
        arguments.addAll(
                List.of(
                        "--port",
                        "" + relay.port(),
                        "--warmup",
                        "0.05",
                        "--duration",
                        "0.25",
                        "--patience",
                        "1.5",
                        "--json"));
        return run(arguments);
    }

    static Outcome runAnonymous(Fault fault, String options) {
        try (FaultyRelay relay = new FaultyRelay(fault)) {
            return runQuick(relay, options + " --anonymous");
        }
    }

    JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out);
    }

    long count(String name) throws IOException {
        return json().path("counts").path(name).asLong(-1);
    }

    String errors() throws IOException {
        return json().path("errors").toString();
    }

    String brokenPromises() throws IOException {
        return json().path("brokenPromises").toString();
    }

    /** Output of both kinds, to explain a failure. */
    String all() {
        return out + err;
    }
}
