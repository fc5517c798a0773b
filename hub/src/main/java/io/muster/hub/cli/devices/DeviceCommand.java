package io.muster.hub.cli.devices;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.bulk.Column;
import io.muster.hub.bulk.DeviceFormat;
import io.muster.hub.cli.options.AnswerTimeout;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.cli.options.OverlapOption;
import io.muster.hub.cli.options.PageOptions;
import io.muster.hub.cli.options.RevisionOption;
import io.muster.hub.client.ManagementClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster device}: the devices of products. */
@Command(
        name = "device",
        description = "Creates, shows, commands, disables, enables and deletes devices.")
public final class DeviceCommand {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private static final String PRODUCTS = "products";
    private static final String DEVICES = "devices";

    /** Which device is meant. */
    private static final class Name {

        @Parameters(index = "0", paramLabel = "PK", description = "Product key.")
        private String productKey = "";

        @Parameters(index = "1", paramLabel = "DK", description = "Device key.")
        private String deviceKey = "";

        /** Where the device is in the management API, or something of it. */
        private String[] path(String... rest) {
            return Stream.concat(
                            Stream.of(PRODUCTS, productKey, DEVICES, deviceKey), Stream.of(rest))
                    .toArray(String[]::new);
        }

        @Override
        public String toString() {
            return productKey + "/" + deviceKey;
        }
    }

