package io.muster.hub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.certificates.enrolment.CompromisedKeys;
import io.muster.hub.certificates.trust.WatchedTrust;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.config.Configuration;
import io.muster.hub.tls.TlsFiles;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/**
 * {@code muster check}: validates the configuration, with the files that it names, and shows what
 * is in force.
 */
@Command(
        name = "check",
        description = "Validates the configuration; shows all values in force and their origin.")
final class CheckCommand implements Callable<Integer> {

    @Mixin private ApiOptions api = new ApiOptions();

    @Override
    public Integer call() {
        Configuration configuration = api.configuration();
        ObjectMapper json = new ObjectMapper();
        ObjectNode page = json.createObjectNode();
        page.set("items", json.valueToTree(configuration.values()));
        api.output().list(page, "key", "value", "origin");
        TlsFiles files = TlsFiles.read(configuration.hub().tls(), Instant.now());
        WatchedTrust.check(configuration.hub().certificates(), Clock.systemUTC());
        CompromisedKeys.read(configuration.hub().certificates().compromisedKeys());
        files.warnings().forEach(warning -> api.output().say("warning: " + warning));
        api.output().say("The configuration is valid.");
        return ExitCode.OK;
    }
}
