package io.muster.hub.cli.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.CommandFailedException;
import io.muster.hub.cli.options.PageOptions;
import io.muster.hub.client.ManagementClient;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster certificate}: the certificates of devices. */
@Command(
        name = "certificate",
        description = "Issues, shows, finds and revokes certificates of devices.",
        subcommands = AuthoritiesCommand.class)
public final class CertificateCommand {

    private static final String PRODUCTS = "products";
    private static final String DEVICES = "devices";
    private static final String CERTIFICATES = "certificates";
    private static final String REVOKE = "revoke";

    private static final String[] COLUMNS = {
        "serial", "productKey", "deviceKey", "status", "notBefore", "notAfter", "issuer"
    };

    /** A request of RSA-4096 has 2 KiB. */
    private static final int LONGEST_REQUEST = 16 * 1024;

    /** What the hub takes of a certificate with those of its issuers. */
    private static final int LONGEST_CHAIN = 48 * 1024;

    /** Which certificate, if several authorities have given its number. */
    static final class IssuerOption {

        @Option(
                names = "--issuer",
                paramLabel = "ISSUER",
                description =
                        "Who issued it, as search says, or its name in the configuration (default:"
                                + " whoever gave this number, of those that are trusted). Needed"
                                + " for one that is bound to no device.")
        private @Nullable String issuer;

        private Optional<String> query() {
            return Optional.ofNullable(issuer)
                    .map(name -> "issuer=" + URLEncoder.encode(name, StandardCharsets.UTF_8));
        }
    }

    /** What a certificate is to be like. */
    static final class Wishes {

        @Option(
                names = "--csr",
                paramLabel = "FILE",
                description = "The certification request, PEM; - reads it from standard input.")
        private @Nullable String csr;

        @Option(
                names = "--days",
                paramLabel = "N",
                description = "How long it is to be good (default: as the product says).")
        private @Nullable Integer days;

        @Option(
                names = "--issuer",
                paramLabel = "RSA|EC",
                description = "With what it is signed (default: as its own key).")
        private @Nullable String issuer;

        @Option(
                names = "--out",
                paramLabel = "FILE",
                description = "Writes it there, with the certificates of its issuers behind it.")
        private @Nullable Path out;

        private Map<String, Object> fields() {
            Map<String, Object> fields = new LinkedHashMap<>();
            if (csr != null) {
                fields.put("csr", PemInput.read(csr, LONGEST_REQUEST));
            }
            if (days != null) {
                fields.put("validDays", days);
            }
            if (issuer != null) {
                fields.put("issuer", issuer);
            }
            return fields;
        }

        /** What is written to a file is not shown besides. */
        private void show(ApiOptions api, JsonNode issued) {
            if (out != null) {
                String pem = issued.path("certificate").asText() + issued.path("chain").asText();
                try {
                    Files.writeString(out, pem);
                } catch (IOException e) {
                    throw new CommandFailedException(out + " cannot be written: " + e.getMessage());
                }
                if (issued instanceof ObjectNode fields) {
                    fields.remove(List.of("certificate", "chain"));
                }
            }
            api.output().show(issued);
        }
    }

    @Command(name = "issue", description = "Issues a certificate for a device.")
    int issue(
            @Mixin ApiOptions api,
            @Parameters(index = "0", paramLabel = "PK", description = "Product key.")
                    String productKey,
            @Parameters(index = "1", paramLabel = "DK", description = "Device key.")
                    String deviceKey,
            @Mixin Wishes wishes) {
        if (wishes.csr == null) {
            throw api.wrongUsage("--csr FILE is needed");
        }
        wishes.show(
                api,
                api.client()
                        .post(
                                wishes.fields(),
                                PRODUCTS,
                                productKey,
                                DEVICES,
                                deviceKey,
                                CERTIFICATES));
        return ExitCode.OK;
    }

