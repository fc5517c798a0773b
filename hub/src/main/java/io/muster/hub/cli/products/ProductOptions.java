package io.muster.hub.cli.products;

import io.muster.devices.product.KeyType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What an operator decides of a product, on the command line. What is not named is not sent. */
public final class ProductOptions {

    @Option(names = "--name", description = "Name, for people.")
    private Optional<String> name = Optional.empty();

    @Option(names = "--type", paramLabel = "TYPE", description = "DEVICE or GATEWAY.")
    private Optional<String> type = Optional.empty();

    @Option(
            names = "--dynamic-activation",
            negatable = true,
            description = "Lets its devices get their secret from the hub, or not.")
    private @Nullable Boolean dynamicActivation;

    @Option(
            names = "--self-registration",
            negatable = true,
            description = "Lets unknown devices register by dynamic activation, or not.")
    private @Nullable Boolean selfRegistration;

    @Option(
            names = "--gateway-registration",
            negatable = true,
            description = "Lets gateways register its devices, or not.")
    private @Nullable Boolean gatewayRegistration;

    @Option(
            names = "--certificate-required",
            negatable = true,
            description = "Requires a certificate of its devices, or not.")
    private @Nullable Boolean certificateRequired;

    @Option(
            names = "--certificates",
            negatable = true,
            description = "Lets its devices get certificates of the hub, or not.")
    private @Nullable Boolean certificates;

    @Option(
            names = "--key-type",
            paramLabel = "TYPE",
            description =
                    "A type of keys that certificates are issued for, in place of all before; may"
                            + " be given several times: ${COMPLETION-CANDIDATES}.")
    private List<KeyType> keyTypes = List.of();

    @Option(
            names = "--valid-days",
            paramLabel = "DAYS",
            converter = Whole.class,
            description = "How long certificates are good usually; 'default' as configured.")
    private @Nullable Setting validDays;

    @Option(
            names = "--valid-days-max",
            paramLabel = "DAYS",
            converter = Whole.class,
            description = "How long they may be asked for; 'default' as configured.")
    private @Nullable Setting validDaysMax;

    @Option(
            names = "--same-key-renewal",
            paramLabel = "true|false|default",
            converter = Flag.class,
            description = "Renews certificates for the same key, or not.")
    private @Nullable Setting sameKeyRenewal;

    @Option(
            names = "--idle-limit",
            paramLabel = "SECONDS",
            converter = Whole.class,
            description =
                    "How long a device may send no data and stay online; 0 for ever, 'default' as"
                            + " configured.")
    private @Nullable Setting idleLimit;

    @Option(
            names = "--weak-digests",
            paramLabel = "true|false|default",
            converter = Flag.class,
            description = "Accepts SHA-1 and MD5 of its devices, or not.")
    private @Nullable Setting weakDigests;

    @Option(
            names = "--max-clock-skew",
            paramLabel = "SECONDS",
            converter = Whole.class,
            description =
                    "How far timestamps may be from the clock; 0 for any, 'default' as configured.")
    private @Nullable Setting maxClockSkew;

    @Option(
            names = "--timestamps-ascend",
            paramLabel = "true|false|default",
            converter = Flag.class,
            description = "Refuses timestamps before the last one, or not.")
    private @Nullable Setting timestampsAscend;

    @Option(
            names = "--topic",
            paramLabel = "RULE",
            description =
                    "A topic rule such as 'allow subscribe news/#', in place of all before; may be"
                            + " given several times.")
    private List<String> topics = List.of();

    @Option(names = "--own-topics", description = "Removes all topic rules.")
    private boolean ownTopics;

    @Option(
            names = "--tag",
            paramLabel = "NAME=VALUE",
            description = "Sets a tag; may be given several times.")
    private Map<String, String> tags = Map.of();

    @Option(
            names = "--untag",
            paramLabel = "NAME",
            description = "Removes a tag; may be given several times.")
    private List<String> untag = List.of();

    /** A value, or none, which is as the hub is configured. */
    private record Setting(@Nullable Object value) {}

    private static final class Whole implements ITypeConverter<Setting> {
        @Override
        public Setting convert(String text) {
            if (text.equals("default")) {
                return new Setting(null);
            }
            if (!text.matches("[0-9]{1,9}")) {
                throw new TypeConversionException(
                        "'" + text + "' is not a whole number or 'default'");
            }
            return new Setting(Long.valueOf(text));
        }
    }

    private static final class Flag implements ITypeConverter<Setting> {
        @Override
        public Setting convert(String text) {
            return switch (text) {
                case "true", "false" -> new Setting(Boolean.valueOf(text));
                case "default" -> new Setting(null);
                default ->
                        throw new TypeConversionException(
                                "'" + text + "' is not true, false or 'default'");
            };
        }
    }

    /** The fields of a request that says all this. */
    public Map<String, @Nullable Object> fields() {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        name.ifPresent(text -> fields.put("name", text));
        type.ifPresent(text -> fields.put("type", text));
        put(fields, "dynamicActivation", dynamicActivation);
        put(fields, "selfRegistration", selfRegistration);
        put(fields, "gatewayRegistration", gatewayRegistration);
        put(fields, "certificateRequired", certificateRequired);
        Map<String, @Nullable Object> issuance = issuance();
        if (!issuance.isEmpty()) {
            fields.put("certificates", issuance);
        }
        put(fields, "idleLimitSeconds", idleLimit);
        Map<String, @Nullable Object> signIn = new LinkedHashMap<>();
        put(signIn, "allowWeakDigests", weakDigests);
        put(signIn, "maxClockSkewSeconds", maxClockSkew);
        put(signIn, "timestampsAscend", timestampsAscend);
        if (!signIn.isEmpty()) {
            fields.put("signIn", signIn);
        }
        if (ownTopics || !topics.isEmpty()) {
            fields.put("topics", ownTopics ? List.of() : topics);
        }
        Map<String, @Nullable String> changedTags = new LinkedHashMap<>(tags);
        untag.forEach(tag -> changedTags.put(tag, null));
        if (!changedTags.isEmpty()) {
            fields.put("tags", changedTags);
        }
        return fields;
    }

    private Map<String, @Nullable Object> issuance() {
        Map<String, @Nullable Object> issuance = new LinkedHashMap<>();
        put(issuance, "issued", certificates);
        if (!keyTypes.isEmpty()) {
            issuance.put("keyTypes", keyTypes.stream().map(KeyType::name).toList());
        }
        put(issuance, "validDays", validDays);
        put(issuance, "validDaysMax", validDaysMax);
        put(issuance, "sameKeyRenewal", sameKeyRenewal);
        return issuance;
    }

    private static void put(
            Map<String, @Nullable Object> fields, String name, @Nullable Boolean flag) {
        if (flag != null) {
            fields.put(name, flag);
        }
    }

    /** Null is sent where it means something. */
    private static void put(
            Map<String, @Nullable Object> fields, String name, @Nullable Setting setting) {
        if (setting != null) {
            fields.put(name, setting.value());
        }
    }
}
