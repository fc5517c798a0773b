package io.muster.hub.api.devices;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.devices.DeviceId;
import io.muster.devices.registry.DeviceRegistry;
import io.muster.hub.api.access.Acts;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.Conditions;
import io.muster.hub.api.http.Json;
import io.muster.hub.api.http.Problems;
import io.muster.hub.api.http.Routes;
import io.muster.hub.bulk.BadLine;
import io.muster.hub.bulk.DeviceFile;
import io.muster.hub.bulk.DeviceFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Many devices from one file, all or none. Shared; one import at a time, so that what they take of
 * memory is bounded.
 */
final class ImportResource {

    private static final String IMPORT = Routes.ROOT + "/products/{productKey}/import";

    private final DeviceRegistry registry;
    private final Semaphore importing = new Semaphore(1);

    ImportResource(DeviceRegistry registry) {
        this.registry = registry;
    }

    /** Registers the route. */
    void addTo(RoutesConfig routes) {
        routes.post(IMPORT, this::importDevices, Needs.operate("device.import"));
    }

    private void importDevices(Context ctx) {
        Conditions.requireNone(ctx, "a file of devices");
        DeviceFormat format =
                Optional.ofNullable(ctx.contentType())
                        .flatMap(DeviceFormat::ofContentType)
                        .orElseThrow(
                                () ->
                                        new ApiProblem(
                                                415,
                                                "the file must be sent as Content-Type text/csv or"
                                                        + " application/x-ndjson"));
        String productKey = ProductResource.find(registry, ctx).productKey();
        if (!importing.tryAcquire()) {
            throw ApiProblem.unavailable("another import is running; try again later");
        }
        try {
            importFile(ctx, productKey, read(ctx, format));
        } finally {
            importing.release();
        }
    }

    /** The limit of other bodies does not hold for a body that is read as a stream. */
    private static DeviceFile read(Context ctx, DeviceFormat format) {
        try {
            return DeviceFile.read(ctx.bodyInputStream(), format, DeviceRegistry.IMPORT_MAX);
        } catch (IOException cut) {
            throw new UncheckedIOException(cut);
        }
    }

    private void importFile(Context ctx, String productKey, DeviceFile file) {
        if (file.badLineCount() > 0) {
            refuse(ctx, 400, file.badLineCount(), file.badLines());
            return;
        }
        if (file.devices().isEmpty()) {
            throw ApiProblem.badRequest("the file holds no device");
        }
        Set<DeviceId> taken = registry.importDevices(productKey, file.devices());
        if (taken.isEmpty()) {
            Acts.detail(ctx, file.devices().size() + " devices");
            Json.answer(ctx, 201, Json.object().put("imported", file.devices().size()));
            return;
        }
        List<BadLine> lines =
                taken.stream()
                        .map(DeviceId::deviceKey)
                        .map(
                                key ->
                                        new BadLine(
                                                file.lineOf(key),
                                                "device '" + key + "' exists already"))
                        .sorted(Comparator.comparing(BadLine::line))
                        .limit(DeviceFile.BAD_LINES_MAX)
                        .toList();
        refuse(ctx, 409, taken.size(), lines);
    }

    /** A problem with a member of its own [RFC 9457 3.2]: the lines. */
    private static void refuse(Context ctx, int status, int badLines, List<BadLine> shown) {
        String what = badLines == 1 ? "1 line is" : badLines + " lines are";
        ObjectNode problem = Problems.details(status, what + " not good; nothing was imported");
        ArrayNode lines = problem.putArray("lines");
        shown.forEach(
                bad -> lines.addObject().put("line", bad.line()).put("problem", bad.problem()));
        Json.answer(ctx, status, Problems.CONTENT_TYPE, problem);
    }
}
