package io.muster.hub.cli.operators;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.cli.options.PageOptions;
import io.muster.hub.cli.options.Root;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster audit}: what was done to the hub and by whom, and who was refused. */
@Command(
        name = "audit",
        description = "Shows the audit log, newest first: what was done, and who was refused.")
public final class AuditCommand implements Callable<Integer> {

    private final Root root;

    @Mixin private final JsonOption json = new JsonOption();
    @Mixin private final PageOptions page = new PageOptions();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Not older than this, such as 2026-03-01T12:00:00Z.")
    private Optional<String> from = Optional.empty();

    @Option(names = "--to", paramLabel = "TIME", description = "Older than this.")
    private Optional<String> to = Optional.empty();

    @Option(
            names = "--actor",
            paramLabel = "ACTOR",
            description = "Of this one, such as account:anna. Here and below, a * may stand last.")
    private Optional<String> actor = Optional.empty();

    @Option(
            names = "--object",
            paramLabel = "OBJECT",
            description = "About this one, such as device:pump/pump-17.")
    private Optional<String> object = Optional.empty();

    @Option(names = "--act", paramLabel = "ACT", description = "Such as device.disable.")
    private Optional<String> act = Optional.empty();

    /** Below {@code root}. */
    public AuditCommand(Root root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        Map<String, String> filter = new LinkedHashMap<>();
        from.ifPresent(text -> filter.put("from", text));
        to.ifPresent(text -> filter.put("to", text));
        actor.ifPresent(text -> filter.put("actor", text));
        object.ifPresent(text -> filter.put("object", text));
        act.ifPresent(text -> filter.put("act", text));
        JsonNode answer = root.client().list(page.after(), page.limit(), filter, "audit");
        json.output()
                .list(
                        answer, "id", "time", "actor", "address", "act", "object", "outcome",
                        "status", "detail");
        return ExitCode.OK;
    }
}
