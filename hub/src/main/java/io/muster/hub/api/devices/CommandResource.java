package io.muster.hub.api.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.DeviceId;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.RequestFields;
import io.muster.hub.api.http.Stages;
import io.muster.hub.commands.Command;
import io.muster.hub.commands.CommandAnswer;
import io.muster.hub.commands.Commands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks devices to do something. Shared; no thread waits for a device. */
final class CommandResource {

    /** Each holds a connection, and there must be some left for others. */
    private static final int WAITING_MAX = 100;

    private final AtomicInteger waiting = new AtomicInteger();
    private final DeviceResource devices;
    private final Commands commands;

    CommandResource(DeviceResource devices, Commands commands) {
        this.devices = devices;
        this.commands = commands;
    }

    /** Registers the routes. */
    void addTo(RoutesConfig routes) {
        routes.post(
                DeviceResource.DEVICE + "/commands",
                this::command,
                Needs.operate("device.command"));
        routes.post(
                DeviceResource.DEVICE + "/raw", this::sendRaw, Needs.operate("device.raw.send"));
    }

    private void command(Context ctx) {
        RequestFields fields = RequestFields.of(ctx, List.of("method", "params", "timeoutSeconds"));
        Duration timeout = timeout(fields);
        Command command =
                Problems.unlessInvalid(
                        () ->
                                new Command(
                                        fields.requiredText("method"),
                                        fields.json("params"),
                                        timeout));
        Acts.detail(ctx, command.method());
        ask(ctx, devices.find(ctx).id(), command);
    }

    /** How long the answer of a device is awaited, in the field {@code timeoutSeconds}. */
    static Duration timeout(RequestFields fields) {
        int seconds =
                fields.wholeNumber("timeoutSeconds", 1, (int) Command.TIMEOUT_MAX.toSeconds())
                        .orElse((int) Command.TIMEOUT_DEFAULT.toSeconds());
        return Duration.ofSeconds(seconds);
    }

    /**
     * Asks a device; its answer is that of the request.
     *
     * @throws ApiProblem (503) if too many wait already
     */
    void ask(Context ctx, DeviceId id, Command command) {
        if (waiting.incrementAndGet() > WAITING_MAX) {
            waiting.decrementAndGet();
            throw ApiProblem.unavailable(
                    WAITING_MAX + " commands wait for their answers here; try again later");
        }
        ctx.future(
                () ->
                        commands.send(id, command)
                                .toCompletableFuture()
                                .whenComplete((answer, failure) -> waiting.decrementAndGet())
                                .thenAccept(answer -> Json.answer(ctx, 200, view(answer))));
    }

    private void sendRaw(Context ctx) {
        byte[] bytes = ctx.bodyAsBytes();
        if (bytes.length == 0) {
            throw ApiProblem.badRequest(
                    "the body is empty; it must be 1 to "
                            + RequestFields.BODY_BYTES_MAX
                            + " bytes");
        }
        DeviceId id = devices.find(ctx).id();
        if (!Stages.await(commands.sendRaw(id, bytes))) {
            throw new ApiProblem(409, id + " is not connected");
        }
        ctx.status(202);
    }

    private static ObjectNode view(CommandAnswer answer) {
        ObjectNode view =
                Json.object()
                        .put("id", answer.id())
                        .put("code", answer.code())
                        .put("message", answer.message());
        if (!answer.data().isMissingNode()) {
            view.set("data", answer.data());
        }
        return view;
    }
}
