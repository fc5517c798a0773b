package io.muster.hub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.openapi.ApiContract;
import io.muster.hub.openapi.ApiContract.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What operators can do by the management API they can do by the command line. */
class VerbsTest {

    private static final String PRODUCT = "/api/v1/products/{productKey}";
    private static final String DEVICE = PRODUCT + "/devices/{deviceKey}";
    private static final String SUB_DEVICE = DEVICE + "/subdevices/{subProductKey}/{subDeviceKey}";

    /** An operation, and a command that calls it; FILE is a file of devices. */
    record Verb(String operation, String command) {}

    private static final List<Verb> VERBS =
            List.of(
                    new Verb("GET /api/v1/products", "product list"),
                    new Verb("POST /api/v1/products", "product create pk"),
                    new Verb("GET " + PRODUCT, "product show pk"),
                    new Verb("PATCH " + PRODUCT, "product update pk --name n"),
                    new Verb("DELETE " + PRODUCT, "product delete pk"),
                    new Verb("GET " + PRODUCT + "/secret", "product show pk --secret"),
                    new Verb("POST " + PRODUCT + "/secret", "product rotate-secret pk"),
                    new Verb("POST " + PRODUCT + "/import", "device import pk FILE"),
                    new Verb("GET /api/v1/devices", "device list"),
                    new Verb("GET " + PRODUCT + "/devices", "device list pk"),
                    new Verb("POST " + PRODUCT + "/devices", "device create pk dk"),
                    new Verb("GET " + DEVICE, "device show pk dk"),
                    new Verb("PATCH " + DEVICE, "device update pk dk --name n"),
                    new Verb("DELETE " + DEVICE, "device delete pk dk"),
                    new Verb("GET " + DEVICE + "/secret", "device show pk dk --secret"),
                    new Verb("POST " + DEVICE + "/secret", "device rotate-secret pk dk"),
                    new Verb("POST " + DEVICE + "/disable", "device disable pk dk"),
                    new Verb("POST " + DEVICE + "/enable", "device enable pk dk"),
                    new Verb("GET " + DEVICE + "/subdevices", "device subdevices pk dk"),
                    new Verb("PUT " + SUB_DEVICE, "device subdevices pk dk --add pk/sub"),
                    new Verb("DELETE " + SUB_DEVICE, "device subdevices pk dk --remove pk/sub"),
                    new Verb("GET " + DEVICE + "/attributes", "device attributes pk dk"),
                    new Verb(
                            "PATCH " + DEVICE + "/attributes", "device attributes pk dk --set a=1"),
                    new Verb("GET " + DEVICE + "/tags", "device tags pk dk"),
                    new Verb("PATCH " + DEVICE + "/tags", "device tags pk dk --set a=b"),
                    new Verb(
                            "POST " + DEVICE + "/commands", "device command pk dk thing.service.a"),
                    new Verb("POST " + DEVICE + "/raw", "device raw pk dk --hex 00"),
                    new Verb("GET " + DEVICE + "/firmware", "firmware reported pk dk"),
                    new Verb("POST " + DEVICE + "/firmware", "firmware push pk dk 1.3"),
                    new Verb("GET " + PRODUCT + "/firmware", "firmware list pk"),
                    new Verb("GET " + PRODUCT + "/firmware/{version}", "firmware show pk 1.3"),
                    new Verb(
                            "PUT " + PRODUCT + "/firmware/{version}",
                            "firmware offer pk 1.3 --url http://h/f --size 1 --sign"
                                    + " d41d8cd98f00b204e9800998ecf8427e"),
                    new Verb(
                            "DELETE " + PRODUCT + "/firmware/{version}",
                            "firmware withdraw pk 1.3"),
                    new Verb("GET " + DEVICE + "/certificates", "certificate list pk dk"),
                    new Verb(
                            "POST " + DEVICE + "/certificates",
                            "certificate issue pk dk --csr FILE"),
                    new Verb(
                            "POST " + DEVICE + "/certificates/bind", "certificate bind pk dk FILE"),
                    new Verb(
                            "POST " + DEVICE + "/certificates/{serial}/renew",
                            "certificate renew pk dk 0123456789abcdef"),
                    new Verb(
                            "POST " + DEVICE + "/certificates/revoke",
                            "certificate revoke --all-of pk/dk"),
                    new Verb(
                            "POST " + PRODUCT + "/certificates/revoke",
                            "certificate revoke --all-of pk"),
                    new Verb("GET /api/v1/certificates", "certificate search"),
                    new Verb(
                            "GET /api/v1/certificates/{serial}",
                            "certificate show 0123456789abcdef"),
                    new Verb(
                            "POST /api/v1/certificates/{serial}/revoke",
                            "certificate revoke 0123456789abcdef"),
                    new Verb("GET /api/v1/certificates/authorities", "certificate authorities"),
                    new Verb(
                            "POST /api/v1/certificates/authorities/rollover",
                            "certificate authorities rollover device-ec"),
                    new Verb(
                            "POST /api/v1/certificates/authorities/{name}/retire",
                            "certificate authorities retire device-ec-g1"),
                    new Verb(
                            "POST /api/v1/certificates/authorities/{name}/revoke",
                            "certificate authorities revoke device-ec-g1"),
                    new Verb(
                            "POST /api/v1/certificates/authorities/{name}/destroy",
                            "certificate authorities destroy device-ec-g1"),
                    new Verb("GET /api/v1/applications", "app list"),
                    new Verb("POST /api/v1/applications", "app create a"),
                    new Verb("GET /api/v1/applications/{username}", "app show a"),
                    new Verb("PATCH /api/v1/applications/{username}", "app set-roles a r"),
                    new Verb("DELETE /api/v1/applications/{username}", "app delete a"),
                    new Verb("PUT /api/v1/applications/{username}/password", "app set-password a"),
                    new Verb("POST /api/v1/applications/{username}/disable", "app disable a"),
                    new Verb("POST /api/v1/applications/{username}/enable", "app enable a"),
                    new Verb("GET /api/v1/roles", "role list"),
                    new Verb("GET /api/v1/roles/{role}", "role show r"),
                    new Verb("PUT /api/v1/roles/{role}", "role put r"),
                    new Verb("DELETE /api/v1/roles/{role}", "role delete r"),
                    new Verb("GET /api/v1/clients", "client list"),
                    new Verb("GET /api/v1/clients/{clientId}", "client show c"),
                    new Verb("DELETE /api/v1/clients/{clientId}", "client disconnect c"),
                    new Verb("GET /api/v1/bars", "bar list"),
                    new Verb("DELETE /api/v1/bars/{id}", "bar lift name/192.0.2.1/c"),
                    new Verb("GET /api/v1/drain", "drain --status"),
                    new Verb("POST /api/v1/drain", "drain"),
                    new Verb("DELETE /api/v1/drain", "drain --stop"),
                    new Verb("GET /api/v1/me", "account me"),
                    new Verb("PATCH /api/v1/me", "account set-my-password --user anna"),
                    new Verb("GET /api/v1/accounts", "account list"),
                    new Verb("POST /api/v1/accounts", "account create a --role read"),
                    new Verb("GET /api/v1/accounts/{username}", "account show a"),
                    new Verb("PATCH /api/v1/accounts/{username}", "account update a --role read"),
                    new Verb("DELETE /api/v1/accounts/{username}", "account delete a"),
                    new Verb("GET /api/v1/api-keys", "api-key list"),
                    new Verb("POST /api/v1/api-keys", "api-key create --role read"),
                    new Verb("GET /api/v1/api-keys/{id}", "api-key show k"),
                    new Verb("PATCH /api/v1/api-keys/{id}", "api-key update k --name n"),
                    new Verb("DELETE /api/v1/api-keys/{id}", "api-key delete k"),
                    new Verb("POST /api/v1/api-keys/{id}/secret", "api-key rotate-secret k"),
                    new Verb("GET /api/v1/audit", "audit"));

