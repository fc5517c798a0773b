package io.muster.hub.api.enos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.muster.devices.DeviceId;
import io.muster.devices.ProductInUseException;
import io.muster.devices.details.AssetId;
import io.muster.hub.api.access.Caller;
import io.muster.hub.api.enos.EnosProblem.Code;
import io.muster.hub.api.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What a call asks for. Confined to the thread of its request.
 *
 * <p>Fields that have no meaning here are let pass, since tools send what EnOS demands: {@code
 * orgId}, {@code timezone}, {@code modelId} and the like. A field that has one and cannot be done
 * is refused.
 *
 * @param ctx the request
 * @param body its body; an object without fields if there is none
 * @param caller who has signed it
 */
record EnosCall(Context ctx, JsonNode body, Caller caller) {

    /** For how many days a certificate is good if neither product nor call say so. */
    static final int VALID_DAYS = 730;

    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");

    static EnosCall of(Context ctx, Caller caller) {
        byte[] bytes = ctx.bodyAsBytes();
        JsonNode body = bytes.length == 0 ? Json.object() : Json.parse(bytes);
        if (!body.isObject()) {
            throw EnosProblem.invalid("the body must be a JSON object");
        }
        return new EnosCall(ctx, body, caller);
    }

    /** A text of the body, or else of the query. */
    Optional<String> text(String name) {
        JsonNode value = body.path(name);
        if (value.isTextual()) {
            return Optional.of(value.textValue());
        }
        if (!value.isMissingNode() && !value.isNull()) {
            throw EnosProblem.invalid(name + " must be a text");
        }
        return Optional.ofNullable(ctx.queryParam(name));
    }

    String requiredText(String name) {
        return text(name).orElseThrow(() -> EnosProblem.invalid(name + " is missing"));
    }

    /** A whole number of the body from 1 to {@code max}, as a number or as a text. */
    Optional<Integer> number(String name, int max) {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        boolean isOne =
                value.isIntegralNumber()
                        || (value.isTextual() && WHOLE.matcher(value.textValue()).matches());
        long number = isOne ? value.asLong() : 0;
        if (number < 1 || number > max) {
            throw EnosProblem.invalid(name + " must be a whole number from 1 to " + max);
        }
        return Optional.of((int) number);
    }

    /** The serial number of a certificate, as a number or a text, by either spelling. */
    Optional<String> serial() {
        JsonNode value = body.has("certSn") ? body.get("certSn") : body.path("certSN");
        String text =
                value.isMissingNode() || value.isNull()
                        ? Optional.ofNullable(ctx.queryParam("certSn"))
                                .orElseGet(() -> ctx.queryParam("certSN"))
                        : value.asText();
        return Optional.ofNullable(text).map(EnosCertificates::serial);
    }

    Optional<Boolean> flag(String name) {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw EnosProblem.invalid(name + " must be true or false");
        }
        return Optional.of(value.booleanValue());
    }

    /** The default of a name in several languages, or a plain text. */
    Optional<String> name(String field) {
        JsonNode value = body.path(field);
        if (value.isTextual()) {
            return Optional.of(value.textValue());
        }
        JsonNode text = object(field).map(name -> name.path("defaultValue")).orElse(value);
        if (text.isMissingNode() || text.isNull()) {
            return Optional.empty();
        }
        if (!text.isTextual()) {
            throw EnosProblem.invalid(field + ".defaultValue must be a text");
        }
        return Optional.of(text.textValue());
    }

    /** Such a name. */
    static ObjectNode named(String text) {
        ObjectNode name = Json.object().put("defaultValue", text);
        name.putObject("i18nValue");
        return name;
    }

    /** The fields of an object in the body. */
    Optional<JsonNode> object(String name) {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isObject()) {
            throw EnosProblem.invalid(name + " must be an object");
        }
        return Optional.of(value);
    }

    /**
     * The device that productKey and deviceKey name, or assetId.
     *
     * @param byAssetId the devices that have one
     * @throws EnosProblem if none is named, or there is none with this assetId
     */
    DeviceId device(Function<AssetId, List<DeviceId>> byAssetId) {
        Optional<String> productKey = text("productKey");
        Optional<String> deviceKey = text("deviceKey");
        if (productKey.isPresent() && deviceKey.isPresent()) {
            return valid(() -> new DeviceId(productKey.get(), deviceKey.get()));
        }
        AssetId assetId =
                text("assetId")
                        .map(text -> valid(() -> AssetId.parse(text)))
                        .orElseThrow(
                                () ->
                                        EnosProblem.invalid(
                                                "name the device by assetId, or by productKey and"
                                                        + " deviceKey"));
        return one(byAssetId.apply(assetId));
    }

    /** The one device that was found by its assetId. */
    static DeviceId one(List<DeviceId> found) {
        if (found.isEmpty()) {
            throw new EnosProblem(Code.NO_SUCH_DEVICE, "Device cannot be found");
        }
        if (found.size() > 1) {
            throw EnosProblem.invalid(
                    "several devices have this assetId: name one by productKey and deviceKey");
        }
        return found.get(0);
    }

    /** What the audit log calls the object: as far as it is named, valid or not. */
    List<String> names() {
        List<String> keys = texts("productKey", "deviceKey");
        return keys.isEmpty() ? texts("assetId") : keys;
    }

    private List<String> texts(String... fields) {
        List<String> names = new ArrayList<>();
        for (String field : fields) {
            JsonNode value = body.path(field);
            Optional.ofNullable(value.isTextual() ? value.textValue() : ctx.queryParam(field))
                    .ifPresent(names::add);
        }
        return names;
    }

    /** What {@code action} returns; a value that is not valid is the caller's fault. */
    static <T> T valid(Supplier<T> action) {
        try {
            return action.get();
        } catch (IllegalArgumentException | ProductInUseException e) {
            throw EnosProblem.invalid(String.valueOf(e.getMessage()));
        }
    }
}