    @Command(name = "create", description = "Creates a device and shows its secret.")
    int create(@Mixin ApiOptions api, @Mixin NewDevice device) {
        Map<String, Object> fields = device.fields(api.root());
        api.output().show(api.client().post(fields, PRODUCTS, device.productKey(), DEVICES));
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists devices of a product, or of all.")
    int list(
            @Mixin ApiOptions api,
            @Mixin PageOptions page,
            @Mixin SearchOptions search,
            @Parameters(
                            paramLabel = "PK",
                            arity = "0..1",
                            description = "Product key (default: all products).")
                    Optional<String> productKey,
            @Option(names = "--show-tags", description = "With their tags.") boolean showTags) {
        String[] path =
                productKey
                        .map(key -> new String[] {PRODUCTS, key, DEVICES})
                        .orElseGet(() -> new String[] {DEVICES});
        List<String> parameters = new ArrayList<>(search.parameters());
        if (showTags) {
            parameters.add("tags=true");
        }
        JsonNode answer = api.client().search(page.after(), page.limit(), parameters, path);
        List<String> columns = new ArrayList<>(List.of("deviceKey", "name", "state", "stateSince"));
        columns.addAll(List.of("lastOnlineAt", "lastAddress", "createdAt"));
        if (productKey.isEmpty()) {
            columns.add(0, "productKey");
        }
        if (showTags) {
            columns.add("tags");
        }
        api.output().list(answer, columns.toArray(String[]::new));
        return ExitCode.OK;
    }

    @Command(name = "update", description = "Changes the name of a device.")
    int update(
            @Mixin ApiOptions api,
            @Mixin Name name,
            @Option(
                            names = "--name",
                            paramLabel = "NAME",
                            required = true,
                            description = "A name for people; empty for none.")
                    String text,
            @Mixin RevisionOption revision) {
        Map<String, @Nullable String> change = new LinkedHashMap<>();
        change.put("name", text.isEmpty() ? null : text);
        api.output().show(api.client(revision).patch(change, name.path()));
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows a device and its state.")
    int show(
            @Mixin ApiOptions api,
            @Mixin Name name,
            @Option(names = "--secret", description = "Shows the secret too.") boolean secret) {
        ManagementClient client = api.client();
        JsonNode device = client.get(name.path());
        if (secret && device instanceof ObjectNode fields) {
            fields.setAll((ObjectNode) client.get(name.path("secret")));
        }
        api.output().show(device);
        return ExitCode.OK;
    }

    @Command(
            name = "disable",
            description = "Closes the connection of a device and lets it in no more.")
    int disable(@Mixin ApiOptions api, @Mixin RevisionOption revision, @Mixin Name name) {
        return act("disable", api, revision, name);
    }

    @Command(name = "enable", description = "Lets a disabled device in again.")
    int enable(@Mixin ApiOptions api, @Mixin RevisionOption revision, @Mixin Name name) {
        return act("enable", api, revision, name);
    }

    @Command(
            name = "command",
            description = "Asks a connected device to do something, and shows its answer.")
    int command(
            @Mixin ApiOptions api,
            @Mixin Name name,
            @Parameters(
                            index = "2",
                            paramLabel = "METHOD",
                            description =
                                    "thing.service.NAME, thing.service.measurepoint.set or .get,"
                                            + " ota.device.upgrade or traffic.control.")
                    String method,
            @Parameters(
                            index = "3",
                            paramLabel = "JSON",
                            arity = "0..1",
                            defaultValue = "{}",
                            description = "Its parameters (default: ${DEFAULT-VALUE}).")
                    String params,
            @Mixin AnswerTimeout timeout) {
        Map<String, Object> command = new LinkedHashMap<>();
        command.put("method", method);
        command.put("params", json(params));
        command.put("timeoutSeconds", timeout.seconds());
        api.output().show(api.client().post(command, name.path("commands")));
        return ExitCode.OK;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new CommandFailedException("JSON is not valid: " + e.getOriginalMessage());
        }
    }

    @Command(
            name = "raw",
            description = "Sends bytes to a connected device that does not speak JSON.")
    int raw(@Mixin ApiOptions api, @Mixin Name name, @ArgGroup(multiplicity = "1") Bytes bytes) {
        api.client().postBytes(bytes.read(), name.path("raw"));
        api.output().show(Map.of("sent", name.toString()));
        return ExitCode.OK;
    }

    /** What to send; one of them. */
    static final class Bytes {

        @Option(
                names = "--hex",
                paramLabel = "DIGITS",
                description = "Bytes as hexadecimal digits.")
        private @Nullable String hex;

        @Option(names = "--file", paramLabel = "FILE", description = "A file with the bytes.")
        private @Nullable Path file;

        private byte[] read() {
            try {
                return hex != null
                        ? HexFormat.of().parseHex(hex)
                        : Files.readAllBytes(Objects.requireNonNull(file));
            } catch (IllegalArgumentException e) {
                throw new CommandFailedException(
                        "--hex is not an even number of hexadecimal digits");
            } catch (IOException e) {
                throw new CommandFailedException(file + " cannot be read");
            }
        }
    }

    @Command(name = "attributes", description = "Shows and changes what a device says of itself.")
    int attributes(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Mixin Name name,
            @Option(
                            names = "--set",
                            paramLabel = "NAME=JSON",
                            description = "Sets an attribute: a=1, b='\"text\"', c='{\"d\":2}'.")
                    @Nullable Map<String, String> set,
            @Option(names = "--remove", paramLabel = "NAME", description = "Removes an attribute.")
                    @Nullable List<String> removed) {
        Map<String, @Nullable Object> changes = removed(removed);
        if (set != null) {
            set.forEach((attribute, text) -> changes.put(attribute, json(text)));
        }
        return values(api, revision, changes, name.path("attributes"));
    }

    @Command(name = "tags", description = "Shows and changes the tags of a device.")
    int tags(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Mixin Name name,
            @Option(names = "--set", paramLabel = "NAME=VALUE", description = "Sets a tag.")
                    @Nullable Map<String, String> set,
            @Option(names = "--remove", paramLabel = "NAME", description = "Removes a tag.")
                    @Nullable List<String> removed) {
        Map<String, @Nullable Object> changes = removed(removed);
        if (set != null) {
            changes.putAll(set);
        }
        return values(api, revision, changes, name.path("tags"));
    }

    private static Map<String, @Nullable Object> removed(@Nullable List<String> names) {
        Map<String, @Nullable Object> changes = new LinkedHashMap<>();
        if (names != null) {
            names.forEach(each -> changes.put(each, null));
        }
        return changes;
    }

    private static int values(
            ApiOptions api,
            RevisionOption revision,
            Map<String, @Nullable Object> changes,
            String[] path) {
        ManagementClient client = api.client(revision);
        api.output().show(changes.isEmpty() ? client.get(path) : client.patch(changes, path));
        return ExitCode.OK;
    }

    @Command(
            name = "rotate-secret",
            description = "Gives a device a new secret and shows it; the one before ends later.")
    int rotateSecret(
            @Mixin ApiOptions api,
            @Mixin RevisionOption revision,
            @Mixin OverlapOption overlap,
            @Mixin Name name,
            @Option(
                            names = "--disconnect",
                            negatable = true,
                            description = {
                                "Closes its connection, or not",
                                "(default: if there is no overlap)."
                            })
                    @Nullable Boolean disconnect) {
        Map<String, Object> change = overlap.fields();
        if (disconnect != null) {
            change.put("disconnect", disconnect);
        }
        api.output().show(api.client(revision).post(change, name.path("secret")));
        return ExitCode.OK;
    }

    @Command(
            name = "delete",
            description = "Deletes a device, its connection and all that waits for it, for good.")
    int delete(@Mixin ApiOptions api, @Mixin RevisionOption revision, @Mixin Name name) {
        api.client(revision).delete(name.path());
        api.output().show(Map.of("deleted", name.toString()));
        return ExitCode.OK;
    }

    @Command(
            name = "import",
            description = "Creates the devices of a file, .csv or .jsonl: all of them, or none.")
    int importDevices(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Parameters(
                            paramLabel = "FILE",
                            description =
                                    "Columns deviceKey and, if you like, deviceSecret, name,"
                                            + " tags, attributes, state.")
                    Path file) {
        api.output().show(new DeviceFiles(api.client().patiently()).importFrom(file, productKey));
        return ExitCode.OK;
    }

    @Command(
            name = "export",
            description = "Writes the devices of a product to standard output, to be imported.")
    int exportDevices(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "PK", description = "Product key.") String productKey,
            @Option(names = "--secrets", description = "With their secrets.") boolean secrets,
            @Option(names = "--details", description = "With their times and last connections.")
                    boolean details,
            @Option(names = "--jsonl", description = "As JSON lines (default: CSV).")
                    boolean jsonLines) {
        new DeviceFiles(api.client())
                .exportTo(
                        api.output().out(),
                        jsonLines ? DeviceFormat.JSON_LINES : DeviceFormat.CSV,
                        productKey,
                        Column.written(secrets, details));
        return ExitCode.OK;
    }