    /** For devices, which have no command line; operators say the serial number alone. */
    private static final Set<String> OF_DEVICES =
            Set.of(
                    "GET " + DEVICE + "/certificates/{serial}",
                    "POST " + DEVICE + "/certificates/{serial}/revoke");

    private final FakeHub hub = new FakeHub();
    @TempDir private Path data = Path.of("");

    @BeforeEach
    void writeToken() throws IOException {
        Files.writeString(data.resolve("operator-token"), FakeHub.TOKEN + "\n");
        Files.writeString(data.resolve("devices.csv"), "deviceKey\na\n");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void thereIsOneForEachOperation() {
        Stream<String> operations =
                ApiContract.shared()
                        .operations()
                        .filter(operation -> operation.path().startsWith("/api/v1/"))
                        .map(Operation::toString)
                        .filter(operation -> !OF_DEVICES.contains(operation));

        assertThat(VERBS).extracting(Verb::operation).hasSameElementsAs(operations.toList());
    }

    static List<Verb> verbs() {
        return VERBS;
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void callsItsOperation(Verb verb) {
        Map<String, String> environment =
                Map.of("MUSTER_DATA", data.toString(), "MUSTER_MANAGEMENT_PORT", "" + hub.port());
        String command = verb.command().replace("FILE", data.resolve("devices.csv").toString());

        CommandRun run =
                CommandRun.of(environment, "before\nafter the storm\n", command.split(" "));

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(hub.operations()).extracting(Operation::toString).contains(verb.operation());
    }
}
