package io.muster.hub.products;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.devices.Product;
import io.muster.devices.product.CertificatePolicy;
import io.muster.devices.product.Enrollment;
import io.muster.devices.product.KeyType;
import io.muster.devices.product.ProductSettings;
import io.muster.devices.product.ProductType;
import io.muster.devices.product.SignInPolicy;
import io.muster.devices.product.TopicTemplate;
import io.muster.devices.text.Characters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Products as JSON. A change is a merge patch [RFC 7396]: what is not named stays, null is as for a
 * product that nobody has decided anything of, objects are merged, and the array of topic rules is
 * replaced.
 */
public final class ProductJson {

    /** The fields of a change. */
    public static final List<String> FIELDS =
            List.of(
                    "name",
                    "type",
                    "dynamicActivation",
                    "selfRegistration",
                    "gatewayRegistration",
                    "certificateRequired",
                    "certificates",
                    "idleLimitSeconds",
                    "signIn",
                    "topics",
                    "tags");

    private static final List<String> SIGN_IN_FIELDS =
            List.of("allowWeakDigests", "maxClockSkewSeconds", "timestampsAscend");

    private static final List<String> CERTIFICATE_FIELDS =
            List.of("issued", "keyTypes", "validDays", "validDaysMax", "sameKeyRenewal");

    private ProductJson() {}

    /** All but the secrets. */
    public static ObjectNode view(Product product) {
        ProductSettings settings = product.settings();
        Enrollment enrollment = settings.enrollment();
        ObjectNode view =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("productKey", product.productKey())
                        .put("name", settings.name())
                        .put("type", settings.type().name())
                        .put("dynamicActivation", enrollment.dynamicActivation())
                        .put("selfRegistration", enrollment.selfRegistration())
                        .put("gatewayRegistration", enrollment.gatewayRegistration())
                        .put("certificateRequired", settings.certificateRequired())
                        .put("idleLimitSeconds", seconds(settings.idleLimit()));
        putCertificates(view, settings.certificates());
        SignInPolicy signIn = settings.signIn();
        view.putObject("signIn")
                .put("allowWeakDigests", signIn.allowWeakDigests().orElse(null))
                .put("maxClockSkewSeconds", seconds(signIn.maxClockSkew()))
                .put("timestampsAscend", signIn.timestampsAscend().orElse(null));
        var topics = view.putArray("topics");
        settings.topics().rules().forEach(rule -> topics.add(rule.text()));
        ObjectNode tags = view.putObject("tags");
        settings.tags().forEach(tags::put);
        return view.put("revision", product.revision())
                .put("createdAt", product.createdAt().toString());
    }

    private static void putCertificates(ObjectNode view, CertificatePolicy policy) {
        ObjectNode certificates = view.putObject("certificates").put("issued", policy.issued());
        ArrayNode keyTypes = certificates.putArray("keyTypes");
        policy.keyTypes().forEach(type -> keyTypes.add(type.name()));
        certificates
                .put("validDays", policy.validDays().orElse(null))
                .put("validDaysMax", policy.validDaysMax().orElse(null))
                .put("sameKeyRenewal", policy.sameKeyRenewal().orElse(null));
    }

    private static @Nullable Long seconds(Optional<Duration> duration) {
        return duration.map(Duration::toSeconds).orElse(null);
    }

    /**
     * Settings with what {@code patch} says.
     *
     * @param patch of whose fields others are not looked at
     * @throws IllegalArgumentException naming the field that is wrong and what is allowed
     */
    public static ProductSettings changed(ProductSettings settings, JsonNode patch) {
        Enrollment enrollment = settings.enrollment();
        return new ProductSettings(
                patch.has("name") ? text(patch, "name") : settings.name(),
                patch.has("type") ? type(patch.get("type")) : settings.type(),
                new Enrollment(
                        flag(patch, "dynamicActivation", enrollment.dynamicActivation()),
                        flag(patch, "selfRegistration", enrollment.selfRegistration()),
                        flag(patch, "gatewayRegistration", enrollment.gatewayRegistration())),
                certificates(settings.certificates(), patch),
                seconds(
                        patch,
                        "idleLimitSeconds",
                        ProductSettings.IDLE_LIMIT_MAX,
                        settings.idleLimit()),
                patch.has("signIn") ? signIn(settings.signIn(), patch) : settings.signIn(),
                patch.has("topics") ? topics(patch.get("topics")) : settings.topics(),
                patch.has("tags") ? tags(settings.tags(), patch) : settings.tags());
    }