    @Command(
            name = "subdevices",
            description = "Lists the devices that a gateway speaks for, and changes them.")
    int subDevices(
            @Mixin ApiOptions api,
            @Mixin PageOptions page,
            @Mixin Name name,
            @Option(
                            names = "--add",
                            paramLabel = "PK/DK",
                            description = "Has the gateway speak for this device.")
                    @Nullable String added,
            @Option(
                            names = "--remove",
                            paramLabel = "PK/DK",
                            description = "Has the gateway speak for this device no more.")
                    @Nullable String removed) {
        if (added != null) {
            api.output().show(api.client().put(name.path(subDevice(added))));
        }
        if (removed != null) {
            api.client().delete(name.path(subDevice(removed)));
            api.output().show(Map.of("removed", removed));
        }
        if (added == null && removed == null) {
            JsonNode answer =
                    api.client().list(page.after(), page.limit(), name.path("subdevices"));
            api.output().list(answer, "productKey", "deviceKey", "state", "signedIn", "addedAt");
        }
        return ExitCode.OK;
    }

    private static String[] subDevice(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash + 1 == text.length()) {
            throw new CommandFailedException("'" + text + "' is not productKey/deviceKey");
        }
        return new String[] {"subdevices", text.substring(0, slash), text.substring(slash + 1)};
    }

    private static int act(String action, ApiOptions api, RevisionOption revision, Name name) {
        api.output().show(api.client(revision).post(Map.of(), name.path(action)));
        return ExitCode.OK;
    }
}