    @Command(
            name = "bind",
            description =
                    "Binds a certificate of another authority to a device, which it then lets in.")
    int bind(
            @Mixin ApiOptions api,
            @Parameters(index = "0", paramLabel = "PK", description = "Product key.")
                    String productKey,
            @Parameters(index = "1", paramLabel = "DK", description = "Device key.")
                    String deviceKey,
            @Parameters(
                            index = "2",
                            paramLabel = "FILE",
                            description =
                                    "The certificate, PEM, with those of its issuers behind it or"
                                            + " without; - reads it from standard input.")
                    String file) {
        api.output()
                .show(
                        api.client()
                                .post(
                                        Map.of("certificate", PemInput.read(file, LONGEST_CHAIN)),
                                        PRODUCTS,
                                        productKey,
                                        DEVICES,
                                        deviceKey,
                                        CERTIFICATES,
                                        "bind"));
        return ExitCode.OK;
    }

    @Command(name = "renew", description = "Issues a certificate in the place of another one.")
    int renew(
            @Mixin ApiOptions api,
            @Parameters(index = "0", paramLabel = "PK", description = "Product key.")
                    String productKey,
            @Parameters(index = "1", paramLabel = "DK", description = "Device key.")
                    String deviceKey,
            @Parameters(index = "2", paramLabel = "SERIAL", description = "The one before.")
                    String serial,
            @Mixin Wishes wishes) {
        wishes.show(
                api,
                api.client()
                        .post(
                                wishes.fields(),
                                PRODUCTS,
                                productKey,
                                DEVICES,
                                deviceKey,
                                CERTIFICATES,
                                serial,
                                "renew"));
        return ExitCode.OK;
    }

    @Command(name = "list", description = "Lists the certificates of a device.")
    int list(
            @Mixin ApiOptions api,
            @Mixin PageOptions page,
            @Parameters(index = "0", paramLabel = "PK", description = "Product key.")
                    String productKey,
            @Parameters(index = "1", paramLabel = "DK", description = "Device key.")
                    String deviceKey) {
        api.output()
                .list(
                        api.client()
                                .list(
                                        page.after(),
                                        page.limit(),
                                        PRODUCTS,
                                        productKey,
                                        DEVICES,
                                        deviceKey,
                                        CERTIFICATES),
                        "serial",
                        "issuer",
                        "status",
                        "notBefore",
                        "notAfter",
                        "usedAt",
                        "supersededBy",
                        "reason");
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows a certificate.")
    int show(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "SERIAL", description = "Its serial number.") String serial,
            @Mixin IssuerOption issuer) {
        ManagementClient client = api.client();
        api.output()
                .show(
                        issuer.query()
                                .map(query -> client.getWith(query, CERTIFICATES, serial))
                                .orElseGet(() -> client.get(CERTIFICATES, serial)));
        return ExitCode.OK;
    }

    @Command(name = "search", description = "Finds certificates.")
    int search(
            @Mixin ApiOptions api,
            @Mixin PageOptions page,
            @Parameters(
                            paramLabel = "PK",
                            arity = "0..1",
                            description = "Product key (default: all products).")
                    Optional<String> productKey,
            @Option(names = "--device", paramLabel = "DK", description = "Of this device only.")
                    Optional<String> deviceKey,
            @Option(
                            names = "--status",
                            paramLabel = "STATUS",
                            description = "VALID, REVOKED or RESERVED.")
                    Optional<String> status,
            @Option(
                            names = "--expires-before",
                            paramLabel = "TIME",
                            description =
                                    "Which end before this time, such as 2030-01-31T00:00:00Z; with"
                                            + " --status.")
                    Optional<String> expiresBefore) {
        List<String> parameters = new ArrayList<>();
        productKey.ifPresent(key -> parameters.add("productKey=" + key));
        deviceKey.ifPresent(key -> parameters.add("deviceKey=" + key));
        status.ifPresent(word -> parameters.add("status=" + word));
        expiresBefore.ifPresent(time -> parameters.add("expiresBefore=" + time));
        api.output()
                .list(
                        api.client().search(page.after(), page.limit(), parameters, CERTIFICATES),
                        COLUMNS);
        return ExitCode.OK;
    }