    private static void requireFields(JsonNode object, String within, List<String> allowed) {
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!allowed.contains(name)) {
                throw new IllegalArgumentException(
                        "unknown field '%s%s'; allowed are %s"
                                .formatted(within, name, String.join(", ", allowed)));
            }
        }
    }

    private static SignInPolicy signIn(SignInPolicy policy, JsonNode patch) {
        JsonNode object = patch.get("signIn");
        if (object.isNull()) {
            return SignInPolicy.AS_CONFIGURED;
        }
        requireObject("signIn", object);
        requireFields(object, "signIn.", SIGN_IN_FIELDS);
        return new SignInPolicy(
                optionalFlag(object, "allowWeakDigests", policy.allowWeakDigests()),
                seconds(
                        object,
                        "maxClockSkewSeconds",
                        SignInPolicy.SKEW_MAX,
                        policy.maxClockSkew()),
                optionalFlag(object, "timestampsAscend", policy.timestampsAscend()));
    }

    private static CertificatePolicy certificates(CertificatePolicy before, JsonNode patch) {
        CertificatePolicy policy =
                before.withRequired(flag(patch, "certificateRequired", before.required()));
        JsonNode object = patch.get("certificates");
        if (object == null) {
            return policy;
        }
        if (object.isNull()) {
            return CertificatePolicy.AS_CONFIGURED.withRequired(policy.required());
        }
        requireObject("certificates", object);
        requireFields(object, "certificates.", CERTIFICATE_FIELDS);
        return new CertificatePolicy(
                policy.required(),
                optionalFlag(object, "issued", Optional.of(policy.issued())).orElse(true),
                object.has("keyTypes") ? keyTypes(object.get("keyTypes")) : policy.keyTypes(),
                days(object, "validDays", policy.validDays()),
                days(object, "validDaysMax", policy.validDaysMax()),
                optionalFlag(object, "sameKeyRenewal", policy.sameKeyRenewal()));
    }

    private static Set<KeyType> keyTypes(JsonNode array) {
        if (array.isNull()) {
            return CertificatePolicy.AS_CONFIGURED.keyTypes();
        }
        if (!array.isArray()) {
            throw wrong("keyTypes", "an array of texts such as \"EC_P256\"", array);
        }
        Set<KeyType> types = new HashSet<>();
        array.forEach(type -> types.add(keyType(text("keyTypes", type))));
        return types;
    }

    private static KeyType keyType(String name) {
        return Arrays.stream(KeyType.values())
                .filter(type -> type.name().equals(name))
                .findAny()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "keyTypes has '%s'; allowed are %s"
                                                .formatted(
                                                        name, Arrays.toString(KeyType.values()))));
    }

    private static Optional<Integer> days(JsonNode object, String name, Optional<Integer> present) {
        JsonNode value = object.get(name);
        if (value == null) {
            return present;
        }
        if (value.isNull()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrong(name, "a whole number from 1 to " + CertificatePolicy.DAYS_MAX, value);
        }
        return Optional.of(value.intValue());
    }

    private static TopicTemplate topics(JsonNode array) {
        if (array.isNull()) {
            return TopicTemplate.OWN_TOPICS;
        }
        if (!array.isArray()) {
            throw wrong("topics", "an array of texts such as \"allow subscribe news/#\"", array);
        }
        List<TopicTemplate.Rule> rules = new ArrayList<>();
        array.forEach(rule -> rules.add(TopicTemplate.Rule.parse(text("topics", rule))));
        return new TopicTemplate(rules);
    }

    private static Map<String, String> tags(Map<String, String> tags, JsonNode patch) {
        JsonNode object = patch.get("tags");
        if (object.isNull()) {
            return Map.of();
        }
        requireObject("tags", object);
        Map<String, String> merged = new LinkedHashMap<>(tags);
        object.properties()
                .forEach(
                        tag -> {
                            if (tag.getValue().isNull()) {
                                merged.remove(tag.getKey());
                            } else {
                                merged.put(tag.getKey(), text("tags", tag.getValue()));
                            }
                        });
        return merged;
    }

    private static ProductType type(JsonNode value) {
        String allowed =
                List.of(ProductType.values()).stream()
                        .map(Enum::name)
                        .collect(Collectors.joining(" or "));
        for (ProductType type : ProductType.values()) {
            if (value.isTextual() && type.name().equals(value.textValue())) {
                return type;
            }
        }
        throw wrong("type", allowed, value);
    }

    private static boolean flag(JsonNode object, String name, boolean present) {
        return optionalFlag(object, name, Optional.of(present)).orElse(false);
    }

    private static Optional<Boolean> optionalFlag(
            JsonNode object, String name, Optional<Boolean> present) {
        JsonNode value = object.get(name);
        if (value == null) {
            return present;
        }
        if (value.isNull()) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return Optional.of(value.booleanValue());
    }

    private static Optional<Duration> seconds(
            JsonNode object, String name, Duration max, Optional<Duration> present) {
        JsonNode value = object.get(name);
        if (value == null) {
            return present;
        }
        if (value.isNull()) {
            return Optional.empty();
        }
        boolean isAllowed =
                value.isIntegralNumber()
                        && value.canConvertToLong()
                        && value.longValue() >= 0
                        && value.longValue() <= max.toSeconds();
        if (!isAllowed) {
            throw wrong(name, "a whole number from 0 to " + max.toSeconds(), value);
        }
        return Optional.of(Duration.ofSeconds(value.longValue()));
    }

    private static String text(JsonNode object, String name) {
        return text(name, object.get(name));
    }

    private static String text(String name, JsonNode value) {
        if (!value.isTextual()) {
            throw wrong(name, "a text", value);
        }
        return Characters.requireWhole("the field '" + name + "'", value.textValue());
    }

    private static void requireObject(String name, JsonNode value) {
        if (!value.isObject()) {
            throw wrong(name, "an object", value);
        }
    }

    private static IllegalArgumentException wrong(String name, String allowed, JsonNode value) {
        return new IllegalArgumentException(
                "the field '%s' must be %s, but is of type %s"
                        .formatted(
                                name,
                                allowed,
                                value.getNodeType().name().toLowerCase(Locale.ROOT)));
    }
}
