package io.muster.hub.gateways;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.auth.secret.DeviceClaim;
import io.muster.auth.secret.DeviceSignature;
import io.muster.auth.secret.SignMethod;
import io.muster.devices.DeviceId;
import io.muster.hub.protocol.Parameters;
import io.muster.hub.protocol.RefusedRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads what gateways send to prove that they know the secrets of devices: four fields and a
 * signature over them. Texts count as they stand in the JSON.
 */
final class SignedEntries {

    /** Longer texts no device SDK sends. */
    private static final int TEXT_LENGTH_MAX = 256;

    private SignedEntries() {}

    /** The claim in the parameters of {@code thing.topo.add} or {@code combine.login}. */
    static DeviceClaim single(String name, JsonNode entry) {
        DeviceId id = id(name, entry);
        return claim(id, name, entry, name, entry);
    }

    /** The claims of {@code combine.login.batch}, which have some of the fields together. */
    static DeviceClaim ofBatch(String name, JsonNode entry, String commonName, JsonNode common) {
        return claim(id(name, entry), name, entry, commonName, common);
    }

    private static DeviceClaim claim(
            DeviceId id, String name, JsonNode entry, String commonName, JsonNode common) {
        Map<String, String> others = new TreeMap<>();
        for (String field : List.of("cleanSession", "secureMode")) {
            addIfThere(commonName, common, field, others);
            addIfThere(name, entry, field, others);
        }
        return new DeviceClaim(
                id,
                others.getOrDefault("secureMode", "2"),
                forms(signature(name, entry, commonName, common), others),
                text(name + ".sign", entry.path("sign")));
    }

    /** The device that an entry names. */
    static DeviceId id(String name, JsonNode entry) {
        Parameters.requireObject(name, entry);
        String productKey = text(name + ".productKey", entry.path("productKey"));
        String deviceKey = text(name + ".deviceKey", entry.path("deviceKey"));
        try {
            return new DeviceId(productKey, deviceKey);
        } catch (IllegalArgumentException wrong) {
            throw RefusedRequestException.badParameter(name + ": " + wrong.getMessage());
        }
    }

    /**
     * First the form that the SDKs sign, which has four fields; then the one that the documentation
     * has, with all fields but the signature and its method.
     */
    private static List<DeviceSignature> forms(DeviceSignature sent, Map<String, String> others) {
        List<DeviceSignature> forms = new ArrayList<>(3);
        forms.add(sent);
        String cleanSession = others.get("cleanSession");
        if (cleanSession != null) {
            forms.add(sent.with(Map.of("cleanSession", cleanSession)));
        }
        if (others.containsKey("secureMode")) {
            forms.add(sent.with(others));
        }
        return forms;
    }

    private static void addIfThere(
            String name, JsonNode entry, String field, Map<String, String> fields) {
        JsonNode value = entry.path(field);
        if (!value.isMissingNode() && !value.isNull()) {
            fields.put(field, text(name + "." + field, value));
        }
    }

    private static DeviceSignature signature(
            String name, JsonNode entry, String commonName, JsonNode common) {
        return new DeviceSignature(
                method(commonName, common),
                text(commonName + ".clientId", common.path("clientId")),
                text(name + ".deviceKey", entry.path("deviceKey")),
                text(name + ".productKey", entry.path("productKey")),
                timestamp(commonName + ".timestamp", common.path("timestamp")));
    }

    /** Of a device that connects itself it stands between these in the client identifier. */
    private static String timestamp(String name, JsonNode value) {
        String timestamp = text(name, value);
        if (timestamp.indexOf('|') >= 0 || timestamp.indexOf(',') >= 0) {
            throw RefusedRequestException.badParameter(name + " has a '|' or a ',' in it");
        }
        return timestamp;
    }

    /** The C SDK has it in small letters in one of the two requests. */
    private static SignMethod method(String name, JsonNode entry) {
        JsonNode sent =
                entry.has("signMethod") ? entry.path("signMethod") : entry.path("signmethod");
        String method =
                sent.isMissingNode() ? SignMethod.SHA1.option() : text(name + ".signMethod", sent);
        return SignMethod.find(method)
                .orElseThrow(
                        () ->
                                RefusedRequestException.badParameter(
                                        name + ".signMethod is not known; use sha256"));
    }

    /** A text, or a number as it was written. */
    private static String text(String name, JsonNode value) {
        boolean isText = value.isTextual() || value.isNumber() || value.isBoolean();
        if (!isText) {
            return Parameters.requireText(name, value);
        }
        String text = value.asText();
        if (text.isEmpty() || text.length() > TEXT_LENGTH_MAX) {
            throw RefusedRequestException.badParameter(
                    "%s is not 1 to %d characters".formatted(name, TEXT_LENGTH_MAX));
        }
        return text;
    }
}