    @Command(name = "expiring", description = "Lists certificates that expire soon, next first.")
    int expiring(
            @Mixin ApiOptions api,
            @Mixin PageOptions page,
            @Parameters(
                            paramLabel = "PK",
                            arity = "0..1",
                            description = "Product key (default: all products).")
                    Optional<String> productKey,
            @Option(
                            names = "--days",
                            paramLabel = "N",
                            defaultValue = "30",
                            description = "Within so many days (default: ${DEFAULT-VALUE}).")
                    int days) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<String> parameters = new ArrayList<>();
        productKey.ifPresent(key -> parameters.add("productKey=" + key));
        parameters.add("status=VALID");
        parameters.add("expiresFrom=" + now);
        parameters.add("expiresBefore=" + now.plus(Duration.ofDays(days)));
        api.output()
                .list(
                        api.client().search(page.after(), page.limit(), parameters, CERTIFICATES),
                        COLUMNS);
        return ExitCode.OK;
    }

    @Command(
            name = "revoke",
            description = "Revokes a certificate, or all of a device or a product, for ever.")
    int revoke(
            @Mixin ApiOptions api,
            @Parameters(paramLabel = "SERIAL", arity = "0..1", description = "Its serial number.")
                    Optional<String> serial,
            @Option(
                            names = "--all-of",
                            paramLabel = "PK[/DK]",
                            description = "All of a product, or of a device.")
                    Optional<String> owner,
            @Option(
                            names = "--reason",
                            paramLabel = "REASON",
                            description =
                                    "keyCompromise, affiliationChanged, superseded,"
                                            + " cessationOfOperation or privilegeWithdrawn"
                                            + " (default: none).")
                    Optional<String> reason,
            @Option(
                            names = "--compromised-at",
                            paramLabel = "TIME",
                            description =
                                    "With --reason keyCompromise of one: since when others may know"
                                            + " the key, such as 2030-01-31T00:00:00Z; what was got"
                                            + " by means of it before stays (default: nothing).")
                    Optional<String> compromisedAt,
            @Mixin IssuerOption issuer) {
        if (serial.isPresent() == owner.isPresent()) {
            throw api.wrongUsage("say SERIAL, or --all-of PK or PK/DK");
        }
        boolean isOfOne = issuer.query().isPresent() || compromisedAt.isPresent();
        if (owner.isPresent() && isOfOne) {
            throw api.wrongUsage("--issuer and --compromised-at go with SERIAL");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        reason.ifPresent(word -> fields.put("reason", word));
        compromisedAt.ifPresent(time -> fields.put("compromisedAt", time));
        ManagementClient client = api.client();
        JsonNode answer =
                serial.isPresent()
                        ? revoke(client, fields, issuer, serial.get())
                        : revokeAll(client, fields, owner.orElseThrow().split("/", 2));
        api.output().show(answer);
        return ExitCode.OK;
    }

    private static JsonNode revoke(
            ManagementClient client,
            Map<String, Object> fields,
            IssuerOption issuer,
            String serial) {
        return issuer.query()
                .map(query -> client.postWith(query, fields, CERTIFICATES, serial, REVOKE))
                .orElseGet(() -> client.post(fields, CERTIFICATES, serial, REVOKE));
    }

    /** The hub goes on until all are revoked; who asks again waits for that. */
    private static JsonNode revokeAll(
            ManagementClient client, Map<String, Object> fields, String[] owner) {
        if (owner.length == 2) {
            return client.post(fields, PRODUCTS, owner[0], DEVICES, owner[1], CERTIFICATES, REVOKE);
        }
        JsonNode answer;
        do {
            answer = client.post(fields, PRODUCTS, owner[0], CERTIFICATES, REVOKE);
        } while (!answer.path("done").asBoolean(true));
        return answer;
    }
}
